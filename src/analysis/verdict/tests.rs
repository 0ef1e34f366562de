//! Each outcome, each boundary, and the words word for word as `ux/spec.md` has them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    analysis::{document, health::Incomplete},
    analysis::{
        document::{
            Check, CohortValue, Delivery, DeliveryGap, Health, PerUnitMonth, SampleRatio, TestKind,
            YearlySums,
        },
        fixture::{at, calendars, definition, experiment},
        tally::CohortTally,
    },
    domain::{
        currency::Currency,
        experiment::{Experiment, LooksKind, MarginScale},
        ids::CalendarKey,
        time::Wait,
    },
    metrics::Measure,
};

/// A case with everything in order: every limit held, money made, at the planned end. Tests change one thing.
struct Scene {
    experiment: Experiment,
    as_of: Moment,
    metrics: Vec<MetricResult>,
    split: bool,
    delivered: bool,
    incomplete: Option<Incomplete>,
    net_value: (f64, f64),
    follow_up: FollowUp,
    outlook: Option<Outlook>,
}

fn compared(name: &str, role: Role, measure: Measure, values: (f64, f64), range: (f64, f64)) -> MetricResult {
    let margin = (role == Role::Guardrail).then_some(0.03);
    let ends =
        Range { estimate: Some(0.5 * (range.0 + range.1)), lower: Some(range.0), upper: Some(range.1) };
    let conclusion = match margin {
        Some(margin) if range.0 > -margin => Conclusion::NonInferior,
        Some(margin) if range.1 < -margin => Conclusion::Inferior,
        Some(_) => Conclusion::NotYetShown,
        None if range.0 > 0.0 => Conclusion::Better,
        None if range.1 < 0.0 => Conclusion::Worse,
        None => Conclusion::NoDifferenceShown,
    };
    let value = |cohort: &str, value| CohortValue {
        cohort: cohort.parse().unwrap(),
        n: 1000,
        value: Some(value),
        std_error: Some(0.01),
        numerator: None,
        denominator: None,
        distribution: Vec::new(),
    };
    MetricResult {
        metric: name.to_owned(),
        role: Some(role),
        unit_of_measure: measure,
        direction: crate::metrics::find(name).unwrap().about().direction,
        told_on: None,
        cohorts: vec![value("usual", values.0), value("slow", values.1)],
        comparisons: vec![MetricComparison {
            treatment: "slow".parse().unwrap(),
            test: if margin.is_some() { TestKind::NonInferiority } else { TestKind::Difference },
            margin,
            margin_scale: margin.map(|_| MarginScale::Absolute),
            absolute: ends,
            relative: ends,
            p_value: Some(0.01),
            p_value_adjusted: None,
            conclusion,
            adjusted: false,
            stagewise_p_value: None,
            median_unbiased: None,
            non_response_bounds: None,
            non_response: None,
        }],
        notes: vec![],
        notes_said: vec![],
    }
}

fn csat(values: (f64, f64), range: (f64, f64)) -> MetricResult {
    compared("csat", Role::Guardrail, Measure::Share, values, range)
}

fn retention(values: (f64, f64), range: (f64, f64)) -> MetricResult {
    compared("net_revenue_retention", Role::Guardrail, Measure::Ratio, values, range)
}

fn scene(changes: &[(&str, Value)]) -> Scene {
    let changes = [&[("/cohorts/1/calendar", json!("office-hours"))], changes].concat();
    Scene {
        experiment: experiment(definition(&changes)),
        as_of: at("2026-06-10T00:00:00Z"),
        metrics: vec![
            csat((0.912, 0.904), (-0.024, 0.008)),
            retention((0.987, 0.984), (-0.012, 0.006)),
            compared("conversations_per_agent_hour", Role::Primary, Measure::Rate, (5.0, 6.0), (0.5, 1.5)),
        ],
        split: true,
        delivered: true,
        incomplete: None,
        net_value: (72_000.0, 188_000.0),
        follow_up: FollowUp {
            complete: true,
            reached: 0,
            of: 0,
            complete_at: at("2026-06-08T00:00:00Z"),
            days: 0,
        },
        outlook: None,
    }
}

