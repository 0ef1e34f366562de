//! What daily looking does to intervals and verdicts: `cargo bench --bench looks -- help`.
//!
//! First, how often the true value (no difference) ever leaves an interval over 150 daily looks, in figures
//! whose windows are closed and on the desk's. Then, how often the whole verdict says `ship` where what is true
//! lies exactly on a margin, and `do_not_ship` there from the other side.

use std::collections::BTreeMap;

use patience::{
    analysis::{
        self,
        document::{Analysis, Decision, Outcome, Series},
    },
    domain::{
        calendar::Calendar,
        customer::Customer,
        event::{Event, Fact},
        experiment::{
            Direction, Eligibility, Experiment, LooksKind, MarginScale, MetricPlan, OwnMetricKind, Role,
        },
        ids::{CustomerId, EventId, Source},
        time::{Moment, Wait},
        unit::{CustomerRecord, UnitRecord},
    },
    metrics,
    simulation::{Chance, Effects, Trial, World, published},
};

const HELP: &str = "\
cargo bench --bench looks -- [setting=value …]   defaults in brackets
  runs=N            worlds of each kind [2000]
  customers=N       customers of a world [600]
  part=NAME,…       closed, open, verdict [closed,open,verdict]
  looks=NAME,…      verdicts: always_valid (daily), group_sequential (five times), fixed [always_valid,fixed]
  check=N           verdicts: the first N worlds are analysed in full on every day [20]
  seed=N            where luck begins [1]";

const DAYS: u32 = 147;

fn main() {
    let mut settings = BTreeMap::new();
    for argument in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        let Some((name, value)) = argument.split_once('=') else { return println!("{HELP}") };
        settings.insert(name.to_owned(), value.to_owned());
    }
    let number =
        |name: &str, default: u32| settings.get(name).map_or(default, |n| n.parse().expect("a number"));
    let (runs, customers, seed) = (number("runs", 2000), number("customers", 600), number("seed", 1));
    let seeds = || (u64::from(seed)..).take(runs as usize);
    for part in settings.get("part").map_or("closed,open,verdict", String::as_str).split(',') {
        match part {
            "closed" => closed_windows(seeds(), customers),
            "open" => open_windows(&seeds(), customers),
            "verdict" => {
                let looks = settings.get("looks").map_or("always_valid,fixed", String::as_str);
                let looks: Vec<LooksKind> = looks
                    .split(',')
                    .map(|name| serde_json::from_value(name.into()).expect("a kind of looks"))
                    .collect();
                verdicts(seeds(), customers, &looks, number("check", 20) as usize);
            }
            other => println!("no part {other:?}\n{HELP}"),
        }
    }
}

/// Counts over worlds, with the standard error that a share of them has.
#[derive(Debug, Default)]
struct Counts {
    runs: u32,
    of: BTreeMap<String, u32>,
}

impl Counts {
    fn count(&mut self, name: &str, happened: bool) {
        *self.of.entry(name.to_owned()).or_default() += u32::from(happened);
    }

    fn print(&self, title: &str) {
        println!("\n{title}, {} runs", self.runs);
        for (name, count) in &self.of {
            let share = f64::from(*count) / f64::from(self.runs);
            let error = (share * (1.0 - share) / f64::from(self.runs)).sqrt();
            println!("{name:<60} {:>6.2}% ± {:.2}", 100.0 * share, 100.0 * error);
        }
    }
}

/// Whether zero ever lies outside.
fn ever_leaves(series: &Series) -> bool {
    let leaves = |range: &analysis::document::Range| {
        range.lower.is_some_and(|lower| lower > 0.0) || range.upper.is_some_and(|upper| upper < 0.0)
    };
    series.points.iter().any(|point| leaves(&point.range))
}

fn plan(metric: &str, role: Role, margin: Option<f64>) -> MetricPlan {
    MetricPlan {
        metric: metric.to_owned(),
        role,
        margin,
        goal: None,
        margin_scale: MarginScale::Relative,
        why: String::new(),
        direction: None,
        kind: None,
        denominator: None,
    }
}

/// The world's experiment with two equal service levels and no rule, measured by these plans.
fn experiment(world: &World, metrics: Vec<MetricPlan>, ship_when: &str) -> Experiment {
    let mut experiment = published::running(world, &format!("salt {}", world.seed));
    let definition = &mut experiment.definition;
    definition.eligibility = Eligibility::default();
    let usual = definition.control().clone();
    for cohort in &mut definition.cohorts {
        (cohort.first_response, cohort.calendar) = (usual.first_response, usual.calendar.clone());
    }
    definition.metrics = metrics;
    definition.analysis.looks = LooksKind::AlwaysValid;
    definition.analysis.segments.clear();
    definition.decision.ship_when = ship_when.parse().expect("a rule of ours");
    experiment
}

