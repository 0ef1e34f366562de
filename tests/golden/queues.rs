//! `erlang.json` and the profile of `deferred_work.json`.

use patience::planning::erlang::{Queue, agents_needed};
use patience::planning::staffing::{Desk, WeeklyOpenHours, typical_week};
use serde_json::{Value, json};

use crate::support::{Report, cases, read, text};

fn queue(inputs: &Value, agents: u64) -> Queue {
    Queue {
        arrivals_per_min: inputs["arrivals_per_min"].as_f64().unwrap(),
        aht_min: inputs["aht_min"].as_f64().unwrap(),
        agents: u32::try_from(agents).unwrap(),
    }
}

#[test]
fn queues_agree_with_fifty_digit_arithmetic() {
    let Some(file) = read("erlang.json") else { return };
    let mut report = Report::default();
    let tolerance = json!({"rel": 1e-9, "abs": 1e-12});
    for case in cases(&file) {
        let (id, model, inputs) = (text(case, "id"), text(case, "model"), &case["inputs"]);
        match model {
            "erlang_c" => {
                let agents = inputs["agents"].as_u64().unwrap();
                let found =
                    queue(inputs, agents).erlang_c(inputs["target_wait_min"].as_f64().unwrap()).unwrap();
                let mut expected = case["expected"].as_object().unwrap().clone();
                expected.retain(|key, _| {
                    ["p_wait", "asa_min", "service_level", "utilisation", "mean_queue"]
                        .contains(&key.as_str())
                });
                report.compare(id, model, &json!(found), &Value::Object(expected), &tolerance);
                if let Some(needed) = case["expected"]["required_agents_for_80pct"].as_u64() {
                    let q = queue(inputs, agents);
                    let target = inputs["target_wait_min"].as_f64().unwrap();
                    let found = agents_needed(q.arrivals_per_min, q.aht_min, target, 0.8).unwrap();
                    assert_eq!(u64::from(found), needed);
                }
            }
            "erlang_c_required" => {
                let wanted = &case["expected"]["required_agents_by_target_min"];
                for (target, agents) in wanted.as_object().unwrap() {
                    let q = queue(inputs, 1);
                    let found = agents_needed(
                        q.arrivals_per_min,
                        q.aht_min,
                        target.parse().unwrap(),
                        inputs["service_level"].as_f64().unwrap(),
                    );
                    assert_eq!(u64::from(found.unwrap()), agents.as_u64().unwrap(), "{target}");
                }
            }
            "erlang_a" => {
                for part in ["a", "b"] {
                    let i = &inputs[part];
                    let found = queue(i, i["agents"].as_u64().unwrap())
                        .erlang_a(i["patience_min"].as_f64().unwrap())
                        .unwrap();
                    let id = format!("{id}{part}");
                    report.compare(&id, model, &json!(found), &case["expected"][part], &tolerance);
                }
            }
            other => panic!("unknown model {other}"),
        }
    }
    report.finish();
}

#[test]
fn a_desk_of_office_hours_agrees_with_the_event_simulation() {
    let Some(file) = read("deferred_work.json") else { return };
    // 4958 items in four weeks, 0.2 hours each, Monday to Friday 9 to 17, the profile of the file.
    let office = (0..5).map(|d| (24.0 * f64::from(d) + 9.0, 24.0 * f64::from(d) + 17.0));
    let items: f64 = typical_week().iter().sum::<f64>() * 4.0;
    let desk = Desk {
        arrivals_per_week: items / 4.0,
        handle_minutes: 12.0,
        open: WeeklyOpenHours::new(office.collect()).unwrap().into(),
        profile: typical_week(),
        occupancy: 1.0,
        shrinkage: 0.0,
        agent_hour: 0.0,
    };
    for row in file["results"].as_array().unwrap() {
        let target = row["target_business_hours"].as_f64().unwrap();
        let found = desk.agents(target).unwrap();
        // The file drops what arrives after the last closing, 162 of 5120 items; ours keeps it, so
        // that the mean load is that of a full week, 6.4. Where the load binds, that is ours.
        let wanted = row["agents_fluid_4_weeks"].as_f64().unwrap().max(6.4);
        assert!((found / wanted - 1.0).abs() < 1e-9, "{target} h: {found} is not {wanted}");
    }
}