impl Scene {
    fn verdict(&self) -> Verdict {
        let mut calendars = calendars();
        let office =
            json!({"key": "office-hours", "time_zone": "Europe/Berlin", "hours": "Mo-Fr 09:00-17:00"});
        let office = crate::domain::calendar::Calendar::new(serde_json::from_value(office).unwrap()).unwrap();
        calendars.insert("office-hours".parse::<CalendarKey>().unwrap(), office);
        let study = Study::new(&self.experiment, &calendars, self.as_of);
        let treatment = self.experiment.definition.cohorts[1].clone();
        let gap = DeliveryGap {
            treatment: treatment.key.clone(),
            waited_longer_hours: Range { estimate: Some(0.5), lower: Some(0.2), upper: Some(0.8) },
            promised_longer_hours: 20.0,
            ok: self.delivered,
            checked: true,
        };
        let findings = Findings {
            health: Health {
                sample_ratio: SampleRatio { p_value: Some(0.5), ok: self.split, segments: Vec::new() },
                delivery: Delivery {
                    ok: self.delivered,
                    checked: true,
                    median_first_response: std::collections::BTreeMap::new(),
                    median_first_response_wall: std::collections::BTreeMap::new(),
                    promise_kept: std::collections::BTreeMap::new(),
                    gaps: vec![gap],
                    control_before_after: None,
                },
                checks: Vec::<Check>::new(),
            },
            incomplete: self.incomplete,
            revenue_complete: true,
        };
        let range = |(lower, upper): (f64, f64)| Range {
            estimate: Some(0.5 * (lower + upper)),
            lower: Some(lower),
            upper: Some(upper),
        };
        let month = (self.net_value.0 / 1e5, self.net_value.1 / 1e5);
        let mut metrics = self.metrics.clone();
        let mut net = compared("net_value", Role::Secondary, Measure::Money, (1.0, 2.0), month);
        net.role = None;
        metrics.push(net);
        let economics = EconomicsResult {
            currency: Currency::new("EUR").unwrap(),
            treatment: treatment.key.clone(),
            per_customer_month: Some(PerUnitMonth {
                saving: 1.0,
                retention_loss: 0.1,
                net_value: range(month),
                saving_range: range((0.5, 1.5)),
                retention_loss_range: range((0.0, 0.2)),
            }),
            per_year: Some(YearlySums {
                saving: range((56_000.0, 66_000.0)),
                retention_loss: range((88_000.0, 128_000.0)),
                net_value: range(self.net_value),
                hours_saved: 3000.0,
            }),
            units: 20_000,
            control_revenue: Some(40.0),
            break_even_retention_loss: Some(0.02),
            sensitivity: Vec::new(),
        };
        let calendar = &calendars[&treatment.calendar];
        let usual = CohortTally { units: 6512, ..CohortTally::default() };
        let slow = CohortTally { units: 5868, ..CohortTally::default() };
        let first = Some(at("2026-01-05T00:00:00Z"));
        let case = Case {
            study: &study,
            treatment: &treatment,
            control: &self.experiment.definition.cohorts[0],
            slow_level: Level { first_response: Wait::from_hours(8), calendar },
            metrics: &metrics,
            findings: &findings,
            economics: Some(&economics),
            sizes: (&usual, &slow),
            first_assigned: first,
            planned_end: self.experiment.planned_end(first),
            follow_up: self.follow_up,
            outlook: self.outlook.clone(),
        };
        let verdict = case.verdict();
        reads_in_every_language(&verdict);
        verdict
    }
}

/// The messages say the English words, also when they were stored, and say all of it in Chinese.
#[track_caller]
fn reads_in_every_language(verdict: &Verdict) {
    use crate::language::Language;
    let said = verdict.said.as_ref().unwrap();
    let json = serde_json::to_string(said).unwrap();
    assert_eq!(serde_json::from_str::<document::Said>(&json).unwrap(), *said);
    let english = said.words(Language::English);
    assert_eq!((&english.headline, &english.sentence), (&verdict.headline, &verdict.sentence));
    assert_eq!((&english.reasons, &english.know_before), (&verdict.reasons, &verdict.know_before));
    let chinese = format!("{:?}", said.words(Language::Chinese));
    let words = chinese.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let names = ["Words", "kicker", "headline", "sentence", "reasons", "know", "before"];
    let foreign: Vec<&str> = words.filter(|word| !names.contains(word)).collect();
    assert!(foreign.is_empty(), "{foreign:?} in {chinese}");
}

