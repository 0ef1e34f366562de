//! How long the sums take on one core, in its own time: `cargo bench --bench speed -- help`.

use patience::{
    analysis::{Accumulator, conclude},
    domain::{
        assignment::{Recorded, RecordedAssignment, Request, Snapshot, decide},
        experiment::{LooksKind, MarginScale, MetricPlan, Role},
        ids::{ExperimentKey, LayerKey},
    },
    metrics::{self, Kind},
    simulation::{Chance, Effects, Trial, World, published},
    stats::{
        AdjustedMoments, Confidence, Direction, Looks, Scale, Test, adjusted_arms, compare,
        multiplicity::dunnett_confidence,
    },
};

mod support;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
cargo bench --bench speed -- [part …]   default: all of them
  decision          which cohort, from memory: a recorded unit and a new one, 1 and 20 experiments
  inference         sums to intervals and conclusions: 20 metrics, and 20 × 20 segments × 150 days
  10000 100000 …    units of one pass, 10 conversations each, 8 metrics, 150 days, and its conclusion";

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if parts
        .iter()
        .any(|part| !["decision", "inference"].contains(&&**part) && part.parse::<usize>().is_err())
    {
        return println!("{HELP}");
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|asked| asked == part);
    if wanted("decision") {
        decisions();
    }
    if wanted("inference") {
        inference();
    }
    let all = ["10000", "100000", "1000000"].map(str::to_owned).to_vec();
    let sizes: Vec<usize> =
        if parts.is_empty() { &all } else { &parts }.iter().filter_map(|part| part.parse().ok()).collect();
    if !sizes.is_empty() {
        passes(&sizes);
    }
}

/// Seconds that this thread has had a core for, as Linux tells it: other programs do not count.
fn cpu_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split_whitespace().next().and_then(|field| field.parse::<f64>().ok());
    nanoseconds.expect("Linux") / 1e9
}

/// Seconds of a core that some work took.
fn timed(work: impl FnOnce()) -> f64 {
    let begun = cpu_seconds();
    work();
    cpu_seconds() - begun
}

