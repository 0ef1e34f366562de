//! What was typed so far, and the definition that it makes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    definitions::read_experiment_json,
    domain::{
        currency::Currency,
        mistake::Mistake,
        time::{Moment, Wait},
    },
    language::{Language, Message, Slot, say},
    presentation::words,
};

use super::steps::Of;

/// Answers by field, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web::pages) struct Answers(BTreeMap<String, String>);

/// Limits that the form offers, in the order of the definition: satisfied customers come first.
pub(super) const LIMITS: [&str; 5] =
    ["csat", "net_revenue_retention", "churn", "first_contact_resolution", "reopen_rate"];

/// Measures that may be goals.
const GAINS: [&str; 5] =
    ["conversations_per_agent_hour", "questions_asked", "handle_time", "cost_to_serve", "resolution_time"];

/// Who fits, in words: the fields of conditions that all have to hold.
const FITS: [&str; 2] = ["fits", "and"];

/// Conversations that never wait: the fields of conditions of which one has to hold.
const SPARED: [&str; 3] = ["spared", "or", "or_else"];

/// The longest answer that is kept, in characters.
const LONGEST: usize = 2000;

impl Answers {
    /// What is likely, to begin with.
    pub fn starting(now: Moment, currency: Currency) -> Self {
        let starts = now.plus_days(7).date().to_string();
        let likely = [
            ("unit", "customer"),
            ("share", "100"),
            ("usual_hours", "4"),
            ("usual_calendar", "always"),
            ("usual_message", "We usually reply within 4 hours."),
            ("slower_hours", "8"),
            ("slower_calendar", "always"),
            ("slower_message", "We reply within one working day."),
            ("slower_share", "50"),
            ("csat", "3"),
            ("conversations_per_agent_hour", "primary"),
            ("questions_asked", "secondary"),
            ("currency", currency.as_str()),
            ("gross_margin", "80"),
            ("replacement_cost", "0"),
            ("starts_on", starts.as_str()),
            ("planned_weeks", "12"),
            ("follow_up_days", "0"),
            ("looks", "always_valid"),
        ];
        Self(likely.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// As kept.
    pub fn from_json(kept: &Value) -> Self {
        let fields = kept.as_object().into_iter().flatten();
        let text = fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        Self(text.collect())
    }

    /// To keep.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect())
    }

    /// An answer; empty where there is none.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Keeps an answer.
    pub fn set(&mut self, field: &str, value: &str) {
        let value: String = value.trim().chars().take(LONGEST).collect();
        if field == "name" && self.get("key").is_empty() {
            self.0.insert("key".to_owned(), slug(&value));
        }
        // A key that was left empty is made from the name.
        if field == "key" && value.is_empty() {
            let made = slug(self.get("name"));
            self.0.insert("key".to_owned(), made);
        } else {
            self.0.insert(field.to_owned(), value);
        }
    }

    /// Who fits, as CEL: what the conditions say, and the rule that was typed beside them.
    pub fn rule(&self) -> String {
        self.joined(&FITS, Of::Customers, " && ", self.get("rule"))
    }

    /// Which conversations always get the usual level, as CEL.
    pub fn except(&self) -> String {
        self.joined(&SPARED, Of::Conversations, " || ", self.get("except"))
    }

    fn joined(&self, fields: &[&str], of: Of, with: &str, typed: &str) -> String {
        let mut parts: Vec<String> =
            fields.iter().filter_map(|field| self.condition(field, of)?.ok()).collect();
        match (typed, parts.is_empty()) {
            ("", _) => {}
            (typed, true) => return typed.to_owned(),
            (typed, false) => parts.push(format!("({typed})")),
        }
        parts.join(with)
    }

    /// A condition as CEL, or what is wrong with it; none where it was left empty.
    fn condition(&self, field: &str, of: Of) -> Option<Result<String, &'static str>> {
        let [what, is, value] = ["what", "is", "value"].map(|part| self.get(&format!("{field}_{part}")));
        let sign = of.comparisons().iter().find(|(word, _)| *word == is).map_or("==", |(_, sign)| sign);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        Some(match (what, value) {
            ("", "") => return None,
            ("", _) if of == Of::Conversations => Err("choose what of the ticket it is about"),
            _ if !what.chars().all(is_name) || !what.starts_with(|c: char| !c.is_ascii_digit()) => Err(
                "enter the name of an attribute, of letters, digits and underscores, such as monthly_spend",
            ),
            (_, "") => Err("must not be empty"),
            _ if sign == "in" => {
                let several: Vec<String> = listed(value).map(|one| literal(one, of).to_string()).collect();
                Ok(format!("{what} in [{}]", several.join(", ")))
            }
            _ => match literal(value, of) {
                Value::String(_) if !["==", "!="].contains(&sign) => Err("enter a number, such as 3 or 0.5"),
                literal => Ok(format!("{what} {sign} {literal}")),
            },
        })
    }

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

