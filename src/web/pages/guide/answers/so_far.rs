//! The experiment as far as it is answered, in words.

use super::{Answers, GAINS, LIMITS};
use crate::{
    domain::time::Moment,
    language::{Language, Message, Slot, say},
    presentation::words,
};

impl Answers {
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