/// Decisions without HTTP and without a database.
fn decisions() {
    let world = World::published(1);
    let now = world.starts_at().plus_days(10);
    for (number, rules) in [(1, "their own rules"), (20, "their own rules"), (20, "one rule")] {
        let experiment = |index: usize| {
            let mut experiment = published::running(&world, &format!("salt {index}"));
            let definition = &mut experiment.definition;
            definition.key = ExperimentKey::new(&format!("frt-{index:02}")).expect("a key");
            definition.traffic.layer = LayerKey::new(&format!("layer-{index}")).ok();
            let most = if rules == "one rule" { 100 } else { 100 + index };
            definition.eligibility.rule = format!(r#"monthly_spend < {most}.0 && plan == "starter""#);
            definition.eligibility.except = String::new();
            experiment
        };
        let snapshot = Snapshot::new((0..number).map(experiment), published::calendars(&world).into_values());
        let snapshot = snapshot.expect("rules of ours");
        let request = serde_json::json!({"customer": {"id": "c-1", "attributes": {"monthly_spend": 42.0, "plan": "starter"}}});
        let request = Request::from_json(&request).expect("a request");
        let nothing = Recorded::default();
        let new = decide(&snapshot, &request, &nothing, now);
        let assigned = new.record.expect("a new unit").assigned;
        assert_eq!(assigned.len(), number);
        let held = assigned.into_iter().map(|new| RecordedAssignment {
            experiment: new.experiment,
            unit: new.unit,
            cohort: new.cohort,
        });
        let recorded = Recorded {
            known: true,
            attributes: request.customer.attributes.clone(),
            assignments: held.collect(),
            ..Recorded::default()
        };
        let both =
            [("a recorded unit", &recorded, "1 µs"), ("a new unit", &nothing, "6 µs with 20 experiments")];
        for (what, known, wanted) in both {
            let times = 100_000;
            let took = timed(|| {
                for _ in 0..times {
                    std::hint::black_box(decide(&snapshot, &request, std::hint::black_box(known), now));
                }
            });
            let each = 1e6 * took / f64::from(times);
            println!("decision, {what}, experiments with {rules}: {number:<12} {each:>9.2} µs");
            let what = format!("pure decision, {what}, experiments with {rules}: {number}");
            support::row(&what, &format!("{each:.2} µs"), "", None, wanted);
        }
    }
}

/// One metric's sums by cohort, of which the first is the control.
fn sums(chance: &mut Chance) -> [AdjustedMoments; 3] {
    std::array::from_fn(|_| {
        let mut moments = AdjustedMoments::default();
        for _ in 0..1000 {
            let own = chance.lognormal(1.0, 0.5);
            let (before, now) =
                (1.0 + (3.0 * chance.uniform()).floor(), 1.0 + (5.0 * chance.uniform()).floor());
            let before_y = before * own * chance.lognormal(1.0, 0.3);
            moments.add(now * own * chance.lognormal(1.0, 0.3), now, before_y, before);
        }
        moments
    })
}

/// What a metric of three cohorts is told with: adjusted estimates, Dunnett's allowance, intervals on both
/// scales, p-values and conclusions.
fn infer(cohorts: &[AdjustedMoments; 3], looks: &Looks) {
    let arms = adjusted_arms(&cohorts.each_ref()).expect("plenty of units");
    let variances: Vec<f64> = arms[1..].iter().map(|arm| arm.variance_of_mean).collect();
    let each = dunnett_confidence(Confidence::DEFAULT, arms[0].variance_of_mean, &variances);
    let each = each.expect("variances above zero");
    let test = Test::NonInferiority { margin: 0.03, scale: Scale::Relative };
    for treatment in &arms[1..] {
        let found = compare(&arms[0], treatment, &test, Direction::Increase, each, looks);
        std::hint::black_box(found.expect("a margin above zero"));
    }
}

fn inference() {
    let mut chance = Chance::new(1, 0);
    let metrics: Vec<_> = (0..20).map(|_| sums(&mut chance)).collect();
    let always_valid = Looks::AlwaysValid { optimised_for_n: 3000.0, n_total: 2000.0 };
    for (name, looks) in [("fixed", Looks::Fixed), ("always valid", always_valid)] {
        let few = timed(|| (0..100).for_each(|_| metrics.iter().for_each(|cohorts| infer(cohorts, &looks))));
        println!("20 metrics × 3 cohorts, {name:<42} {:>9.3} ms", 1e3 * few / 100.0);
        let many = timed(|| {
            for _ in 0..20 * 150 {
                for cohorts in &metrics {
                    infer(cohorts, &looks);
                }
            }
        });
        println!("20 metrics × 3 cohorts × 20 segments × 150 days, {name:<17} {many:>9.3} s");
    }
}

/// Units of a desk, over and over: what is measured is the pass, not the making of units.
fn passes(sizes: &[usize]) {
    let world = World {
        customers: 2000,
        weeks: 21,
        questions_per_month: 1.3,
        effects: Effects::PUBLISHED,
        ..World::published(1)
    };
    let mut experiment = published::running(&world, "salt");
    let plan = |metric: &str| MetricPlan {
        metric: metric.to_owned(),
        role: Role::Secondary,
        margin: None,
        goal: None,
        margin_scale: MarginScale::Relative,
        why: String::new(),
        direction: None,
        kind: None,
        denominator: None,
    };
    let eight = [
        "csat",
        "net_revenue_retention",
        "questions_asked",
        "conversations_per_agent_hour",
        "first_response_time",
        "promise_kept",
        "reopen_rate",
        "net_value",
    ];
    experiment.definition.metrics = eight.map(plan).to_vec();
    experiment.definition.analysis.looks = LooksKind::AlwaysValid;
    let trial = Trial::live(&world, experiment).expect("rules of ours");
    let conversations: usize =
        trial.units.iter().flat_map(|unit| &unit.customers).map(|c| c.conversations.len()).sum();
    let each = conversations as f64 / trial.units.len() as f64;
    let waits = metrics::ALL.iter().filter(|kind| matches!(kind, Kind::Waits(_))).count();
    println!(
        "pass over units with {each:.1} conversations, 8 metrics by day, 2 segments ({} metrics in all, {waits} of waits)",
        metrics::ALL.len()
    );
    println!("{:>9} {:>9} {:>12} {:>12} {:>12}", "units", "pass", "a unit", "conclusion", "memory");
    for &size in sizes {
        let before = support::peak_memory_mb(std::process::id());
        let study = trial.study(world.ends_at());
        let mut pass = Accumulator::new(&study).expect("calendars of ours");
        let passed = timed(|| trial.units.iter().cycle().take(size).for_each(|unit| pass.add(unit)));
        let mut analysis = None;
        let concluded = timed(|| analysis = Some(conclude(&pass)));
        let analysis = analysis.expect("made");
        assert_eq!(analysis.cohorts.iter().map(|cohort| cohort.units).sum::<u64>(), size as u64);
        println!(
            "{size:>9} {:>7.2} s {:>9.2} µs {:>10.2} s {:>7} MB (the whole process at most; {before} MB before)",
            passed,
            1e6 * passed / size as f64,
            concluded,
            support::peak_memory_mb(std::process::id()),
        );
    }
}
