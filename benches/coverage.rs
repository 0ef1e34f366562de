//! How often 95% intervals hold the truth, for every metric: `cargo bench --bench coverage -- help`.

use std::{collections::BTreeMap, time::Instant};

use patience::{
    domain::experiment::{Eligibility, Experiment, Unit},
    simulation::{
        Effects, World,
        coverage::{self, Fared, Figure},
        published,
    },
};

const HELP: &str = "\
cargo bench --bench coverage -- [setting=value …]   defaults in brackets
  worlds=N        worlds of each kind [2000]
  customers=N,…   customers of a world [400,2000,8000]
  world=NAME,…    skewed: skewed revenue, few large companies, correlated questions; even [skewed]
  unit=NAME,…     customer, account [customer,account]
  adjusted=B,…    by the pre-period: yes, no [yes,no]
  occupancy=F     how busy the agents are [the world's own]
  seed=N          where luck begins [1]";

/// Of one kind of world.
#[derive(Debug, Clone, Copy)]
struct Kind {
    skewed: bool,
    customers: u32,
    unit: Unit,
    adjusted: bool,
    occupancy: Option<f64>,
}

impl Kind {
    fn world(self, seed: u64) -> World {
        let effects = Effects { net_revenue_retention: -0.01, ..Effects::PUBLISHED };
        let of_kind =
            if self.skewed { World::skewed(seed) } else { World { weeks: 10, ..World::small(seed) } };
        let occupancy = self.occupancy.unwrap_or(of_kind.occupancy);
        World { customers: self.customers, effects, occupancy, told_late: 0.0, told_twice: 0.0, ..of_kind }
    }

    fn experiment(self, world: &World) -> Experiment {
        let mut experiment = published::running(world, &format!("salt {}", world.seed));
        experiment.definition.unit = self.unit;
        experiment.definition.eligibility = Eligibility::default();
        experiment.definition.analysis.covariate_adjustment = self.adjusted;
        experiment.definition.analysis.segments.clear();
        experiment
    }
}

fn main() {
    let settings: BTreeMap<String, String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(|argument| {
            let (name, value) = argument.split_once('=').unwrap_or_else(|| {
                println!("{HELP}");
                std::process::exit(0)
            });
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let list = |name: &str, default: &str| -> Vec<String> {
        settings.get(name).map_or(default, String::as_str).split(',').map(str::to_owned).collect()
    };
    let number =
        |name: &str, default: u64| settings.get(name).map_or(default, |n| n.parse().expect("a number"));
    let (worlds, seed) = (number("worlds", 2000), number("seed", 1));
    for customers in list("customers", "400,2000,8000") {
        for world in list("world", "skewed") {
            for unit in list("unit", "customer,account") {
                for adjusted in list("adjusted", "yes,no") {
                    let kind = Kind {
                        skewed: world == "skewed",
                        customers: customers.parse().expect("a number of customers"),
                        unit: if unit == "account" { Unit::Account } else { Unit::Customer },
                        adjusted: adjusted == "yes",
                        occupancy: settings.get("occupancy").map(|share| share.parse().expect("a share")),
                    };
                    let begun = Instant::now();
                    let fared = coverage::of_worlds((seed..seed + worlds).map(|seed| {
                        let world = kind.world(seed);
                        let experiment = kind.experiment(&world);
                        (world, experiment)
                    }));
                    println!(
                        "\n{world} world, {customers} customers, unit {unit}, adjusted {adjusted}, {worlds} worlds, {:.0} s",
                        begun.elapsed().as_secs_f64()
                    );
                    print(&fared.expect("worlds of ours"));
                }
            }
        }
    }
}

fn print(fared: &BTreeMap<Figure, Fared>) {
    println!("{:<42} {:>9} {:>7} {:>8} {:>6} {:>6}", "", "truth", "n", "coverage", "above", "below");
    for (figure, fared) in fared {
        let percent = |count: u64| 100.0 * count as f64 / fared.intervals as f64;
        let off = if (0.94..=0.96).contains(&fared.coverage()) { "" } else { " *" };
        println!(
            "{:<42} {:>9.4} {:>7} {:>7.1}% {:>5.1}% {:>5.1}%{off}",
            figure.to_string(),
            fared.truth,
            fared.intervals,
            100.0 * fared.coverage(),
            percent(fared.above),
            percent(fared.below),
        );
    }
}
