//! What an experiment can show in the weeks there are: the planner's figures, in words and a table.

use serde_json::{Value, json};

use crate::{
    analyze,
    language::{Language, Message, Number, Slot, say},
    presentation::words,
};

/// Weeks of the table, beside those that were chosen.
const WEEKS: [u32; 6] = [4, 6, 8, 12, 16, 22];

/// The chance that a plan should have, and below which ways out are shown.
const WANTED: f64 = 0.8;

/// What is to be planned.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// Customers who join in a week, in all cohorts.
    pub per_week: f64,
    /// The weeks that were chosen.
    pub weeks: u32,
    /// Share of those who join that gets the slower level, above 0 and below 1.
    pub slower_share: f64,
    /// What must not get worse; satisfied customers come first.
    pub limits: Vec<Limit>,
    /// When it is looked at: `always_valid` or `fixed`.
    pub looks: String,
    /// Customers for whom ranges of any day are made narrowest; those of the planned weeks where it is not told.
    pub planned_units: Option<f64>,
}

/// A limit on a share of customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    /// The metric.
    pub metric: &'static str,
    /// Today's share, above 0 and below 1.
    pub today: f64,
    /// The largest loss that would be accepted, as a share.
    pub margin: f64,
    /// Share of customers of whom it is known: of satisfaction, those who rate.
    pub known: f64,
    /// How much customers differ, where it was measured; else as one rating from each would.
    pub sd: Option<f64>,
}

/// What the planner says, ready to read.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the parts of the block, in its order")]
pub(super) struct Outlook {
    /// The weeks, what arrives in them, and the chance of a clear answer; as HTML.
    pub sentence: String,
    /// What it takes: "about 8,500 ratings: 12 weeks"; none where no number is enough.
    pub needed: Option<String>,
    pub rows: Vec<Row>,
    /// How the chance can be raised, where it is too low.
    pub ways: Vec<String>,
    /// What was reckoned with.
    pub with: String,
}

/// A line of the table.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the columns")]
pub(super) struct Row {
    pub weeks: u32,
    pub chosen: bool,
    pub customers: String,
    pub ratings: String,
    pub smallest: String,
    pub chance: String,
}

/// The planner's answer for one number of weeks.
struct Answer {
    /// Of the first limit, as a share.
    smallest: Vec<Option<f64>>,
    chances: Vec<f64>,
    weeks_needed: Vec<Option<f64>>,
    units_needed: Vec<Option<f64>>,
    chance: f64,
}

impl Question {
    fn ask(&self, weeks: u32) -> Result<Answer, analyze::Problem> {
        let metrics: Vec<Value> = self
            .limits
            .iter()
            .map(|limit| {
                let worse_is_more = matches!(limit.metric, "churn" | "reopen_rate");
                json!({
                    "metric": limit.metric,
                    "kind": if limit.sd.is_some() { "ratio" } else { "proportion" },
                    "value": limit.today,
                    "sd": limit.sd,
                    "margin": limit.margin,
                    "margin_scale": "absolute",
                    "direction": if worse_is_more { "decrease" } else { "increase" },
                    "share_with_value": limit.known,
                })
            })
            .collect();
        let looks = match self.planned_units {
            Some(units) if self.looks == "always_valid" => {
                json!({"kind": "always_valid", "optimised_for_n": units})
            }
            _ => json!(self.looks),
        };
        let reply = analyze::plan(
            &json!({
                "units_per_week": self.per_week,
                "cohort_weights": [1.0 - self.slower_share, self.slower_share],
                "weeks": weeks,
                "chance": WANTED,
                "looks": looks,
                "metrics": metrics,
            }),
            &|_| None,
        )?;
        let column = |name: &str| -> Vec<Option<f64>> {
            reply["metrics"].as_array().into_iter().flatten().map(|metric| metric[name].as_f64()).collect()
        };
        let chances: Vec<f64> =
            column("chance_at_weeks").into_iter().map(|chance| chance.unwrap_or(0.0)).collect();
        let missed: f64 = chances.iter().map(|chance| 1.0 - chance).sum();
        Ok(Answer {
            smallest: column("margin_at_weeks"),
            weeks_needed: column("weeks_needed"),
            units_needed: column("units_needed"),
            chance: (1.0 - missed).max(0.0),
            chances,
        })
    }

    /// The chance that each limit needs so that all have the one that is wanted.
    fn wanted_of_each(&self) -> f64 {
        1.0 - (1.0 - WANTED) / self.limits.len().max(1) as f64
    }