#[track_caller]
fn says(scene: &Scene, outcome: Outcome, kicker: &str, headline: &str, sentence: &str) {
    let verdict = scene.verdict();
    assert_eq!(verdict.outcome, outcome);
    assert_eq!(verdict.decision, decision(outcome));
    assert_eq!((verdict.kicker.as_str(), verdict.headline.as_str()), (kicker, headline));
    assert_eq!(verdict.sentence, sentence);
}

#[test]
fn ship() {
    says(
        &scene(&[]),
        Outcome::Ship,
        "Recommendation: ship",
        "You can ship the slower first response.",
        "Customers who waited up to one working day were about as satisfied: 90.4%, compared with 91.2%. The true \
         difference is very likely between 2.4 points worse and 0.8 points better, inside your 3-point limit. The \
         staff time saved is worth more than the renewals it may cost.",
    );
    assert!(!scene(&[]).verdict().know_before.is_empty());
    let chinese = scene(&[]).verdict().said.unwrap().words(crate::language::Language::Chinese);
    assert_eq!(chinese.headline, "可以推行较慢的首次响应。");
    assert_eq!(
        chinese.sentence,
        "最多等待 1 个工作日的客户满意程度大致相当：满意的占 90.4%，常规水平为 91.2%。真实差异很可能在变差 2.4 个百分点到变好 \
         0.8 个百分点之间，没有超出您设定的 3 个百分点的限度。省下的人力，其价值大于可能损失的续费。"
    );
}

#[test]
fn the_scale_of_the_margin_is_the_scale_of_the_sentence() {
    let mut relative = scene(&[]);
    relative.metrics[0].comparisons[0].margin_scale = Some(MarginScale::Relative);
    let sentence = relative.verdict().sentence;
    assert!(sentence.contains("between 2.4% worse and 0.8% better, inside your limit of 3%."), "{sentence}");
}

#[test]
fn each_claim_stands_only_where_it_is_shown() {
    // Not worse than nothing, but not shown to pay either: the rule is met by the primary metric.
    let mut unpaid = scene(&[]);
    unpaid.net_value = (-1.0, 188_000.0);
    let verdict = unpaid.verdict();
    assert_eq!(verdict.outcome, Outcome::Ship);
    assert!(!verdict.sentence.contains("staff time saved"), "{}", verdict.sentence);

    let mut satisfied = scene(&[]);
    satisfied.metrics[0] = csat((0.90, 0.91), (0.002, 0.011));
    assert!(
        satisfied.verdict().sentence.contains("were more satisfied: 91.0%"),
        "{}",
        satisfied.verdict().sentence
    );
    assert!(satisfied.verdict().sentence.contains("between 0.2 and 1.1 points better"));
    satisfied.metrics[0] = csat((0.92, 0.91), (-0.024, -0.004));
    assert!(satisfied.verdict().sentence.contains("were slightly less satisfied: 91.0%"));
    assert!(satisfied.verdict().sentence.contains("between 0.4 and 2.4 points worse"));

    // Without the limits in its rule, it ships and says so.
    let loose = scene(&[("/decision", json!({"ship_when": "primary_improves"}))]);
    assert!(loose.verdict().sentence.contains("Your rule for shipping does not ask that every limit holds."));
}

#[test]
fn a_figure_just_inside_and_just_outside_its_limit_decides_differently() {
    for (range, wanted) in [
        ((-0.029_999, 0.01), Outcome::Ship),
        ((-0.030_001, 0.01), Outcome::NoClearAnswer),
        ((-0.06, -0.029_999), Outcome::NoClearAnswer),
        ((-0.06, -0.030_001), Outcome::LimitBroken),
    ] {
        let mut scene = scene(&[]);
        scene.metrics[0] = csat((0.926, 0.90), range);
        assert_eq!(scene.verdict().outcome, wanted, "{range:?}");
    }
}