/// Each unit is counted once and complete, on the day it joins.
fn closed_windows(seeds: impl Iterator<Item = u64>, units: u32) {
    let mut counts = Counts::default();
    for seed in seeds {
        let world = World { customers: units, weeks: DAYS / 7, ..World::small(seed) };
        let own = |metric: &str, kind, denominator: Option<&str>| MetricPlan {
            kind: Some(kind),
            denominator: denominator.map(str::to_owned),
            direction: Some(Direction::Increase),
            ..plan(metric, Role::Secondary, None)
        };
        let metrics = vec![
            own("spent (mean, skewed)", OwnMetricKind::Mean, None),
            own("said yes (share)", OwnMetricKind::Share, None),
            own("spent in all (ratio of sums)", OwnMetricKind::Ratio, Some("times")),
        ];
        let experiment = experiment(&world, metrics, "guardrails_hold");
        let mut chance = Chance::new(seed, 0);
        let units: Vec<UnitRecord> = (0..units)
            .map(|number| {
                let share = (f64::from(number) + 0.5) / f64::from(units);
                let joined = world.starts_at() + Wait::from_ms(ms(share * f64::from(DAYS) * 24.0));
                let many = 1.0 + (3.0 * chance.uniform()).floor();
                let told = [
                    ("spent (mean, skewed)", chance.lognormal(38.0, 1.0)),
                    ("said yes (share)", f64::from(u8::from(chance.happens(0.1)))),
                    ("spent in all (ratio of sums)", many * chance.lognormal(10.0, 1.0)),
                    ("times", many),
                ];
                told_at_once(&experiment, number, chance.happens(0.5), joined, &told)
            })
            .collect();
        let calendars = published::calendars(&world);
        for looks in [LooksKind::AlwaysValid, LooksKind::Fixed] {
            let study = study(&experiment, &calendars, world.ends_at(), Some(looks));
            let analysis = analysis::run(&study, &units).expect("calendars of ours");
            for series in &analysis.series {
                counts.count(&format!("{looks:?}, {}", series.metric), ever_leaves(series));
            }
        }
        counts.runs += 1;
    }
    counts.print("No difference ever leaves the interval, closed windows");
}

#[allow(clippy::cast_possible_truncation, reason = "some months in milliseconds")]
fn ms(hours: f64) -> i64 {
    (hours * 3_600_000.0) as i64
}

fn told_at_once(
    experiment: &Experiment,
    number: u32,
    slower: bool,
    joined: Moment,
    told: &[(&str, f64)],
) -> UnitRecord {
    let id = CustomerId::new(&format!("c-{number}")).expect("an id");
    let mut customer = Customer::default();
    for (place, (name, value)) in told.iter().enumerate() {
        customer.apply(&Event {
            source: Source::new("shop").expect("a name"),
            id: EventId::new(&format!("{place}-{number}")).expect("an id"),
            occurred_at: joined,
            fact: Fact::Metric { customer: id.clone(), name: (*name).to_owned(), value: *value },
        });
    }
    UnitRecord {
        unit: (&id).into(),
        cohort: experiment.definition.cohorts[usize::from(slower)].key.clone(),
        assigned_at: joined,
        first_conversation: None,
        attributes: BTreeMap::new(),
        customers: vec![CustomerRecord { id, facts: (&customer).into(), conversations: Vec::new() }],
    }
}

fn study<'a>(
    experiment: &'a Experiment,
    calendars: &'a BTreeMap<patience::domain::ids::CalendarKey, Calendar>,
    as_of: Moment,
    looks: Option<LooksKind>,
) -> analysis::Study<'a> {
    analysis::Study { looks, ..analysis::Study::new(experiment, calendars, as_of) }
}

/// The desk as it is: units are followed on after they joined, over all days or in the first three weeks.
fn open_windows(seeds: &(impl Iterator<Item = u64> + Clone), customers: u32) {
    for joining_days in [DAYS - 7, 21] {
        let mut counts = Counts::default();
        for seed in seeds.clone() {
            let world = World { joining_days, ..desk(seed, customers, Effects::default()) };
            let metrics = metrics::ALL.iter().map(|kind| plan(kind.about().name, Role::Secondary, None));
            let experiment = experiment(&world, metrics.collect(), "guardrails_hold");
            let trial = Trial::live(&world, experiment).expect("no rules");
            for looks in [LooksKind::AlwaysValid, LooksKind::Fixed] {
                let study = analysis::Study { looks: Some(looks), ..trial.study(world.ends_at()) };
                let analysis = analysis::run(&study, &trial.units).expect("calendars of ours");
                for series in &analysis.series {
                    counts.count(&format!("{looks:?}, {}", series.metric), ever_leaves(series));
                }
            }
            counts.runs += 1;
        }
        counts.print(&format!(
            "No difference ever leaves the interval, desk, {customers} customers join over {joining_days} days"
        ));
    }
}

fn desk(seed: u64, customers: u32, effects: Effects) -> World {
    World {
        customers,
        weeks: DAYS / 7,
        joining_days: DAYS - 7,
        history_days: 30,
        questions_per_month: 1.5,
        response_rate: 0.7,
        churn_per_month: 0.03,
        told_late: 0.0,
        told_twice: 0.0,
        effects,
        ..World::small(seed)
    }
}

