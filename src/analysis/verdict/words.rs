//! The words of a verdict, from `ux/spec.md`. Every claim is a message of its own and stands only where it
//! is shown; no sentence says more than the interval does.

use crate::domain::{
    experiment::{Direction, Role},
    format,
};

use super::{
    super::{
        document::{CheckState, Conclusion, MetricComparison, MetricResult, Outcome, Range, Verdict},
        health::Incomplete,
        waits,
    },
    Case, Truth, decision,
    phrases::{
        about, amount, clearly_worse, ends, goodness, levels, limit_words, nothing_looks_harmful,
        range_words, refuting_primary, satisfaction_held, subject, subject_of, used_of_limit, values,
    },
};

/// The whole verdict for an outcome.
pub fn verdict(case: &Case<'_>, outcome: Outcome) -> Verdict {
    let (kicker, headline, sentences) = match outcome {
        Outcome::Ship => ship(case),
        Outcome::LimitBroken => limit_broken(case),
        Outcome::CostsMore => costs_more(case),
        Outcome::KeepRunning => keep_running(case),
        Outcome::WaitingForRevenue => waiting_for_revenue(case),
        Outcome::TooEarly => too_early(case),
        Outcome::SplitUneven => split_uneven(case),
        Outcome::NotDelivered => not_delivered(case),
        Outcome::DataIncomplete => data_incomplete(case),
        Outcome::Underpowered => underpowered(case),
        Outcome::NoClearAnswer => no_clear_answer(case),
        Outcome::SafeNotShownToPay => safe_not_shown_to_pay(case),
    };
    let shows_figures = !matches!(
        outcome,
        Outcome::TooEarly | Outcome::SplitUneven | Outcome::NotDelivered | Outcome::DataIncomplete
    );
    Verdict {
        decision: decision(outcome),
        outcome,
        cohort: case.treatment.key.clone(),
        kicker: kicker.to_owned(),
        headline,
        sentence: sentences.join(" "),
        reasons: if shows_figures { reasons(case) } else { vec![trust(case)] },
        know_before: if outcome == Outcome::Ship { know_before(case) } else { Vec::new() },
        metric: subject_of(case, outcome).map(|(metric, _)| metric.metric.clone()),
    }
}