    /// Asks the planner for the weeks that were chosen, and for those of the table.
    ///
    /// # Errors
    /// What the planner finds wrong, in words.
    pub fn outlook(&self, t: Language) -> Result<Outlook, String> {
        let told = |problem: analyze::Problem| {
            let faults = problem.errors.into_iter().map(|fault| fault.detail);
            faults.collect::<Vec<_>>().join("; ")
        };
        let mut weeks: Vec<u32> = WEEKS.into_iter().chain([self.weeks]).collect();
        weeks.sort_unstable();
        weeks.dedup();
        let rows = weeks.into_iter().map(|weeks| self.ask(weeks).map(|answer| self.row(t, weeks, &answer)));
        let rows = rows.collect::<Result<_, _>>().map_err(told)?;
        let chosen = self.ask(self.weeks).map_err(told)?;
        let unchanged =
            if self.limits.len() == 1 { say("outlook-satisfaction") } else { say("outlook-limited") };
        let chance = match in_hundred(chosen.chance) {
            Some(chance) => t.say("outlook-chance").with("unchanged", unchanged).with("chance", chance),
            None => t.say("outlook-no-chance").with("unchanged", unchanged),
        };
        let arrive = t
            .say("outlook-arrive")
            .with("weeks", self.weeks)
            .with("customers", self.customers(t, self.weeks))
            .with("ratings", self.ratings(t, self.weeks));
        let space = t.say("sentence-space");
        Ok(Outlook {
            sentence: format!("{}{space}{}", arrive.html(), chance.html()),
            ways: if chosen.chance < WANTED { self.ways(t, &chosen) } else { Vec::new() },
            needed: self.needed(t, &chosen),
            rows,
            with: self.with(t),
        })
    }

    fn row(&self, t: Language, weeks: u32, answer: &Answer) -> Row {
        let smallest = answer.smallest.first().copied().flatten();
        let chance = in_hundred(answer.chance);
        Row {
            weeks,
            chosen: weeks == self.weeks,
            customers: self.customers(t, weeks),
            ratings: self.ratings(t, weeks),
            smallest: smallest
                .map_or_else(|| t.say("outlook-none").into(), |smallest| t.tell(&points(smallest))),
            chance: chance
                .map_or_else(
                    || t.say("outlook-next-to-none"),
                    |c| t.say("outlook-in-hundred").with("chance", c),
                )
                .into(),
        }
    }

    fn customers(&self, t: Language, weeks: u32) -> String {
        whole(t, self.per_week * f64::from(weeks))
    }

    fn ratings(&self, t: Language, weeks: u32) -> String {
        let known = self.limits.first().map_or(0.0, |limit| limit.known);
        whole(t, self.per_week * f64::from(weeks) * known)
    }

    /// Ratings and weeks until every limit can be checked.
    fn needed(&self, t: Language, answer: &Answer) -> Option<String> {
        let (units, weeks) = (most(&answer.units_needed)?, most(&answer.weeks_needed)?);
        let known = self.limits.first().map_or(0.0, |limit| limit.known);
        let needed = t
            .say("outlook-needed")
            .with("ratings", whole(t, units * known))
            .with("weeks", Number::fixed(weeks.max(1.0), 0));
        Some(needed.into())
    }

    /// More weeks, wider limits, more customers.
    fn ways(&self, t: Language, answer: &Answer) -> Vec<String> {
        let mut ways = Vec::new();
        ways.push(match most(&answer.weeks_needed) {
            Some(weeks) => t.say("way-weeks").with("weeks", whole(t, weeks)),
            None => t.say("way-no-weeks"),
        });
        let short = self.limits.iter().zip(&answer.chances).zip(&answer.smallest);
        for ((limit, _), smallest) in short.filter(|((_, chance), _)| **chance < self.wanted_of_each()) {
            if let Some(smallest) = smallest {
                let name = words::metric_label(t, limit.metric);
                ways.push(t.say("way-limit").with("limit", points(*smallest)).with("metric", name));
            }
        }
        if let Some(units) = most(&answer.units_needed) {
            let a_week = (units / f64::from(self.weeks)).ceil();
            ways.push(
                t.say("way-customers").with("more", whole(t, a_week)).with("now", whole(t, self.per_week)),
            );
        }
        ways.into_iter().map(String::from).collect()
    }

    fn with(&self, t: Language) -> String {
        let levels = self.limits.iter().map(|limit| {
            say("outlook-level")
                .with("metric", words::metric_label(t, limit.metric))
                .with("today", Slot::Percent(limit.today))
        });
        let levels = levels
            .map(Slot::from)
            .reduce(|list, next| say("list-more").with("list", list).with("next", next).into());
        let known = self.limits.first().map_or(0.0, |limit| limit.known);
        let said = match self.limits.first().and_then(|limit| limit.sd) {
            Some(_) => say("outlook-with-measured"),
            None => say("outlook-with"),
        };
        let with = said
            .with("levels", levels.unwrap_or_else(|| Slot::Text(String::new())))
            .with("known", Slot::Percent(known))
            .with("customers", whole(t, self.per_week));
        t.tell_all(&[with, say("outlook-checked")])
    }
}