#[test]
fn a_broken_limit_speaks_of_its_own_metric() {
    let mut scene = scene(&[]);
    scene.metrics[0] = csat((0.926, 0.881), (-0.058, -0.032));
    says(
        &scene,
        Outcome::LimitBroken,
        "Recommendation: do not ship",
        "Do not ship. Satisfaction fell further than you allowed.",
        "Satisfaction: 88.1% at the slower level, 92.6% at the usual level. The true difference is very likely \
         between 3.2 and 5.8 points worse, beyond your 3-point limit. More time is unlikely to change this.",
    );
    let mut rise = self::scene(&[]);
    rise.metrics[1] = compared("churn", Role::Guardrail, Measure::Share, (0.04, 0.09), (0.04, 0.06));
    rise.metrics[1].comparisons[0].conclusion = Conclusion::Inferior;
    assert_eq!(
        rise.verdict().headline,
        "Do not ship. Customers who cancelled rose further than you allowed."
    );
    assert!(rise.verdict().sentence.contains("between 4.0 and 6.0 points worse"));
}

#[test]
fn it_would_cost_more_than_it_saves() {
    let mut scene =
        scene(&[("/decision", json!({"ship_when": "guardrails_hold and net_value_not_negative"}))]);
    scene.metrics[1] = retention((0.987, 0.968), (-0.028, -0.010));
    scene.net_value = (-85_000.0, -9_000.0);
    says(
        &scene,
        Outcome::CostsMore,
        "Recommendation: do not ship",
        "Do not ship. It would cost more than it saves.",
        "Satisfaction held. But renewals fell by 1.9 points, worth about €108,000 a year, and the staff time saved is \
         worth about €61,000. The net loss is very likely between €9,000 and €85,000 a year.",
    );
}

#[test]
fn loss_tolerance_moves_the_border_of_not_negative_only() {
    let rule = |tolerance: f64| {
        let mut scene = scene(&[(
            "/decision",
            json!({"ship_when": "guardrails_hold and net_value_not_negative", "loss_tolerance": tolerance}),
        )]);
        scene.net_value = (-20_000.0, 50_000.0); // −0.2 to 0.5 a month
        scene.verdict().outcome
    };
    assert_eq!(rule(0.0), Outcome::SafeNotShownToPay);
    assert_eq!(rule(0.2), Outcome::Ship);
    assert_eq!(rule(0.19), Outcome::SafeNotShownToPay);
}

#[test]
fn keep_running_before_the_end() {
    let mut scene = scene(&[("/analysis/looks", json!("always_valid"))]);
    scene.as_of = at("2026-05-20T00:00:00Z");
    scene.metrics[0] = csat((0.914, 0.909), (-0.041, 0.031));
    says(
        &scene,
        Outcome::KeepRunning,
        "Recommendation: keep running",
        "Keep running. About 19 more days to go.",
        "So far 90.9% of customers at the slower level are satisfied, compared with 91.4%. The true difference could \
         be anything from 4.1 points worse to 3.1 points better, so we cannot yet say whether it is inside your \
         3-point limit. Nothing looks harmful.",
    );
    scene.metrics[0] = csat((0.95, 0.909), (-0.071, -0.011));
    assert!(!scene.verdict().sentence.contains("Nothing looks harmful."));
}

#[test]
fn fixed_looks_conclude_nothing_before_the_planned_end() {
    for change in [csat((0.926, 0.881), (-0.058, -0.032)), csat((0.912, 0.904), (-0.024, 0.008))] {
        let mut scene = scene(&[]);
        scene.as_of = at("2026-06-07T23:59:59Z");
        scene.metrics[0] = change;
        assert_eq!(scene.verdict().outcome, Outcome::KeepRunning);
        scene.as_of = at("2026-06-08T00:00:00Z");
        assert!(matches!(scene.verdict().outcome, Outcome::LimitBroken | Outcome::Ship));
        scene.experiment.definition.analysis.looks = LooksKind::AlwaysValid;
        scene.as_of = at("2026-03-01T00:00:00Z");
        assert!(matches!(scene.verdict().outcome, Outcome::LimitBroken | Outcome::Ship));
    }
}