type Text = (&'static str, String, Vec<String>);

// ── the rows of the table ────────────────────────────────────────────────────────────────────

fn ship(case: &Case<'_>) -> Text {
    let mut sentences = held(case);
    if case.money() == Truth::Shown {
        sentences.push("The staff time saved is worth more than the renewals it may cost.".to_owned());
    }
    if !case.asks_for_limits() {
        sentences.push("Your rule for shipping does not ask that every limit holds.".to_owned());
    }
    ("Recommendation: ship", "You can ship the slower first response.".to_owned(), sentences)
}

/// What is shown of the limit that the sentence speaks of.
fn held(case: &Case<'_>) -> Vec<String> {
    let Some((metric, comparison)) = subject_of(case, Outcome::Ship) else {
        return primary_improved(case);
    };
    let inside = comparison.conclusion == Conclusion::NonInferior;
    let mut sentences = vec![match (about(metric, comparison), values(case, metric)) {
        (Some(about), Some((slow, usual))) if metric.metric == "csat" && inside => {
            let promise =
                format::promise(case.treatment.first_response, case.slow_level.calendar, case.study.as_of);
            format!("Customers who waited up to {promise} were {about}: {slow}, compared with {usual}.")
        }
        (_, Some((slow, usual))) => levels(metric, &slow, &usual),
        _ => return primary_improved(case),
    }];
    let range = range_words(metric, comparison);
    sentences.push(if inside {
        format!("The true difference is very likely {range}, inside {}.", limit_words(metric, comparison))
    } else {
        format!("The true difference is very likely {range}.")
    });
    sentences
}

fn primary_improved(case: &Case<'_>) -> Vec<String> {
    let better =
        case.with_role(Role::Primary).find(|(_, comparison)| comparison.conclusion == Conclusion::Better);
    let Some((metric, comparison)) = better else { return Vec::new() };
    let Some((slow, usual)) = values(case, metric) else { return Vec::new() };
    vec![
        levels(metric, &slow, &usual),
        format!("The true difference is very likely {}.", range_words(metric, comparison)),
    ]
}

fn limit_broken(case: &Case<'_>) -> Text {
    let mut sentences = Vec::new();
    let mut headline = "Do not ship. A limit is broken.".to_owned();
    if let Some((metric, comparison)) = case.broken_guardrail() {
        let verb = if metric.direction == Direction::Decrease { "rose" } else { "fell" };
        headline = format!("Do not ship. {} {verb} further than you allowed.", subject(metric));
        if let Some((slow, usual)) = values(case, metric) {
            sentences.push(levels(metric, &slow, &usual));
        }
        sentences.push(format!(
            "The true difference is very likely {}, beyond {}.",
            range_words(metric, comparison),
            limit_words(metric, comparison)
        ));
        sentences.push("More time is unlikely to change this.".to_owned());
    }
    ("Recommendation: do not ship", headline, sentences)
}

fn costs_more(case: &Case<'_>) -> Text {
    let kicker = "Recommendation: do not ship";
    let net = case.net_value();
    let loses = net.upper.is_some_and(|upper| upper < 0.0);
    let mut sentences = Vec::new();
    let satisfied = satisfaction_held(case);
    if satisfied {
        sentences.push("Satisfaction held.".to_owned());
    }
    let year = case.economics.and_then(|economics| economics.per_year.as_ref().map(|year| (economics, year)));
    let Some((economics, year)) = year.filter(|_| loses) else {
        let worse = refuting_primary(case);
        if worse.is_none() {
            sentences.push("The figures show the opposite of what it asks for.".to_owned());
        }
        if let Some((metric, comparison)) = worse {
            if let Some((slow, usual)) = values(case, metric) {
                sentences.push(levels(metric, &slow, &usual));
            }
            sentences
                .push(format!("The true difference is very likely {}.", range_words(metric, comparison)));
        }
        return (kicker, "Do not ship. What you agreed on for shipping is refuted.".to_owned(), sentences);
    };
    let amounts = [year.net_value.lower.unwrap_or(0.0), year.net_value.upper.unwrap_or(0.0)];
    let step = format::money_step(&amounts);
    let money = |amount: f64| format::money(economics.currency, amount.abs(), step);
    let saving = year.saving.estimate.unwrap_or(0.0);
    let loss = year.retention_loss.estimate.unwrap_or(0.0);
    // Each of the three is said only where its range is on that side.
    let above = |range: Range| range.lower.is_some_and(|lower| lower > 0.0);
    let renewals = case
        .metric("net_revenue_retention")
        .filter(|(metric, comparison)| clearly_worse(metric, comparison))
        .and_then(|(_, comparison)| comparison.absolute.estimate)
        .filter(|_| above(year.retention_loss) && above(year.saving));
    if let Some(change) = renewals {
        let but = if satisfied { "But renewals" } else { "Renewals" };
        let points = format::number(change.abs() * 100.0, 1);
        sentences.push(format!(
            "{but} fell by {points} points, worth about {} a year, and the staff time saved is worth about {}.",
            money(loss),
            format::money(economics.currency, saving, step)
        ));
    }
    if let (Some(lower), Some(upper)) = (year.net_value.lower, year.net_value.upper) {
        let (a, b) = (money(upper), money(lower));
        sentences.push(format!("The net loss is very likely between {a} and {b} a year."));
    }
    (kicker, "Do not ship. It would cost more than it saves.".to_owned(), sentences)
}

fn keep_running(case: &Case<'_>) -> Text {
    let days = (case.planned_end - case.study.as_of).ms();
    let days = (days as f64 / crate::domain::time::DAY_MS as f64).ceil().max(1.0);
    #[allow(clippy::cast_possible_truncation, reason = "days of one experiment")]
    let left = format::more_days_or_weeks(days as i64);
    let mut sentences = Vec::new();
    if let Some((metric, comparison)) = subject_of(case, Outcome::KeepRunning) {
        if let Some((slow, usual)) = values(case, metric) {
            sentences.push(if metric.metric == "csat" {
                format!(
                    "So far {slow} of customers at the slower level are satisfied, compared with {usual}."
                )
            } else {
                format!("So far: {}", levels(metric, &slow, &usual))
            });
        }
        sentences.push(so_far(case, metric, comparison));
    }
    if nothing_looks_harmful(case) {
        sentences.push("Nothing looks harmful.".to_owned());
    }
    ("Recommendation: keep running", format!("Keep running. About {left} to go."), sentences)
}

fn so_far(case: &Case<'_>, metric: &MetricResult, comparison: &MetricComparison) -> String {
    let limit = limit_words(metric, comparison);
    let Some((low, high)) = ends(metric, comparison) else {
        return format!("There is not enough yet to say whether it is inside {limit}.");
    };
    let anything = format!("The true difference could be anything from {low} to {high}");
    match comparison.conclusion {
        Conclusion::NonInferior | Conclusion::Inferior if !case.conclusions_count() => {
            format!("{anything}, but a figure that counts once is read at the planned end.")
        }
        Conclusion::NonInferior => format!("{anything}, which is inside {limit}."),
        _ if comparison.margin.is_some() => {
            format!("{anything}, so we cannot yet say whether it is inside {limit}.")
        }
        _ => format!("{anything}."),
    }
}

fn waiting_for_revenue(case: &Case<'_>) -> Text {
    let follow_up = &case.follow_up;
    let date = format::date(follow_up.complete_at);
    let headline = if satisfaction_held(case) {
        format!("Satisfaction is settled. Renewals are known on {date}.")
    } else {
        format!("Renewals are known on {date}.")
    };
    let mut sentences = Vec::new();
    if case.at_end() {
        sentences.push("No more customers are needed.".to_owned());
    }
    sentences.push(format!(
        "{} of {} customers have reached {} days, and the rest will by {date}.",
        format::count(follow_up.reached),
        format::count(follow_up.of),
        follow_up.days
    ));
    ("Recommendation: keep running", headline, sentences)
}

fn too_early(case: &Case<'_>) -> Text {
    let joined = case.sizes.0.units + case.sizes.1.units;
    let headline = case.first_assigned.map_or_else(
        || "First figures a week after the first customer joins.".to_owned(),
        |first| format!("First figures on {}.", format::date(first.plus_days(super::QUIET_DAYS))),
    );
    let sentences = vec![
        format!(
            "We show nothing for the first {} days, because a few days of tickets can point either way.",
            super::QUIET_DAYS
        ),
        format!("{} customers have joined so far.", format::count(joined)),
    ];
    ("Too early to say", headline, sentences)
}

const CHECK_FAILED: &str = "No recommendation: a check failed";

fn split_uneven(case: &Case<'_>) -> Text {
    let (usual, slow) = (case.control.weight, case.treatment.weight);
    let asked =
        if usual == slow { "an even split".to_owned() } else { format!("a split of {usual} to {slow}") };
    let (n1, n2) = (format::count(case.sizes.0.units), format::count(case.sizes.1.units));
    let sentences = vec![
        format!(
            "You asked for {asked}, but {n1} customers are at the usual level and {n2} at the slower one."
        ),
        "A fair split would be this uneven less than once in 1,000 tries.".to_owned(),
        "Something is sorting customers before or after the split. Fix it, then start again.".to_owned(),
    ];
    (CHECK_FAILED, "Do not use these figures. The groups are not comparable.".to_owned(), sentences)
}

fn not_delivered(case: &Case<'_>) -> Text {
    let gaps = &case.findings.health.delivery.gaps;
    let mut sentences = Vec::new();
    if let Some(gap) = gaps.iter().find(|gap| gap.treatment == case.treatment.key) {
        let hours = |hours: f64| format::wait(waits::hours(hours));
        let waited = gap.waited_longer_hours.estimate.unwrap_or(0.0);
        sentences.push(format!(
            "Customers at the slower level waited {} {} than the others; their promises differ by {}.",
            hours(waited.abs()),
            if waited < 0.0 { "less" } else { "longer" },
            hours(gap.promised_longer_hours.abs())
        ));
    }
    sentences.push("Check the routing rule, then start again.".to_owned());
    let headline = "Do not use these figures. Tickets were not answered at the level we assigned.";
    (CHECK_FAILED, headline.to_owned(), sentences)
}

fn data_incomplete(case: &Case<'_>) -> Text {
    let month = crate::metrics::Context { as_of: case.study.as_of, economics: None }.last_complete_month();
    let why = match case.findings.incomplete {
        Some(Incomplete::Revenue(share)) => {
            format!(
                "For {} of the starting revenue, nothing has arrived for {month}.",
                format::percent(share)
            )
        }
        Some(Incomplete::RevenueUneven) => {
            format!("Revenue of {month} is missing for one group more than for the other.")
        }
        Some(Incomplete::Rejected(share)) => format!(
            "{} of the lines of the last 7 days about these customers were left out as faulty.",
            format::percent(share)
        ),
        None => "Data are missing.".to_owned(),
    };
    let kept = "Everything up to then is kept, and nothing needs to restart.".to_owned();
    (CHECK_FAILED, "No recommendation until the data is complete.".to_owned(), vec![why, kept])
}

fn underpowered(case: &Case<'_>) -> Text {
    let date = format::date(case.planned_end);
    let headline = format!("At this rate you will not get an answer by {date}.");
    let mut sentences = Vec::new();
    if let Some(outlook) = &case.outlook {
        let (planned, joining) = outlook.weekly;
        sentences.push(format!(
            "You planned on {} new customers a week, and {} are joining.",
            format::number(planned, 0),
            format::number(joining, 0)
        ));
        if let (Some((metric, comparison)), Some(reachable)) =
            (case.metric(&outlook.metric), outlook.reachable)
        {
            let worse = if metric.direction == Direction::Decrease { "rise" } else { "drop" };
            sentences.push(format!(
                "By {date} we could only rule out a {worse} of more than {}, and your limit is {}.",
                amount(metric, comparison, reachable),
                amount(metric, comparison, comparison.margin.unwrap_or(0.0)).trim_end_matches(" points"),
            ));
        }
        sentences.push(match outlook.weeks_more {
            Some(1) => "You can run for one more week, include more customers, or stop.".to_owned(),
            Some(weeks) => {
                format!("You can run for {weeks} more weeks, include more customers, or stop.")
            }
            None => "You can include more customers, or stop.".to_owned(),
        });
    }
    ("Recommendation: change the plan", headline, sentences)
}

fn no_clear_answer(case: &Case<'_>) -> Text {
    let mut sentences = Vec::new();
    if let Some((metric, comparison)) = subject_of(case, Outcome::NoClearAnswer) {
        if let Some((slow, usual)) = values(case, metric) {
            sentences.push(if metric.metric == "csat" {
                format!("{slow} of customers at the slower level were satisfied, compared with {usual}.")
            } else {
                levels(metric, &slow, &usual)
            });
        }
        let ends = goodness(metric, comparison);
        if ends.is_some() {
            let range = range_words(metric, comparison);
            sentences.push(format!("The true difference is very likely {range}."));
        }
        let crosses = |margin: f64| ends.is_none_or(|(worst, best)| worst <= -margin && best >= -margin);
        if comparison.conclusion == Conclusion::NotYetShown && comparison.margin.is_some_and(crosses) {
            let what = if ends.is_some() { "That crosses" } else { "Its range is not known against" };
            sentences.push(format!(
                "{what} {}, so we cannot say the slower level is safe, or that it is not.",
                limit_words(metric, comparison)
            ));
        }
    }
    if case.guardrails() == Truth::Shown && case.with_role(Role::Guardrail).next().is_some() {
        sentences.push("Every limit held, but what you agreed on for shipping is not shown.".to_owned());
    }
    sentences.push("Keep the usual level unless you accept that risk.".to_owned());
    ("No clear answer", "The time is up and there is no clear answer.".to_owned(), sentences)
}

fn safe_not_shown_to_pay(case: &Case<'_>) -> Text {
    let mut sentences = vec!["Every limit held.".to_owned()];
    let year = case
        .economics
        .and_then(|economics| Some((economics.currency, economics.per_year.as_ref()?.net_value)));
    match year {
        Some((currency, Range { lower: Some(lower), upper: Some(upper), .. })) => {
            let step = format::money_step(&[lower, upper]);
            sentences.push(format!(
                "But the net result is very likely between a loss of {} and a gain of {} a year, so we cannot say it pays for itself.",
                format::money(currency, lower.abs(), step),
                format::money(currency, upper.abs(), step)
            ));
        }
        _ => sentences.push("But the net result cannot be said yet.".to_owned()),
    }
    ("No clear answer", "Safe for customers, but not shown to pay.".to_owned(), sentences)
}

// ── reasons and what to know ─────────────────────────────────────────────────────────────────

/// Satisfaction, money, trust: a line each.
fn reasons(case: &Case<'_>) -> Vec<String> {
    vec![satisfaction(case), money(case), trust(case)]
}

fn satisfaction(case: &Case<'_>) -> String {
    let guardrails: Vec<_> = case.with_role(Role::Guardrail).collect();
    let broken = guardrails.iter().find(|(_, c)| c.conclusion == Conclusion::Inferior);
    let open = guardrails.iter().find(|(_, c)| c.conclusion == Conclusion::NotYetShown);
    if guardrails.is_empty() {
        "No limit was agreed. Nothing protects the customers in this experiment.".to_owned()
    } else if !case.conclusions_count() {
        format!("The limits are read once, at the planned end on {}.", format::date(case.planned_end))
    } else if let Some((metric, _)) = broken {
        format!("A limit is broken. {} is beyond what you allowed.", subject(metric))
    } else if let Some((metric, _)) = open {
        format!("A limit is not settled. {} may still be on either side of it.", subject(metric))
    } else {
        let what = if satisfaction_held(case) { "Satisfaction" } else { "Every limit" };
        format!("{what} held. The whole range is on the safe side of every limit.")
    }
}

fn money(case: &Case<'_>) -> String {
    let year = case.economics.and_then(|economics| Some((economics.currency, economics.per_year.as_ref()?)));
    let Some((currency, year)) = year else {
        return "The money is not known yet. It needs one whole month after customers joined, and what things cost."
            .to_owned();
    };
    let (Some(loss), Some(saving)) = (year.retention_loss.upper, year.saving.lower) else {
        return "The money is not known yet. Too few customers to say.".to_owned();
    };
    let step = format::money_step(&[loss, saving]);
    let money = |amount: f64| format::money(currency, amount.abs(), step);
    let at_worst = if loss > 0.0 {
        format!("At worst, {} of renewals lost a year.", money(loss))
    } else {
        format!("At worst, {} of renewals gained a year.", money(loss))
    };
    let at_least = if saving >= 0.0 {
        format!("At least, {} of staff time saved.", money(saving))
    } else {
        format!("At worst, {} of staff time added.", money(saving))
    };
    let title = match case.money() {
        Truth::Shown => "The money works.",
        Truth::Refuted => "It costs more than it saves.",
        Truth::Open => "The money is not settled.",
    };
    format!("{title} {at_worst} {at_least}")
}

fn trust(case: &Case<'_>) -> String {
    let checks = &case.findings.health.checks;
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| check.state == CheckState::Failed)
        .map(|check| check.title.as_str())
        .collect();
    if failed.is_empty() {
        let passed = checks.iter().filter(|check| check.state == CheckState::Passed).count();
        let notes = checks.iter().filter(|check| check.state == CheckState::Note).count();
        let noted = match notes {
            0 => String::new(),
            1 => ", and one note".to_owned(),
            n => format!(", and {n} notes"),
        };
        format!("The data can be trusted. {passed} checks passed{noted}.")
    } else {
        format!("The data cannot be trusted. {}.", failed.join(". "))
    }
}