    /// The number that was answered, if it is one.
    pub(super) fn number(&self, field: &str) -> Option<f64> {
        let text = self.get(field).trim_end_matches('%').trim().replace(',', ".");
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// "Your experiment so far", in one growing sentence.
    pub fn so_far(&self, t: Language) -> String {
        let who = match self.rule().as_str() {
            "" => say("so-far-all"),
            rule => say("so-far-with").with("rule", words::eligibility(t, rule).text),
        };
        let who = match self.number("share") {
            None | Some(100.0) => who,
            Some(_) => say("so-far-share").with("who", who).with("share", self.get("share")),
        };
        let mut parts = vec![
            say("so-far-split")
                .with("who", who)
                .with("share", self.get("slower_share"))
                .with("slower", self.get("slower_hours"))
                .with("usual", self.get("usual_hours")),
        ];
        let spared = words::eligibility(t, &self.except()).text;
        parts.extend((!spared.is_empty()).then(|| say("so-far-except").with("rule", spared)));
        let listed = |several: Vec<Message>| -> Option<Slot> {
            let several = several.into_iter().map(Slot::from);
            several.reduce(|list, next| say("list-more").with("list", list).with("next", next).into())
        };
        let limit = |metric: &&str| {
            say("so-far-limit").with("metric", words::metric_label(t, metric)).with(
                "points",
                self.number(metric).map_or_else(|| self.get(metric).to_owned(), |points| t.brief(points)),
            )
        };
        let limits = LIMITS.iter().filter(|metric| !self.get(metric).is_empty()).map(limit).collect();
        parts.extend(listed(limits).map(|limits| say("so-far-limits").with("limits", limits)));
        let goal = |metric: &&str| {
            let name = words::metric_label(t, metric);
            match self.get(&format!("{metric}_goal")) {
                "" => say("quoted").with("name", name),
                goal => say("so-far-goal").with("metric", name).with("goal", goal.trim_end_matches('%')),
            }
        };
        let goals = GAINS.iter().filter(|metric| self.get(metric) == "primary").map(goal).collect();
        parts.extend(listed(goals).map(|goals| say("so-far-goals").with("goals", goals)));
        if let Ok(day) = self.get("starts_on").parse() {
            parts.push(
                say("so-far-weeks")
                    .with("date", Moment::start_of(day))
                    .with("weeks", self.get("planned_weeks")),
            );
        }
        t.tell_all(&parts)
    }
}

/// What was listed in one line.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、']).map(str::trim).filter(|one| !one.is_empty())
}

/// A value as CEL writes it, which is as JSON does: of a customer a number or a truth where it reads as one.
fn literal(value: &str, of: Of) -> Value {
    let number = value.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite());
    match (of, number, value) {
        (Of::Customers, Some(number), _) => tidy(number),
        (Of::Customers, None, "true" | "false") => (value == "true").into(),
        _ => value.into(),
    }
}

/// A key from a name: `One day, low spend` → `one-day-low-spend`.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(64);
    slug.trim_end_matches('-').to_owned()
}

/// Hours as the file writes them: `PT4H`, `PT1H30M`.
fn promise(hours: &Value) -> String {
    Wait::from_hours_f64(hours.as_f64().unwrap_or(0.0)).to_string()
}

/// A number as JSON should have it: whole numbers without a fraction, and no rests of a division.
fn tidy(value: f64) -> Value {
    let value = (value * 1e9).round() / 1e9;
    if value.fract() == 0.0 && value.abs() < 1e15 { whole(value) } else { json!(value) }
}

fn whole(value: f64) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "below 2^53")]
    let whole = value.round() as i64;
    json!(whole)
}