#[test]
fn waiting_for_renewals() {
    let mut scene = scene(&[("/analysis/follow_up_days", json!(90))]);
    scene.metrics[1].comparisons[0].conclusion = Conclusion::NotYetShown;
    scene.follow_up = FollowUp {
        complete: false,
        reached: 4200,
        of: 12_480,
        complete_at: at("2026-09-06T00:00:00Z"),
        days: 90,
    };
    says(
        &scene,
        Outcome::WaitingForRevenue,
        "Recommendation: keep running",
        "Satisfaction is settled. Renewals are known on 6 Sep 2026.",
        "No more customers are needed. 4,200 of 12,480 customers have reached 90 days, and the rest will by 6 Sep 2026.",
    );
    scene.metrics[0] = csat((0.914, 0.909), (-0.041, 0.031));
    assert_eq!(scene.verdict().headline, "Renewals are known on 6 Sep 2026.");
}

#[test]
fn too_early_shows_nothing() {
    let mut scene = scene(&[]);
    scene.as_of = at("2026-01-09T00:00:00Z");
    says(
        &scene,
        Outcome::TooEarly,
        "Too early to say",
        "First figures on 12 Jan 2026.",
        "We show nothing for the first 7 days, because a few days of tickets can point either way. 12,380 customers \
         have joined so far.",
    );
}

#[test]
fn a_failed_check_comes_before_everything() {
    let failed = "No recommendation: a check failed";
    let mut scene = scene(&[]);
    scene.as_of = at("2026-01-06T00:00:00Z");
    scene.incomplete = Some(Incomplete::Rejected(0.02));
    says(
        &scene,
        Outcome::DataIncomplete,
        failed,
        "No recommendation until the data is complete.",
        "2.0% of the lines of the last 7 days about these customers were left out as faulty. Everything up to then is \
         kept, and nothing needs to restart.",
    );
    scene.delivered = false;
    says(
        &scene,
        Outcome::NotDelivered,
        failed,
        "Do not use these figures. Tickets were not answered at the level we assigned.",
        "Customers at the slower level waited 30 minutes longer than the others; their promises differ by 20 hours. \
         Check the routing rule, then start again.",
    );
    scene.split = false;
    says(
        &scene,
        Outcome::SplitUneven,
        failed,
        "Do not use these figures. The groups are not comparable.",
        "You asked for an even split, but 6,512 customers are at the usual level and 5,868 at the slower one. A fair \
         split would be this uneven less than once in 1,000 tries. Something is sorting customers before or after the \
         split. Fix it, then start again.",
    );
}

#[test]
fn revenue_that_is_missing_matters_only_where_revenue_is_asked_for() {
    let mut scene = scene(&[]);
    scene.incomplete = Some(Incomplete::Revenue(0.2));
    assert_eq!(scene.verdict().outcome, Outcome::DataIncomplete);
    assert!(asks_revenue(&scene.experiment.definition));
    let csat_only = json!([{"metric": "csat", "role": "guardrail", "margin": 0.03}]);
    let limits = json!({"ship_when": "guardrails_hold"});
    assert!(!asks_revenue(&definition(&[("/metrics", csat_only.clone()), ("/decision", limits)])));
    assert!(asks_revenue(&definition(&[("/metrics", csat_only)])), "the default rule asks for net value");
}

#[test]
fn limits_that_the_rule_names_must_all_hold_whatever_else_it_would_allow() {
    let either = json!({"ship_when": "net_value_positive or guardrails_hold"});
    let mut scene = scene(&[("/decision", either)]);
    assert_eq!(scene.verdict().outcome, Outcome::Ship);
    scene.metrics[0] = csat((0.915, 0.901), (-0.034, 0.006));
    assert_eq!(scene.verdict().outcome, Outcome::NoClearAnswer);
}

#[test]
fn a_plan_that_will_not_be_met_is_told_from_day_15() {
    let mut scene = scene(&[("/analysis/looks", json!("always_valid"))]);
    scene.metrics[0] = csat((0.914, 0.909), (-0.08, 0.07));
    scene.outlook = Some(Outlook {
        chance: 0.3,
        metric: "csat".into(),
        reachable: Some(0.05),
        weekly: (1040.0, 410.0),
        weeks_more: Some(14),
    });
    scene.as_of = at("2026-01-18T23:00:00Z");
    assert_eq!(scene.verdict().outcome, Outcome::KeepRunning);
    scene.as_of = at("2026-01-19T00:00:00Z");
    says(
        &scene,
        Outcome::Underpowered,
        "Recommendation: change the plan",
        "At this rate you will not get an answer by 8 Jun 2026.",
        "You planned on 1,040 new customers a week, and 410 are joining. By 8 Jun 2026 we could only rule out a drop of \
         more than 5 points, and your limit is 3. You can run for 14 more weeks, include more customers, or stop.",
    );
    scene.outlook.as_mut().unwrap().chance = 0.5;
    assert_eq!(scene.verdict().outcome, Outcome::KeepRunning);
}

