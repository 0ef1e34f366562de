//! The laws, against scipy 1.17.1 (`scipy.stats.t.sf`, `norm.isf`, `chi2.sf` …, mpmath where scipy
//! itself loses digits).

use crate::stats::distributions::{
    chi_square_tail, find_root, gauss_legendre, normal_tail, normal_tail_quantile, t_tail, t_tail_quantile,
};
use crate::stats::sequential::Ruler;
use crate::stats::{Confidence, Looks};

fn close(found: f64, expected: f64, relative: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "{found:e} is not {expected:e} to {relative:e}"
    );
}

#[test]
fn tails_of_t_agree_with_mpmath() {
    for (t, df, expected) in include!("t_tails.in") {
        close(t_tail(t, df), expected, 2e-12);
    }
}

#[test]
fn quantiles_of_t_invert_its_tail() {
    for df in [1.0, 1.5, 3.0, 18.0337, 195.0, 5841.74, 499.0, 501.0, 99_999.0, 1e7] {
        for tail in [0.4999, 0.4, 0.1, 0.05, 0.025, 1e-3, 1e-6, 1e-12] {
            close(t_tail(t_tail_quantile(tail, df), df), tail, 1e-12);
        }
        close(t_tail_quantile(0.975, df), -t_tail_quantile(0.025, df), 1e-13);
    }
}

#[test]
fn normal_agrees_with_scipy() {
    close(normal_tail_quantile(0.025), 1.959_963_984_540_054, 1e-15);
    close(normal_tail_quantile(1e-10), 6.361_340_902_404_056, 1e-14);
    close(normal_tail(1.959_963_984_540_054), 0.025, 1e-14);
    close(normal_tail(10.0), 7.619_853_024_160_527e-24, 1e-13);
    assert_eq!(normal_tail_quantile(0.0), f64::INFINITY);
}

#[test]
fn chi_square_agrees_with_scipy() {
    close(chi_square_tail(3.84, 1.0), 0.050_043_521_248_705_19, 1e-12);
    close(chi_square_tail(40.0, 3.0), 1.065_509_033_425_613_5e-8, 1e-10);
}

#[test]
fn a_rule_of_sixteen_points_is_exact_for_degree_31() {
    let integral: f64 = gauss_legendre(16).iter().map(|(x, w)| w * x.powi(30)).sum();
    close(integral, 2.0 / 31.0, 1e-13);
}

#[test]
fn a_root_needs_a_change_of_sign() {
    assert_eq!(find_root(|x| x * x + 1.0, -1.0, 1.0), None);
    close(find_root(|x| x * x - 2.0, 0.0, 2.0).unwrap(), 2f64.sqrt(), 1e-15);
}

#[test]
fn few_units_keep_the_tail_of_every_look() {
    let confidence = Confidence::new(0.95).unwrap();
    let looks = Looks::AlwaysValid { optimised_for_n: 400.0, n_total: 60.0 };
    let many = Ruler::two_sided(&looks, confidence).unwrap();
    let few = many.clone().for_few_units();
    // rho2 = (-2*log(.05) + log(1-2*log(.05)))/400; s = 60*rho2
    // z = sqrt(2*(s+1)/s*log(sqrt(s+1)/.05)); t.isf(norm.sf(z), df)
    close(many.critical(5.0), 3.530_903_924_866_272, 1e-12);
    for (df, t) in
        [(3.0, 17.393_721_911_093_982), (12.5, 4.761_032_196_128_238_5), (58.0, 3.747_013_916_044_350_1)]
    {
        close(few.critical(df), t, 1e-11);
        // A statistic at the critical value is worth just alpha.
        close(few.p_two_sided(t, df).unwrap(), 0.05, 1e-8);
        assert!(
            few.p_of_side(t * 1.001, df).unwrap() < 0.025 && few.p_of_side(t * 0.999, df).unwrap() > 0.025
        );
    }
    close(few.critical(1e9), 3.530_903_924_866_272, 1e-7);
    let one = Ruler::two_sided(&Looks::Fixed, confidence).unwrap();
    assert_eq!(one.critical(7.0), one.clone().for_few_units().critical(7.0));
}