/// Fields that were left empty are left out, so that the definition's defaults stand.
fn drop_empty(fields: &mut Map<String, Value>) {
    fields.retain(|name, value| matches!(name.as_str(), "key" | "name" | "starts_on") || value != "");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered() -> Answers {
        let mut answers = Answers::starting("2026-01-05T00:00:00Z".parse().unwrap(), Currency::USD);
        answers.set("name", "One working day, low spend");
        answers.set("csat_why", "Below 88 account managers hear of it.");
        answers
    }

    #[test]
    fn a_limit_needs_a_reason() {
        let pointers =
            |answers: &Answers| answers.mistakes().into_iter().map(|m| m.pointer).collect::<Vec<_>>();
        let mut answers = answered();
        assert_eq!(pointers(&answers), Vec::<String>::new());
        answers.set("churn", "1");
        assert_eq!(pointers(&answers), ["/metrics/churn/why"]);
        answers.set("csat_why", "");
        answers.set("churn_why", "Finance said so.");
        assert_eq!(pointers(&answers), ["/metrics/csat/why"]);
    }

    #[test]
    fn a_goal_is_of_what_must_improve() {
        let mut answers = answered();
        answers.set("tags", "low spend， EU,");
        answers.set("conversations_per_agent_hour_goal", "12.5%");
        let definition = read_experiment_json(&answers.definition().unwrap()).unwrap();
        let goal = definition.metrics.iter().find(|plan| plan.goal.is_some()).unwrap();
        assert_eq!((goal.metric.as_str(), goal.goal), ("conversations_per_agent_hour", Some(0.125)));
        assert_eq!(definition.metrics[0].why, "Below 88 account managers hear of it.");
        assert_eq!(definition.tags, ["low spend", "EU"]);
        answers.set("questions_asked_goal", "4");
        let mistakes = answers.mistakes();
        assert_eq!((mistakes.len(), mistakes[0].pointer.as_str()), (1, "/metrics/questions_asked/goal"));
    }

    #[test]
    fn what_is_likely_makes_a_definition_with_a_name_and_a_reason_added() {
        let definition = read_experiment_json(&answered().definition().unwrap()).unwrap();
        assert_eq!(definition.key.as_str(), "one-working-day-low-spend");
        assert_eq!(definition.cohorts[1].first_response.to_string(), "PT8H");
        assert_eq!((definition.cohorts[0].weight, definition.cohorts[1].weight), (50, 50));
        assert_eq!(definition.metrics[0].margin, Some(0.03));
        assert!(definition.economics.is_none());
    }

    #[test]
    fn what_is_no_number_is_told_at_its_field() {
        let mut answers = answered();
        answers.set("csat", "three");
        let wrong = answers.definition().unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].pointer, "/metrics/csat");
    }

    #[test]
    fn conditions_in_words_make_the_rule() {
        let rule = |told: &[(&str, &str)]| {
            let mut answers = answered();
            for (field, value) in told {
                answers.set(field, value);
            }
            (answers.rule(), answers.mistakes().into_iter().map(|m| m.pointer).collect::<Vec<_>>())
        };
        let spend = [("fits_what", "monthly_spend"), ("fits_is", "below"), ("fits_value", "99,5")];
        assert_eq!(rule(&spend), ("monthly_spend < 99.5".to_owned(), vec![]));
        let plan = [("and_what", "plan"), ("and_is", "is_not"), ("and_value", "the \"big\" one")];
        let both = [&spend[..], &plan].concat();
        let wanted = r#"monthly_spend < 99.5 && plan != "the \"big\" one""#;
        assert_eq!(rule(&both), (wanted.to_owned(), vec![]));
        let typed = [&both[..], &[("rule", "seats > 3 || vip")]].concat();
        assert_eq!(rule(&typed), (format!("{wanted} && (seats > 3 || vip)"), vec![]));
        assert_eq!(rule(&[("rule", "seats > 3")]).0, "seats > 3");
        let vip = [("fits_what", "vip"), ("fits_is", "is"), ("fits_value", "false")];
        assert_eq!(rule(&vip), ("vip == false".to_owned(), vec![]));
        let several = [("fits_what", "plan"), ("fits_is", "one_of"), ("fits_value", "starter, 2,, pro")];
        assert_eq!(rule(&several), (r#"plan in ["starter", 2, "pro"]"#.to_owned(), vec![]));
        // What cannot be said is told at its field, and makes no rule for somebody else.
        for (field, value) in [("fits_what", "3 spend"), ("fits_value", ""), ("fits_value", "little")] {
            let wrong = [&spend[..], &[(field, value)]].concat();
            assert_eq!(
                rule(&wrong),
                (String::new(), vec!["/eligibility/fits".to_owned()]),
                "{field} {value}"
            );
        }
    }

    #[test]
    fn conversations_that_never_wait_are_told_in_words_too() {
        let told = |told: &[(&str, &str)]| {
            let mut answers = answered();
            for (field, value) in told {
                answers.set(field, value);
            }
            answers
        };
        let topics =
            [("spared_what", "topic"), ("spared_is", "one_of"), ("spared_value", "outage、security")];
        let urgent = [("or_what", "urgency"), ("or_is", "is"), ("or_value", "1")];
        let both = [&topics[..], &urgent].concat();
        // What a conversation has is text, whatever it looks like.
        let wanted = r#"topic in ["outage", "security"] || urgency == "1""#;
        assert_eq!(told(&both).except(), wanted);
        let definition = read_experiment_json(&told(&both).definition().unwrap()).unwrap();
        assert_eq!(definition.eligibility.except, wanted);
        let so_far = told(&both).so_far(Language::English);
        assert!(so_far.contains("topic is one of outage, security, or urgency is 1"), "{so_far}");
        let typed = [&both[..], &[("except", "plan == \"vip\"")]].concat();
        assert_eq!(told(&typed).except(), format!("{wanted} || (plan == \"vip\")"));
        for (wrong, field) in [(("spared_what", ""), "spared"), (("or_value", ""), "or")] {
            let mistakes = told(&[&both[..], &[wrong]].concat()).mistakes();
            assert_eq!(mistakes.len(), 1, "{wrong:?}");
            assert_eq!(mistakes[0].pointer, format!("/eligibility/{field}"));
        }
    }

    #[test]
    fn answers_come_back_as_they_were_kept() {
        let answers = answered();
        assert_eq!(Answers::from_json(&answers.to_json()), answers);
    }

    #[test]
    fn a_decimal_comma_and_a_per_cent_sign_are_understood() {
        let mut answers = answered();
        answers.set("csat", "2,5");
        answers.set("share", "50%");
        let json = answers.definition().unwrap();
        assert_eq!(json["metrics"][0]["margin"], 0.025);
        assert_eq!(json["traffic"]["share"], 0.5);
    }
}