#[test]
fn the_end_without_a_clear_answer() {
    let mut scene = scene(&[]);
    scene.metrics[0] = csat((0.915, 0.901), (-0.034, 0.006));
    says(
        &scene,
        Outcome::NoClearAnswer,
        "No clear answer",
        "The time is up and there is no clear answer.",
        "90.1% of customers at the slower level were satisfied, compared with 91.5%. The true difference is very likely \
         between 3.4 points worse and 0.6 points better. That crosses your 3-point limit, so we cannot say the slower \
         level is safe, or that it is not. Keep the usual level unless you accept that risk.",
    );
}

#[test]
fn safe_but_not_shown_to_pay() {
    let mut scene = scene(&[("/decision", json!({"ship_when": "guardrails_hold and net_value_positive"}))]);
    scene.net_value = (-18_000.0, 94_000.0);
    says(
        &scene,
        Outcome::SafeNotShownToPay,
        "No clear answer",
        "Safe for customers, but not shown to pay.",
        "Every limit held. But the net result is very likely between a loss of €18,000 and a gain of €94,000 a year, so \
         we cannot say it pays for itself.",
    );
}

#[test]
fn of_several_levels_that_may_ship_the_one_worth_most_at_worst_leads() {
    let ship = scene(&[]).verdict();
    let mut early = scene(&[]);
    early.as_of = at("2026-01-09T00:00:00Z");
    let early = early.verdict();
    let other = Verdict { cohort: "other".parse().unwrap(), ..ship.clone() };
    let leader = leading([(&early, Some(9.0)), (&ship, Some(1.0)), (&other, Some(2.0))].into_iter()).unwrap();
    assert_eq!(leader.cohort.as_str(), "other");
}

/// A primary with a margin concludes on the margin; that it is better than nothing, its range says.
#[test]
fn a_primary_with_a_margin_has_to_be_better_all_the_same() {
    let outcome = |range: (f64, f64)| {
        let mut scene = scene(&[("/decision", json!({"ship_when": "guardrails_hold and primary_improves"}))]);
        let mut primary = compared("csat_response_rate", Role::Guardrail, Measure::Share, (0.3, 0.3), range);
        primary.role = Some(Role::Primary);
        scene.metrics[2] = primary;
        scene.verdict().outcome
    };
    assert_eq!(outcome((0.000_1, 0.02)), Outcome::Ship);
    assert_eq!(outcome((-0.000_1, 0.02)), Outcome::NoClearAnswer);
    assert_eq!(outcome((-0.02, -0.000_1)), Outcome::CostsMore);
    assert_eq!(outcome((-0.06, -0.04)), Outcome::CostsMore);
}

/// As the scorecard: a time without a limit in minutes, one with a goal on the goal's scale.
#[test]
fn a_difference_is_told_on_the_scale_of_its_metric() {
    let said = |told_on| {
        let mut scene = scene(&[("/decision", json!({"ship_when": "primary_improves"}))]);
        let mut primary = compared("handle_time", Role::Primary, Measure::Hours, (0.5, 0.6), (0.05, 0.2));
        primary.comparisons[0].conclusion = Conclusion::Worse;
        primary.comparisons[0].relative = Range { lower: Some(0.1), upper: Some(0.4), ..Range::default() };
        primary.told_on = told_on;
        scene.metrics[2] = primary;
        let verdict = scene.verdict();
        assert_eq!(verdict.outcome, Outcome::CostsMore);
        verdict.sentence
    };
    for absolute in [None, Some(MarginScale::Absolute)] {
        let said = said(absolute);
        assert!(said.contains("between 3 minutes and 12 minutes worse"), "{said}");
    }
    let said = said(Some(MarginScale::Relative));
    assert!(said.contains("between 10.0% and 40.0% worse"), "{said}");
}

