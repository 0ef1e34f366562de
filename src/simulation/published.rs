//! The published test as an experiment of Patience: what the demo shows and what the tests measure.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    calendar::{Calendar, CalendarDefinition},
    experiment::{
        AnalysisPlan, Cohort, DecisionRule, Definition, Economics, Eligibility, Experiment, LooksKind,
        MarginScale, MetricPlan, Role, Status, Traffic, Unit,
    },
    ids::{CalendarKey, CohortKey, ExperimentKey, LayerKey},
    time::Wait,
};

use super::World;

/// The experiment of a world: `experiments/longer-frt-low-spend.toml` with `looks = "fixed"`, no follow-up,
/// and the world's own first day and number of weeks.
///
/// Low-spend customers are promised a first response within four hours at any time, or within one working
/// day. Both levels are kept in the world that [`run`](super::run) lives.
pub fn definition(world: &World) -> Definition {
    let metric = |metric: &str, role, margin, goal, why: &str| MetricPlan {
        metric: metric.to_owned(),
        role,
        margin,
        goal,
        margin_scale: MarginScale::Relative,
        why: why.to_owned(),
        direction: None,
        kind: None,
        denominator: None,
    };
    let cohort = |key: CohortKey, control, hours, calendar, message: &str| Cohort {
        key,
        control,
        weight: 50,
        first_response: Wait::from_hours(hours),
        calendar,
        message: message.to_owned(),
    };
    Definition {
        key: ours(ExperimentKey::new("longer-frt-low-spend")),
        name: "One working day for low-spend customers".to_owned(),
        hypothesis: "Low-spend customers accept a first response within one working day.".to_owned(),
        owner: "support-operations".to_owned(),
        tags: vec!["low spend".to_owned()],
        unit: Unit::Customer,
        confidence: 0.95,
        starts_on: world.starts_on,
        planned_weeks: world.weeks,
        eligibility: Eligibility {
            rule: "monthly_spend < 100.0".to_owned(),
            except: r#"topic in ["outage", "security"] || urgency == "high""#.to_owned(),
        },
        traffic: Traffic { layer: LayerKey::new("first-response").ok(), share: 1.0 },
        cohorts: vec![
            cohort(
                ours(CohortKey::new("usual")),
                true,
                4,
                CalendarKey::always(),
                "We usually reply within 4 hours.",
            ),
            cohort(world.slower.clone(), false, 8, office_key(), "We reply within one working day."),
        ],
        metrics: vec![
            metric(
                "csat",
                Role::Guardrail,
                Some(0.03),
                None,
                "Below 88 of 100 complaints reach the account managers.",
            ),
            metric(
                "net_revenue_retention",
                Role::Guardrail,
                Some(0.02),
                None,
                "More than that is worth more than the time saved.",
            ),
            metric("questions_asked", Role::Secondary, None, None, ""),
            metric(
                "conversations_per_agent_hour",
                Role::Primary,
                None,
                Some(0.1),
                "A tenth more is one agent’s work.",
            ),
        ],
        analysis: AnalysisPlan {
            looks: LooksKind::Fixed,
            planned_units: Some(u64::from(world.customers)),
            segments: vec!["plan".to_owned(), "channel".to_owned()],
            ..AnalysisPlan::default()
        },
        economics: Some(Economics {
            currency: world.currency,
            agent_hour: 38.0,
            gross_margin: 0.8,
            replacement_cost: 200.0,
        }),
        decision: DecisionRule {
            ship_when: "guardrails_hold and (primary_improves or net_value_not_negative)"
                .parse()
                .unwrap_or_default(),
            loss_tolerance: 0.0,
        },
    }
}

/// The slower level's calendar: the office hours of the world's town.
pub fn office_hours(world: &World) -> CalendarDefinition {
    CalendarDefinition {
        key: office_key(),
        time_zone: world.zone.name().to_owned(),
        hours: "Mo-Fr 09:00-17:00; PH off".to_owned(),
        holidays: BTreeSet::new(),
    }
}

/// Every calendar that the experiment's cohorts name, by its key.
pub fn calendars(world: &World) -> BTreeMap<CalendarKey, Calendar> {
    let office = Calendar::new(office_hours(world));
    let office = office.unwrap_or_else(|_| unreachable!("a calendar of ours"));
    [office, Calendar::always()].map(|calendar| (calendar.key().clone(), calendar)).into()
}

/// The experiment as it runs, started on its first day under salts of the caller's choice.
pub fn running(world: &World, salt: &str) -> Experiment {
    let at = world.starts_at();
    Experiment {
        definition: definition(world),
        status: Status::Running,
        salt: salt.to_owned(),
        version: 1,
        created_at: at.plus_days(-14),
        started_at: Some(at),
        stopped_at: None,
        planned_units: u64::from(world.customers),
        layer_salt: format!("layer of {salt}"),
        layer_offset: 0,
    }
}

fn office_key() -> CalendarKey {
    ours(CalendarKey::new("office-hours"))
}

fn ours<T, E>(name: Result<T, E>) -> T {
    name.unwrap_or_else(|_| unreachable!("a name of ours"))
}