/// Up to two sentences, always on ship.
fn know_before(case: &Case<'_>) -> Vec<String> {
    let mut known = Vec::new();
    for (metric, comparison) in case.with_role(Role::Guardrail) {
        if used_of_limit(metric, comparison).is_some_and(|used| used > 0.8) {
            known.push(format!("{} may have used most of its limit.", subject(metric)));
        }
    }
    for metric in case.metrics.iter().filter(|metric| metric.role != Some(Role::Primary)) {
        let Some((_, comparison)) = case.compared(metric) else { continue };
        let worse = metric.role.is_some() && clearly_worse(metric, comparison);
        if let Some((slow, usual)) = values(case, metric).filter(|_| worse) {
            known.push(format!(
                "{} got worse, though no limit is broken: {slow}, compared with {usual}.",
                subject(metric)
            ));
        }
    }
    for check in case.findings.health.checks.iter().filter(|check| check.state == CheckState::Note) {
        known.push(format!("{}.", check.title));
    }
    if known.is_empty() {
        let days = case.follow_up.days;
        known.push(if days == 0 {
            "Customers were not followed beyond the experiment, so what happens at later renewals is not seen.".to_owned()
        } else {
            format!("Customers were followed for {days} days; later renewals are not seen.")
        });
    }
    known.truncate(2);
    known
}