/// First hit wins: the checks before the week, the week before the limits, the limits before the rule.
#[test]
fn the_rows_come_in_their_order_and_each_border_lies_where_it_is_said() {
    let first = at("2026-01-05T00:00:00Z");
    let end = first.plus_days(22 * 7);
    let second = |moment: Moment, by: i64| Moment::from_stored_ms(moment.ms() + by * 1000);
    let broken = || csat((0.926, 0.881), (-0.058, -0.032));
    let valid = ("/analysis/looks", json!("always_valid"));
    let at_time = |as_of: Moment, change: &dyn Fn(&mut Scene)| {
        let mut scene = scene(std::slice::from_ref(&valid));
        scene.as_of = as_of;
        change(&mut scene);
        scene.verdict().outcome
    };
    // 7 days: the last second of the seventh shows nothing, whatever the figures.
    assert_eq!(at_time(second(first.plus_days(7), -1), &|s| s.metrics[0] = broken()), Outcome::TooEarly);
    assert_eq!(at_time(first.plus_days(7), &|s| s.metrics[0] = broken()), Outcome::LimitBroken);
    // A failed check is said in the first week too.
    assert_eq!(at_time(first.plus_days(1), &|s| s.split = false), Outcome::SplitUneven);
    // A broken limit before a refuted rule, and before one that would ship without it.
    let rule = |text: &str| json!({"ship_when": text});
    for text in ["net_value_positive", "not guardrails_hold", "guardrails_hold or net_value_positive"] {
        let mut scene = scene(&[valid.clone(), ("/decision", rule(text))]);
        scene.metrics[0] = broken();
        assert_eq!(scene.verdict().outcome, Outcome::LimitBroken, "{text}");
    }
    // The planned end itself is at the end.
    let open = |s: &mut Scene| s.metrics[0] = csat((0.9, 0.9), (-0.06, 0.05));
    assert_eq!(at_time(second(end, -1), &open), Outcome::KeepRunning);
    assert_eq!(at_time(end, &open), Outcome::NoClearAnswer);
    // Net value's ends at −loss_tolerance, and at zero where it has to be positive.
    for (text, tolerance, net, wanted) in [
        ("net_value_not_negative", 0.5, (-0.5, 1.0), Outcome::Ship),
        ("net_value_not_negative", 0.5, (-0.500_1, 1.0), Outcome::SafeNotShownToPay),
        ("net_value_not_negative", 0.5, (-2.0, -0.5), Outcome::NoClearAnswer),
        ("net_value_not_negative", 0.5, (-2.0, -0.500_1), Outcome::CostsMore),
        ("net_value_positive", 0.5, (0.000_1, 1.0), Outcome::Ship),
        ("net_value_positive", 0.5, (0.0, 1.0), Outcome::SafeNotShownToPay),
        ("net_value_positive", 0.5, (-1.0, 0.000_1), Outcome::SafeNotShownToPay),
        ("net_value_positive", 0.5, (-1.0, 0.0), Outcome::CostsMore),
    ] {
        let decision =
            json!({"ship_when": format!("guardrails_hold and {text}"), "loss_tolerance": tolerance});
        let mut scene = scene(&[("/decision", decision)]);
        scene.net_value = (net.0 * 1e5, net.1 * 1e5);
        assert_eq!(scene.verdict().outcome, wanted, "{text} {net:?}");
    }
}

fn looks() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["fixed", "always_valid", "group_sequential"])
}

fn rules() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "guardrails_hold",
        "guardrails_hold and net_value_positive",
        "guardrails_hold and (primary_improves or net_value_not_negative)",
        "primary_improves",
        "net_value_not_negative",
        r#"metric("csat").better or metric("net_revenue_retention").non_inferior"#,
    ])
}

prop_compose! {
    fn range()(middle in -0.06..0.05_f64, half in 0.001..0.05_f64) -> (f64, f64) {
        (middle - half, middle + half)
    }
}

/// A range as the sentence has to have it, made anew.
fn in_words((low, high): (f64, f64)) -> String {
    let points = |value: f64| format!("{:.1}", value.abs() * 100.0);
    if low < 0.0 && high > 0.0 {
        format!("between {} points worse and {} points better", points(low), points(high))
    } else if high <= 0.0 {
        format!("between {} and {} points worse", points(high), points(low))
    } else {
        format!("between {} and {} points better", points(low), points(high))
    }
}

