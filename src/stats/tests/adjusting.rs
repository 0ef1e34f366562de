//! Covariate adjustment against brute force on rows.

use crate::stats::{AdjustedMoments, adjusted_arms};

/// (y, pre or none) of two cohorts; invented, with a strong dependence on the pre-period.
const ROWS: [[(f64, Option<f64>); 8]; 2] = [
    [
        (5.1, Some(4.0)),
        (7.2, Some(6.5)),
        (3.9, Some(3.1)),
        (9.5, Some(9.0)),
        (6.0, None),
        (4.0, None),
        (8.8, Some(8.1)),
        (5.5, Some(5.0)),
    ],
    [
        (6.3, Some(5.0)),
        (8.1, Some(7.0)),
        (4.2, Some(3.0)),
        (7.7, None),
        (9.9, Some(8.8)),
        (5.0, Some(4.1)),
        (6.6, Some(6.2)),
        (10.4, Some(9.5)),
    ],
];

/// Regression of y on (pre with the mean put in, indicator), slopes common to both cohorts, by
/// the normal equations on residuals within cohorts; the variance of the residuals within each.
fn brute_force() -> [(f64, f64); 2] {
    let linearised = |cohort: &[(f64, Option<f64>)]| {
        let n = cohort.len() as f64;
        let mean = cohort.iter().map(|r| r.0).sum::<f64>() / n;
        let with: Vec<f64> = cohort.iter().filter_map(|r| r.1).collect();
        let share = with.len() as f64 / n;
        let mean_pre = with.iter().sum::<f64>() / with.len() as f64;
        // Influence on the mean, on the mean of those with a pre-period, and the indicator's.
        let rows: Vec<[f64; 3]> = cohort
            .iter()
            .map(|(y, pre)| {
                [
                    y - mean,
                    pre.map_or(0.0, |p| (p - mean_pre) / share),
                    f64::from(u8::from(pre.is_some())) - share,
                ]
            })
            .collect();
        (n, mean, mean_pre, share, rows)
    };
    let parts = ROWS.map(|cohort| linearised(&cohort));
    let covariance = |i: usize, j: usize| -> f64 {
        parts.iter().map(|(n, .., rows)| rows.iter().map(|r| r[i] * r[j]).sum::<f64>() / (n - 1.0)).sum()
    };
    assert!(covariance(1, 2).abs() < 1e-12, "the indicator stands alone");
    let theta = covariance(0, 1) / covariance(1, 1);
    let gamma = covariance(0, 2) / covariance(2, 2);
    let all: Vec<f64> = ROWS.iter().flatten().filter_map(|r| r.1).collect();
    let pooled = all.iter().sum::<f64>() / all.len() as f64;
    let pooled_share = all.len() as f64 / 16.0;
    parts.map(|(n, mean, mean_pre, share, rows)| {
        let adjusted = mean - theta * (mean_pre - pooled) - gamma * (share - pooled_share);
        let squares: f64 = rows.iter().map(|r| (r[0] - theta * r[1] - gamma * r[2]).powi(2)).sum();
        (adjusted, squares / (n - 1.0) / n)
    })
}

#[test]
fn units_without_a_pre_period_take_the_mean_and_an_indicator() {
    let moments = ROWS.map(|cohort| {
        let mut moments = AdjustedMoments::default();
        for (y, pre) in cohort {
            match pre {
                Some(pre) => moments.add(y, 1.0, pre, 1.0),
                None => moments.add_without_pre(y, 1.0),
            }
        }
        moments
    });
    let arms = adjusted_arms(&[&moments[0], &moments[1]]).unwrap();
    for (arm, (mean, variance)) in arms.iter().zip(brute_force()) {
        assert!((arm.mean - mean).abs() < 1e-12, "{} is not {mean}", arm.mean);
        assert!((arm.variance_of_mean - variance).abs() < 1e-12);
        // The adjustment is worth having here.
        assert!(arm.variance_of_mean < 0.5 * arm.var_unadjusted);
    }
}