/// The most of what each needs; none where one can never have enough.
fn most(needed: &[Option<f64>]) -> Option<f64> {
    needed.iter().copied().try_fold(0.0_f64, |most, needed| Some(most.max(needed?)))
}

/// `92`; none below one half in 100. What is short of the chance that is wanted does not read as if it were that.
fn in_hundred(chance: f64) -> Option<Message> {
    let most = if chance < WANTED { (WANTED * 100.0).round() - 1.0 } else { 100.0 };
    match (chance * 100.0).round().min(most) {
        c if c < 1.0 => None,
        c if c > 99.0 => Some(say("outlook-more-than").with("chance", 99)),
        c => Some(say("size-bare").with("n", Number::fixed(c, 0))),
    }
}

/// `3.2 points`, rounded up: a limit that can be checked stays one.
fn points(share: f64) -> Message {
    say("size-points").with("n", Number::fixed((share * 1000.0 - 1e-9).ceil() / 10.0, 1))
}

fn whole(t: Language, value: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of customers")]
    let value = value.round().max(0.0) as u64;
    t.count(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question {
            per_week: 900.0,
            weeks: 4,
            slower_share: 0.5,
            limits: vec![Limit { metric: "csat", today: 0.92, margin: 0.03, known: 1.0, sd: None }],
            looks: "fixed".to_owned(),
            planned_units: None,
        }
    }

    #[test]
    fn the_figures_are_those_of_rpact() {
        // R, rpact (Farrington & Manning): 3,489.49 units for 90 in 100; four weeks bring 3,600.
        let outlook = question().outlook(Language::English).unwrap();
        assert!(outlook.sentence.contains("<b>91 in 100</b>"), "{}", outlook.sentence);
        assert!(outlook.ways.is_empty());
        let chosen: Vec<&Row> = outlook.rows.iter().filter(|row| row.chosen).collect();
        assert_eq!((chosen.len(), chosen[0].weeks, chosen[0].customers.as_str()), (1, 4, "3,600"));
    }

    #[test]
    fn a_chance_short_of_the_one_wanted_does_not_read_as_it() {
        let told = |chance| Language::English.tell(&in_hundred(chance).unwrap());
        assert_eq!([told(0.796), told(0.8), told(0.804), told(0.501)], ["79", "80", "80", "50"]);
    }

    #[test]
    fn weeks_outside_the_table_have_a_line_of_their_own() {
        let outlook = Question { weeks: 10, ..question() }.outlook(Language::English).unwrap();
        let weeks: Vec<u32> = outlook.rows.iter().map(|row| row.weeks).collect();
        assert_eq!(weeks, [4, 6, 8, 10, 12, 16, 22]);
    }

    #[test]
    fn each_way_out_is_one() {
        let short = Question { per_week: 100.0, weeks: 8, ..question() };
        let outlook = short.outlook(Language::English).unwrap();
        assert_eq!(outlook.ways.len(), 3, "{:?}", outlook.ways);
        let figure = |way: &str| -> f64 {
            let digits: String =
                way.chars().filter(|c| c.is_ascii_digit() || *c == '.' || *c == ' ').collect();
            digits.split_whitespace().find_map(|word| word.parse().ok()).unwrap()
        };
        let chance = |question: Question| question.ask(question.weeks).unwrap().chance;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let weeks = figure(&outlook.ways[0]) as u32;
        assert!(chance(Question { weeks, ..short.clone() }) >= WANTED);
        // The textbook's size, which is the least that is asked for, may take one week more than the chance.
        assert!(chance(Question { weeks: weeks - 2, ..short.clone() }) < WANTED);
        let wider = Limit { margin: figure(&outlook.ways[1]) / 100.0, ..short.limits[0] };
        assert!(chance(Question { limits: vec![wider], ..short.clone() }) >= WANTED);
        assert!(chance(Question { per_week: figure(&outlook.ways[2]), ..short }) >= WANTED);
    }

    #[test]
    fn an_uneven_split_tells_less() {
        let even = question().ask(4).unwrap().chance;
        let uneven = Question { slower_share: 0.1, ..question() }.ask(4).unwrap().chance;
        assert!(uneven < even - 0.2, "{uneven} and {even}");
    }
}