proptest! {
    /// Whatever the ranges: no sentence says more than they do.
    #[test]
    fn each_claim_is_shown_by_the_range_it_speaks_of(
        satisfaction in range(),
        renewals in range(),
        primary in range(),
        net in (-2e5..2e5_f64, 1e3..2e5_f64),
        (looks, rule) in (looks(), rules()),
        (at_end, followed) in (any::<bool>(), any::<bool>()),
    ) {
        let changes = [
            ("/analysis/looks", json!(looks)),
            ("/decision", json!({"ship_when": rule})),
            ("/analysis/follow_up_days", json!(90)),
        ];
        let mut scene = scene(&changes);
        scene.as_of = at(if at_end { "2026-06-08T00:00:00Z" } else { "2026-04-08T00:00:00Z" });
        scene.metrics = vec![
            csat((0.9, 0.9), satisfaction),
            retention((0.98, 0.98), renewals),
            compared("conversations_per_agent_hour", Role::Primary, Measure::Rate, (5.0, 6.0), primary),
        ];
        scene.follow_up = FollowUp { complete: followed, days: 90, ..scene.follow_up };
        if !followed {
            scene.metrics[1].comparisons[0].conclusion = Conclusion::NotYetShown;
        }
        scene.net_value = (net.0 - net.1, net.0 + net.1);
        let verdict = scene.verdict();
        let text = format!("{} {} {}", verdict.headline, verdict.sentence, verdict.reasons.join(" "));
        let concluded = |place: usize| scene.metrics[place].comparisons[0].conclusion;
        let says = |words: &str| text.contains(words);
        let held = |place| concluded(place) == Conclusion::NonInferior;
        let only_if = |words: &str, shown: bool| !says(words) || shown;
        let (low, high) = satisfaction;
        let beyond = |(low, high): (f64, f64)| 0.5 * (low + high) < -0.03;
        for (words, shown) in [
            ("Satisfaction held", held(0)),
            ("Satisfaction is settled", held(0)),
            ("Every limit held", held(0) && held(1)),
            ("Nothing looks harmful", !beyond(satisfaction) && !beyond(renewals)),
            ("worth more than the renewals", scene.net_value.0 > 0.0),
            ("The money works", scene.net_value.0 > 0.0),
            ("The net loss", scene.net_value.1 < 0.0),
            ("enewals fell by", renewals.1 < 0.0),
            ("about as satisfied", held(0) && low <= 0.0 && high >= 0.0),
            ("slightly less satisfied", held(0) && high < 0.0),
            ("were more satisfied", held(0) && low > 0.0),
            ("Satisfaction fell further", concluded(0) == Conclusion::Inferior),
            ("Renewal revenue fell further", concluded(1) == Conclusion::Inferior),
            ("A limit is broken", concluded(0) == Conclusion::Inferior || concluded(1) == Conclusion::Inferior),
            ("Your rule for shipping does not ask", !rule.contains("guardrails_hold")),
        ] {
            prop_assert!(only_if(words, shown), "{}: {}", words, text);
        }
        prop_assert!(!verdict.sentence.is_empty());
        let before = looks == "fixed" && !at_end;
        prop_assert!(!before || verdict.decision == Decision::KeepRunning, "{:?}", verdict.outcome);
        // What is said of a range is that of the metric it names.
        let named = scene.metrics.iter().find(|metric| Some(&metric.metric) == verdict.metric.as_ref());
        let points = named.filter(|metric| metric.role == Some(Role::Guardrail));
        if let Some(named) = points.filter(|_| text.contains("The true difference is very likely")) {
            let range = named.comparisons[0].absolute;
            let ends = (range.lower.unwrap(), range.upper.unwrap());
            prop_assert!(says(&in_words(ends)), "{:?}: {}", ends, text);
            prop_assert!(only_if("inside your 3-point limit", ends.0 > -0.03), "{}", text);
            prop_assert!(only_if("beyond your 3-point limit", ends.1 < -0.03), "{}", text);
            prop_assert!(only_if("That crosses", ends.0 <= -0.03 && ends.1 >= -0.03), "{}", text);
        }
    }
}