/// A plan whose truth lies on a margin: what is asked, and on which days its verdict could say more than nothing.
struct OnMargin {
    name: &'static str,
    metrics: Vec<MetricPlan>,
    ship_when: &'static str,
    /// The metric that could, and its limit on the scale of its series.
    limits: Vec<(&'static str, f64)>,
}

fn on_margin() -> Vec<OnMargin> {
    let guard = |metric, margin| plan(metric, Role::Guardrail, Some(margin));
    let one = |name, metrics, limits| OnMargin { name, metrics, ship_when: "guardrails_hold", limits };
    vec![
        one("csat", vec![guard("csat", 0.03)], vec![("csat", -0.03)]),
        one("questions asked", vec![guard("questions_asked", 0.05)], vec![("questions_asked", 0.05)]),
        one(
            "conversations per agent hour",
            vec![guard("conversations_per_agent_hour", 0.05)],
            vec![("conversations_per_agent_hour", -0.05)],
        ),
        one(
            "all three",
            vec![
                guard("csat", 0.03),
                guard("questions_asked", 0.05),
                guard("conversations_per_agent_hour", 0.05),
            ],
            vec![("csat", -0.03), ("questions_asked", 0.05), ("conversations_per_agent_hour", -0.05)],
        ),
    ]
}

fn verdicts(seeds: impl Iterator<Item = u64>, customers: u32, looks: &[LooksKind], check: usize) {
    let effects = Effects {
        csat: -0.03,
        net_revenue_retention: 0.0,
        questions_asked: 0.05,
        conversations_per_agent_hour: -0.05,
    };
    let mut counts = Counts::default();
    for (place, seed) in seeds.enumerate() {
        let harmed = lived(&desk(seed, customers, effects));
        for case in on_margin() {
            judge(&harmed, &case, looks, place < check, &mut counts);
        }
        let unharmed = lived(&desk(seed, customers, Effects::default()));
        let money = OnMargin {
            name: "net value at its limit",
            metrics: vec![plan("net_value", Role::Secondary, None)],
            ship_when: "net_value_not_negative",
            limits: vec![("net_value", 0.0)],
        };
        judge(&unharmed, &money, looks, place < check, &mut counts);
        counts.runs += 1;
    }
    counts.print("Verdicts where what is true lies on the limit");
}

fn lived(world: &World) -> Trial {
    Trial::live(world, experiment(world, Vec::new(), "guardrails_hold")).expect("no rules")
}

/// The verdicts of one world by each rule of looking. On most days the series says that nothing can be shown;
/// the whole analysis is made on the others (on all of them where `fully`).
fn judge(trial: &Trial, case: &OnMargin, looks: &[LooksKind], fully: bool, counts: &mut Counts) {
    for &looks in looks {
        let mut experiment = trial.experiment.clone();
        experiment.definition.metrics.clone_from(&case.metrics);
        experiment.definition.analysis.looks = looks;
        experiment.definition.decision.ship_when = case.ship_when.parse().expect("a rule of ours");
        let calendars = trial.study(Moment::default()).calendars;
        let end = experiment.planned_end(None);
        let of_day = |as_of| {
            let study = study(&experiment, calendars, as_of, None);
            analysis::run(&study, &trial.units).expect("calendars of ours")
        };
        let begin = experiment.begins_at();
        let days: Vec<Moment> = match looks {
            LooksKind::AlwaysValid if fully => {
                (1..=i64::from(DAYS)).map(|day| begin.plus_days(day)).collect()
            }
            LooksKind::AlwaysValid => candidates(&of_day(end), case),
            LooksKind::GroupSequential => (1..=5).map(|k| begin.plus_days(k * i64::from(DAYS) / 5)).collect(),
            LooksKind::Fixed => vec![end],
        };
        let (mut ship, mut broken, mut costs, mut invalid) = (false, false, false, false);
        for day in days {
            let verdict = of_day(day).verdict;
            ship |= verdict.decision == Decision::Ship;
            broken |= verdict.outcome == Outcome::LimitBroken;
            costs |= verdict.outcome == Outcome::CostsMore;
            invalid |= verdict.decision == Decision::Invalid;
        }
        for (what, happened) in
            [("ship", ship), ("limit broken", broken), ("costs more", costs), ("invalid", invalid)]
        {
            counts.count(&format!("{}, {looks:?}, {what}", case.name), happened);
        }
    }
}

/// The days on which some metric's interval nearly, or wholly, leaves its limit.
fn candidates(analysis: &Analysis, case: &OnMargin) -> Vec<Moment> {
    let mut days: Vec<Moment> = Vec::new();
    for series in &analysis.series {
        let Some((_, limit)) = case.limits.iter().find(|(metric, _)| *metric == series.metric) else {
            continue;
        };
        for point in &series.points {
            let (Some(lower), Some(upper)) = (point.range.lower, point.range.upper) else { continue };
            let near = 0.02 * (upper - lower);
            if lower > limit - near || upper < limit + near {
                days.push(point.at);
            }
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}
