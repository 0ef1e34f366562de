//! The definition that the answers make, and what is wrong with it.

use serde_json::{Map, Value, json};

use super::{
    super::steps::Of,
    Answers, GAINS, LIMITS,
    conditions::{FITS, SPARED},
    listed, tidy, whole,
};
use crate::{
    definitions::read_experiment_json,
    domain::{mistake::Mistake, time::Wait},
};

impl Answers {
    /// The definition's JSON, for `definitions` to judge. What is no number is told here.
    pub fn definition(&self) -> Result<Value, Vec<Mistake>> {
        let told = |(field, of): (&str, Of)| {
            let detail = self.condition(field, of)?.err()?;
            Some(Mistake::new(format!("/eligibility/{field}"), detail))
        };
        let conditions = FITS.map(|field| (field, Of::Customers)).into_iter();
        let conditions = conditions.chain(SPARED.map(|field| (field, Of::Conversations)));
        let mut wrong: Vec<Mistake> = conditions.filter_map(told).collect();
        let mut number = |field: &str, pointer: &str, factor: f64| {
            let Some(value) = self.number(field) else {
                wrong.push(Mistake::new(pointer, "enter a number, such as 3 or 0.5"));
                return Value::Null;
            };
            tidy(value * factor)
        };
        let slower = number("slower_share", "/cohorts/1/weight", 1.0);
        let slower = slower.as_f64().unwrap_or(50.0);
        let cohort = |key: &str, level: &str, weight: f64, hours: Value| {
            json!({
                "key": key,
                "control": level == "usual",
                "weight": whole(weight),
                "first_response": promise(&hours),
                "calendar": self.get(&format!("{level}_calendar")),
                "message": self.get(&format!("{level}_message")),
            })
        };
        let usual_hours = number("usual_hours", "/cohorts/0/first_response", 1.0);
        let slower_hours = number("slower_hours", "/cohorts/1/first_response", 1.0);
        let mut metrics = Vec::new();
        for metric in LIMITS {
            if metric == "csat" || !self.get(metric).is_empty() {
                let margin = number(metric, &format!("/metrics/{metric}"), 0.01);
                metrics.push(json!({
                    "metric": metric, "role": "guardrail", "margin": margin, "margin_scale": "absolute",
                    "why": self.get(&format!("{metric}_why")),
                }));
            }
        }
        for metric in GAINS.into_iter().filter(|metric| !self.get(metric).is_empty()) {
            let mut plan = json!({"metric": metric, "role": self.get(metric)});
            let goal = format!("{metric}_goal");
            if !self.get(&goal).is_empty() {
                plan["goal"] = number(&goal, &format!("/metrics/{metric}/goal"), 0.01);
            }
            metrics.push(plan);
        }
        let mut analysis = json!({
            "looks": self.get("looks"),
            "follow_up_days": number("follow_up_days", "/analysis/follow_up_days", 1.0),
        });
        if !self.get("planned_units").is_empty() {
            analysis["planned_units"] = number("planned_units", "/analysis/planned_units", 1.0);
        }
        let mut definition = json!({
            "key": self.get("key"),
            "name": self.get("name"),
            "hypothesis": self.get("hypothesis"),
            "owner": self.get("owner"),
            "tags": listed(self.get("tags")).collect::<Vec<_>>(),
            "unit": self.get("unit"),
            "starts_on": self.get("starts_on"),
            "planned_weeks": number("planned_weeks", "/planned_weeks", 1.0),
            "eligibility": {"rule": self.rule(), "except": self.except()},
            "traffic": {"share": number("share", "/traffic/share", 0.01)},
            "cohorts": [
                cohort("usual", "usual", 100.0 - slower, usual_hours),
                cohort("longer", "slower", slower, slower_hours),
            ],
            "metrics": metrics,
            "analysis": analysis,
        });
        if !self.get("agent_hour").is_empty() {
            definition["economics"] = json!({
                "currency": self.get("currency"),
                "agent_hour": number("agent_hour", "/economics/agent_hour", 1.0),
                "gross_margin": number("gross_margin", "/economics/gross_margin", 0.01),
                "replacement_cost": number("replacement_cost", "/economics/replacement_cost", 1.0),
            });
        }
        if let Value::Object(fields) = &mut definition {
            drop_empty(fields);
        }
        if wrong.is_empty() { Ok(definition) } else { Err(wrong) }
    }

    /// All mistakes of the definition, those of metrics by the metric's name; and limits that nobody gave a reason for,
    /// which the form asks for and the definition does not.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let limited = LIMITS.into_iter().filter(|metric| !self.get(metric).is_empty());
        let bare = limited.filter(|metric| self.get(&format!("{metric}_why")).is_empty());
        let bare = bare.map(|metric| {
            Mistake::new(format!("/metrics/{metric}/why"), "say why it is this limit, in a sentence")
        });
        let mut mistakes = self.mistakes_of_definition();
        mistakes.extend(bare);
        mistakes
    }

    fn mistakes_of_definition(&self) -> Vec<Mistake> {
        let json = match self.definition() {
            Ok(json) => json,
            Err(mistakes) => return mistakes,
        };
        let by_name = |mut mistake: Mistake| {
            let index = mistake
                .pointer
                .strip_prefix("/metrics/")
                .and_then(|rest| rest.split('/').next()?.parse::<usize>().ok());
            if let Some(name) = index.and_then(|i| json["metrics"][i]["metric"].as_str()) {
                let field = if mistake.pointer.ends_with("/goal") { "/goal" } else { "" };
                mistake.pointer = format!("/metrics/{name}{field}");
            }
            mistake
        };
        read_experiment_json(&json).err().unwrap_or_default().into_iter().map(by_name).collect()
    }
}

/// Hours as the file writes them: `PT4H`, `PT1H30M`.
fn promise(hours: &Value) -> String {
    Wait::from_hours_f64(hours.as_f64().unwrap_or(0.0)).to_string()
}

/// Fields that were left empty are left out, so that the definition's defaults stand.
fn drop_empty(fields: &mut Map<String, Value>) {
    fields.retain(|name, value| matches!(name.as_str(), "key" | "name" | "starts_on") || value != "");
}
