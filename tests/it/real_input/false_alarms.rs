//! Many draws of the same tickets into two cohorts that differ in nothing: a difference claimed is a false alarm.

use std::collections::BTreeMap;

use patience::{
    analysis::{
        self, Study,
        document::{Analysis, Conclusion},
    },
    domain::{
        assignment::{Recorded, Request, Snapshot, decide},
        calendar::Calendar,
        event::{Author, Event, Fact, Topics},
        experiment::{Experiment, Status},
        ids::{CalendarKey, ConversationId, EventId, Source},
        time::Moment,
        unit::UnitRecord,
    },
    simulation::Memory,
};
use statrs::distribution::{Binomial, DiscreteCDF};

use super::{AS_OF, METRICS, Ticket, definition, first_responses, median_by_hand, read, tickets};

fn experiment(salt: &str, weights: [u32; 2]) -> Experiment {
    let at: Moment = "2010-01-01T00:00:00Z".parse().unwrap();
    Experiment {
        // One metric is planned; the others are reported beside it, without their series by day.
        definition: read(&definition("nothing", weights, &["first_response_time"])),
        status: Status::Running,
        salt: salt.to_owned(),
        version: 1,
        created_at: at,
        started_at: Some(at),
        stopped_at: None,
        planned_units: 4580,
        layer_salt: String::new(),
        layer_offset: 0,
    }
}

/// The cohort of each ticket, as `patience assign` draws it: recording nothing.
fn assign(experiment: &Experiment, units: &mut [UnitRecord]) {
    let snapshot = Snapshot::new([experiment.clone()], []).unwrap();
    for unit in units {
        let request = Request::of_customer(unit.customers[0].id.clone());
        let reply = decide(&snapshot, &request, &Recorded::default(), unit.assigned_at).reply;
        unit.cohort = reply.assignments[0].cohort.clone().expect("everybody takes part");
    }
}

/// The tickets as units, all in the control as of their first event.
fn units(tickets: &[Ticket], experiment: &Experiment) -> Vec<UnitRecord> {
    let mut memory = Memory::new(Snapshot::new([experiment.clone()], []).unwrap());
    let mut number = 0;
    let mut tell = |at: Moment, fact: Fact| {
        number += 1;
        let id = EventId::new(&number.to_string()).unwrap();
        memory.apply(&Event { source: Source::new("log").unwrap(), id, occurred_at: at, fact });
    };
    for ticket in tickets {
        let customer = || ticket.id.clone();
        let conversation = ConversationId::new(ticket.id.as_str()).unwrap();
        let conversation = || conversation.clone();
        let cohort = experiment.definition.control().key.clone();
        let key = experiment.definition.key.clone();
        tell(
            ticket.opened,
            Fact::CohortAssigned { customer: customer(), account: None, experiment: key, cohort },
        );
        tell(
            ticket.opened,
            Fact::Opened { customer: customer(), conversation: conversation(), topics: Topics::default() },
        );
        if let Some(at) = ticket.answered {
            let by = Author::Agent;
            tell(at, Fact::Replied { customer: customer(), conversation: conversation(), by, agent: None });
        }
        for &at in &ticket.closed {
            let closed = Fact::Closed {
                customer: customer(),
                conversation: conversation(),
                handle_seconds: 0.0,
                after_contact_seconds: 0.0,
                resolved: None,
            };
            tell(at, closed);
        }
        for &at in &ticket.reopened {
            tell(at, Fact::Reopened { customer: customer(), conversation: conversation() });
        }
    }
    memory.units(experiment).collect()
}

fn analyse(experiment: &Experiment, units: &[UnitRecord]) -> Analysis {
    let calendars = BTreeMap::from([(CalendarKey::always(), Calendar::always())]);
    let as_of = AS_OF.parse().unwrap();
    let study = Study::new(experiment, &calendars, as_of);
    analysis::run(&study, units).unwrap()
}

/// The metrics of which an analysis claims a difference, in either direction.
fn claims(analysis: &Analysis) -> Vec<&str> {
    let claimed = |conclusion| matches!(conclusion, Conclusion::Better | Conclusion::Worse);
    let of_metric = |metric: &&analysis::document::MetricResult| {
        metric.comparisons.iter().any(|comparison| claimed(comparison.conclusion))
    };
    analysis.metrics.iter().filter(of_metric).map(|metric| metric.metric.as_str()).collect()
}

#[test]
fn each_metric_claims_a_difference_no_oftener_than_it_may() {
    const SALTS: u64 = 200;
    let Some(tickets) = tickets() else { return };
    let first = experiment("0", [50, 50]);
    let mut units = units(&tickets, &first);
    assert_eq!(units.len(), 4580);
    let mut alarms = BTreeMap::<String, u64>::new();
    let mut uneven = 0;
    for salt in 0..SALTS {
        let experiment = experiment(&format!("salt {salt}"), [50, 50]);
        assign(&experiment, &mut units);
        let analysis = analyse(&experiment, &units);
        uneven += u64::from(!analysis.health.sample_ratio.ok);
        for metric in claims(&analysis) {
            *alarms.entry(metric.to_owned()).or_default() += 1;
        }
    }
    println!("{alarms:?}, {uneven} uneven");
    // Once in a thousand honest runs a metric claims more.
    let most = Binomial::new(0.05, SALTS).unwrap().inverse_cdf(0.999);
    for (metric, alarms) in &alarms {
        assert!(*alarms <= most, "{metric} claims a difference for {alarms} of {SALTS} salts");
    }
    // The alarm of the split is set to one in a thousand.
    assert!(uneven <= 2, "{uneven} of {SALTS} splits called uneven");
    // The check could fail: a metric that is measured at all claims something now and then.
    assert!(alarms.contains_key("first_response_time") && alarms.contains_key("promise_kept"), "{alarms:?}");
    assert!(alarms.keys().all(|metric| METRICS.contains(&metric.as_str())), "{alarms:?}");
}

#[test]
fn the_median_first_response_over_all_is_that_of_a_calculation_by_hand() {
    let Some(tickets) = tickets() else { return };
    let everybody = experiment("0", [100, 0]);
    let analysis = analyse(&everybody, &units(&tickets, &everybody));
    let control = &everybody.definition.control().key;
    let median = analysis.health.delivery.median_first_response[control].expect("most were answered");
    let by_hand = median_by_hand(&first_responses(&tickets));
    assert!((median.ms() - by_hand.ms()).abs() <= 60_000, "{median}, by hand {by_hand}");
    let cohort = &analysis.cohorts[0];
    assert_eq!((cohort.units, cohort.conversations, cohort.unanswered), (4580, 4580, 295));
    assert_eq!(analysis.waiting[0].conversations - analysis.waiting[0].answered, 295);
}
