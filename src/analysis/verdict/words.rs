//! The words of a verdict, from `ux/spec.md`. Every claim is a message of its own and stands only where it
//! is shown; no sentence says more than the interval does.

use crate::{
    domain::{
        experiment::{Direction, Role},
        promise::Promise,
    },
    language::{Language, Message, Number, Slot, money_step, more_days_or_weeks, promised, say},
};

use super::{
    super::{
        document::{
            Check, CheckState, Conclusion, MetricComparison, MetricResult, Outcome, Range, Said, Verdict,
        },
        health::Incomplete,
    },
    Case, Truth, decision,
    phrases::{
        about, amount, bare_amount, clearly_worse, ends, goodness, levels, limit_words,
        nothing_looks_harmful, range_words, refuting_primary, satisfaction_held, subject, subject_of,
        used_of_limit, values,
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
    let said = Said {
        kicker,
        headline,
        sentence: sentences,
        reasons: if shows_figures { reasons(case) } else { vec![trust(case)] },
        know_before: if outcome == Outcome::Ship { know_before(case) } else { Vec::new() },
    };
    let words = said.words(Language::English);
    Verdict {
        decision: decision(outcome),
        outcome,
        cohort: case.treatment.key.clone(),
        kicker: words.kicker,
        headline: words.headline,
        sentence: words.sentence,
        reasons: words.reasons,
        know_before: words.know_before,
        metric: subject_of(case, outcome).map(|(metric, _)| metric.metric.clone()),
        said: Some(said),
    }
}

/// The recommendation, the finding, and its sentences.
type Text = (Message, Message, Vec<Message>);

// ── the rows of the table ────────────────────────────────────────────────────────────────────

fn ship(case: &Case<'_>) -> Text {
    let mut sentences = held(case);
    if case.money() == Truth::Shown {
        sentences.push(say("verdict-ship-pays"));
    }
    if !case.asks_for_limits() {
        sentences.push(say("verdict-ship-without-limits"));
    }
    (say("verdict-kicker-ship"), say("verdict-ship"), sentences)
}

/// What is shown of the limit that the sentence speaks of.
fn held(case: &Case<'_>) -> Vec<Message> {
    let Some((metric, comparison)) = subject_of(case, Outcome::Ship) else {
        return primary_improved(case);
    };
    let inside = comparison.conclusion == Conclusion::NonInferior;
    let mut sentences = vec![match (about(metric, comparison), values(case, metric)) {
        (Some(about), Some((slow, usual))) if metric.metric == "csat" && inside => {
            let promise =
                Promise::of(case.treatment.first_response, case.slow_level.calendar, case.study.as_of);
            say("verdict-satisfied")
                .with("promise", promised(promise))
                .with("about", about)
                .with("slow", slow)
                .with("usual", usual)
        }
        (_, Some((slow, usual))) => levels(metric, slow, usual),
        _ => return primary_improved(case),
    }];
    let range = range_words(metric, comparison);
    sentences.push(if inside {
        say("verdict-difference-inside").with("range", range).with("limit", limit_words(metric, comparison))
    } else {
        say("verdict-difference").with("range", range)
    });
    sentences
}

fn primary_improved(case: &Case<'_>) -> Vec<Message> {
    let better =
        case.with_role(Role::Primary).find(|(_, comparison)| comparison.conclusion == Conclusion::Better);
    let Some((metric, comparison)) = better else { return Vec::new() };
    let Some((slow, usual)) = values(case, metric) else { return Vec::new() };
    vec![
        levels(metric, slow, usual),
        say("verdict-difference").with("range", range_words(metric, comparison)),
    ]
}

fn limit_broken(case: &Case<'_>) -> Text {
    let mut sentences = Vec::new();
    let mut headline = say("verdict-limit-broken");
    if let Some((metric, comparison)) = case.broken_guardrail() {
        headline = if metric.direction == Direction::Decrease {
            say("verdict-rose-too-far").with("metric", subject(metric))
        } else {
            say("verdict-fell-too-far").with("metric", subject(metric))
        };
        if let Some((slow, usual)) = values(case, metric) {
            sentences.push(levels(metric, slow, usual));
        }
        sentences.push(
            say("verdict-difference-beyond")
                .with("range", range_words(metric, comparison))
                .with("limit", limit_words(metric, comparison)),
        );
        sentences.push(say("verdict-more-time-changes-nothing"));
    }
    (say("verdict-kicker-do-not-ship"), headline, sentences)
}

fn costs_more(case: &Case<'_>) -> Text {
    let kicker = say("verdict-kicker-do-not-ship");
    let net = case.net_value();
    let loses = net.upper.is_some_and(|upper| upper < 0.0);
    let mut sentences = Vec::new();
    let satisfied = satisfaction_held(case);
    if satisfied {
        sentences.push(say("verdict-satisfaction-held"));
    }
    let year = case.economics.and_then(|economics| economics.per_year.as_ref().map(|year| (economics, year)));
    let Some((economics, year)) = year.filter(|_| loses) else {
        let worse = refuting_primary(case);
        if worse.is_none() {
            sentences.push(say("verdict-opposite"));
        }
        if let Some((metric, comparison)) = worse {
            if let Some((slow, usual)) = values(case, metric) {
                sentences.push(levels(metric, slow, usual));
            }
            sentences.push(say("verdict-difference").with("range", range_words(metric, comparison)));
        }
        return (kicker, say("verdict-rule-refuted"), sentences);
    };
    let amounts = [year.net_value.lower.unwrap_or(0.0), year.net_value.upper.unwrap_or(0.0)];
    let step = money_step(&amounts);
    let money = |amount: f64| Slot::Money { currency: economics.currency, amount, step };
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
        let fell = if satisfied { say("verdict-but-renewals-fell") } else { say("verdict-renewals-fell") };
        sentences.push(
            fell.with("points", Number::fixed(change.abs() * 100.0, 1))
                .with("loss", money(loss.abs()))
                .with("saving", money(saving)),
        );
    }
    if let (Some(lower), Some(upper)) = (year.net_value.lower, year.net_value.upper) {
        sentences
            .push(say("verdict-net-loss").with("least", money(upper.abs())).with("most", money(lower.abs())));
    }
    (kicker, say("verdict-costs-more"), sentences)
}

fn keep_running(case: &Case<'_>) -> Text {
    let days = (case.planned_end - case.study.as_of).ms();
    let days = (days as f64 / crate::domain::time::DAY_MS as f64).ceil().max(1.0);
    #[allow(clippy::cast_possible_truncation, reason = "days of one experiment")]
    let left = more_days_or_weeks(days as i64);
    let mut sentences = Vec::new();
    if let Some((metric, comparison)) = subject_of(case, Outcome::KeepRunning) {
        if let Some((slow, usual)) = values(case, metric) {
            sentences.push(if metric.metric == "csat" {
                say("verdict-so-far-satisfied").with("slow", slow).with("usual", usual)
            } else {
                say("verdict-so-far-levels")
                    .with("metric", subject(metric))
                    .with("slow", slow)
                    .with("usual", usual)
            });
        }
        sentences.push(so_far(case, metric, comparison));
    }
    if nothing_looks_harmful(case) {
        sentences.push(say("verdict-nothing-harmful"));
    }
    (say("verdict-kicker-keep-running"), say("verdict-keep-running").with("left", left), sentences)
}

fn so_far(case: &Case<'_>, metric: &MetricResult, comparison: &MetricComparison) -> Message {
    let limit = limit_words(metric, comparison);
    let Some((low, high)) = ends(metric, comparison) else {
        return say("verdict-not-enough-yet").with("limit", limit);
    };
    match comparison.conclusion {
        Conclusion::NonInferior | Conclusion::Inferior if !case.conclusions_count() => {
            say("verdict-could-be-counts-once").with("low", low).with("high", high)
        }
        Conclusion::NonInferior => {
            say("verdict-could-be-inside").with("low", low).with("high", high).with("limit", limit)
        }
        _ if comparison.margin.is_some() => {
            say("verdict-could-be-open").with("low", low).with("high", high).with("limit", limit)
        }
        _ => say("verdict-could-be").with("low", low).with("high", high),
    }
}

fn waiting_for_revenue(case: &Case<'_>) -> Text {
    let follow_up = &case.follow_up;
    let date = follow_up.complete_at;
    let headline = if satisfaction_held(case) {
        say("verdict-waiting-settled").with("date", date)
    } else {
        say("verdict-waiting").with("date", date)
    };
    let mut sentences = Vec::new();
    if case.at_end() {
        sentences.push(say("verdict-no-more-customers"));
    }
    sentences.push(
        say("verdict-followed-up")
            .with("reached", follow_up.reached)
            .with("all", follow_up.of)
            .with("days", follow_up.days)
            .with("date", date),
    );
    (say("verdict-kicker-keep-running"), headline, sentences)
}

fn too_early(case: &Case<'_>) -> Text {
    let joined = case.sizes.0.units + case.sizes.1.units;
    let headline = case.first_assigned.map_or_else(
        || say("verdict-too-early-nobody"),
        |first| say("verdict-too-early").with("date", first.plus_days(super::QUIET_DAYS)),
    );
    let sentences = vec![
        say("verdict-quiet-days").with("days", super::QUIET_DAYS),
        say("verdict-joined").with("n", joined),
    ];
    (say("verdict-kicker-too-early"), headline, sentences)
}

fn split_uneven(case: &Case<'_>) -> Text {
    let (usual, slow) = (case.control.weight, case.treatment.weight);
    let asked = if usual == slow {
        say("verdict-even-split")
    } else {
        say("verdict-uneven-split").with("usual", usual).with("slow", slow)
    };
    let sentences = vec![
        say("verdict-split-found")
            .with("asked", asked)
            .with("usual", case.sizes.0.units)
            .with("slow", case.sizes.1.units),
        say("verdict-split-rare"),
        say("verdict-split-mend"),
    ];
    (say("verdict-kicker-failed"), say("verdict-split-uneven"), sentences)
}

fn not_delivered(case: &Case<'_>) -> Text {
    let gaps = &case.findings.health.delivery.gaps;
    let mut sentences = Vec::new();
    if let Some(gap) = gaps.iter().find(|gap| gap.treatment == case.treatment.key) {
        let waited = gap.waited_longer_hours.estimate.unwrap_or(0.0);
        let differ = if waited < 0.0 { say("verdict-waited-less") } else { say("verdict-waited-longer") };
        sentences.push(
            differ
                .with("waited", Slot::Hours(waited.abs()))
                .with("promised", Slot::Hours(gap.promised_longer_hours.abs())),
        );
    }
    sentences.push(say("verdict-delivery-mend"));
    (say("verdict-kicker-failed"), say("verdict-not-delivered"), sentences)
}

fn data_incomplete(case: &Case<'_>) -> Text {
    let month = crate::metrics::Context { as_of: case.study.as_of, economics: None }.last_complete_month();
    let why = match case.findings.incomplete {
        Some(Incomplete::Revenue(share)) => {
            say("verdict-revenue-missing").with("share", Slot::Percent(share)).with("month", month)
        }
        Some(Incomplete::RevenueUneven) => say("verdict-revenue-uneven").with("month", month),
        Some(Incomplete::Rejected(share)) => say("verdict-rejected").with("share", Slot::Percent(share)),
        None => say("verdict-data-missing"),
    };
    (say("verdict-kicker-failed"), say("verdict-data-incomplete"), vec![why, say("verdict-data-kept")])
}

fn underpowered(case: &Case<'_>) -> Text {
    let date = case.planned_end;
    let headline = say("verdict-underpowered").with("date", date);
    let mut sentences = Vec::new();
    if let Some(outlook) = &case.outlook {
        let (planned, joining) = outlook.weekly;
        sentences.push(
            say("verdict-joining")
                .with("planned", Number::fixed(planned, 0))
                .with("joining", Number::fixed(joining, 0)),
        );
        if let (Some((metric, comparison)), Some(reachable)) =
            (case.metric(&outlook.metric), outlook.reachable)
        {
            let rule_out = if metric.direction == Direction::Decrease {
                say("verdict-rule-out-rise")
            } else {
                say("verdict-rule-out-drop")
            };
            sentences.push(
                rule_out
                    .with("date", date)
                    .with("amount", amount(metric, reachable))
                    .with("limit", bare_amount(metric, comparison.margin.unwrap_or(0.0))),
            );
        }
        sentences.push(match outlook.weeks_more {
            Some(weeks) => say("verdict-ways-out-weeks").with("weeks", weeks),
            None => say("verdict-ways-out"),
        });
    }
    (say("verdict-kicker-change-plan"), headline, sentences)
}

fn no_clear_answer(case: &Case<'_>) -> Text {
    let mut sentences = Vec::new();
    if let Some((metric, comparison)) = subject_of(case, Outcome::NoClearAnswer) {
        if let Some((slow, usual)) = values(case, metric) {
            sentences.push(if metric.metric == "csat" {
                say("verdict-were-satisfied").with("slow", slow).with("usual", usual)
            } else {
                levels(metric, slow, usual)
            });
        }
        let ends = goodness(metric, comparison);
        if ends.is_some() {
            sentences.push(say("verdict-difference").with("range", range_words(metric, comparison)));
        }
        let crosses = |margin: f64| ends.is_none_or(|(worst, best)| worst <= -margin && best >= -margin);
        if comparison.conclusion == Conclusion::NotYetShown && comparison.margin.is_some_and(crosses) {
            let unclear =
                if ends.is_some() { say("verdict-crosses") } else { say("verdict-not-known-against") };
            sentences.push(unclear.with("limit", limit_words(metric, comparison)));
        }
    }
    if case.guardrails() == Truth::Shown && case.with_role(Role::Guardrail).next().is_some() {
        sentences.push(say("verdict-held-but-not-shown"));
    }
    sentences.push(say("verdict-keep-usual"));
    (say("verdict-kicker-no-clear-answer"), say("verdict-no-clear-answer"), sentences)
}

fn safe_not_shown_to_pay(case: &Case<'_>) -> Text {
    let mut sentences = vec![say("verdict-every-limit-held")];
    let year = case
        .economics
        .and_then(|economics| Some((economics.currency, economics.per_year.as_ref()?.net_value)));
    match year {
        Some((currency, Range { lower: Some(lower), upper: Some(upper), .. })) => {
            let step = money_step(&[lower, upper]);
            let money = |amount: f64| Slot::Money { currency, amount: amount.abs(), step };
            sentences.push(say("verdict-net-open").with("loss", money(lower)).with("gain", money(upper)));
        }
        _ => sentences.push(say("verdict-net-unknown")),
    }
    (say("verdict-kicker-no-clear-answer"), say("verdict-safe-not-shown-to-pay"), sentences)
}

// ── reasons and what to know ─────────────────────────────────────────────────────────────────

/// Satisfaction, money, trust: a line each.
fn reasons(case: &Case<'_>) -> Vec<Vec<Message>> {
    vec![satisfaction(case), money(case), trust(case)]
}

fn satisfaction(case: &Case<'_>) -> Vec<Message> {
    let guardrails: Vec<_> = case.with_role(Role::Guardrail).collect();
    let broken = guardrails.iter().find(|(_, c)| c.conclusion == Conclusion::Inferior);
    let open = guardrails.iter().find(|(_, c)| c.conclusion == Conclusion::NotYetShown);
    if guardrails.is_empty() {
        vec![say("reason-no-limit"), say("reason-no-limit-why")]
    } else if !case.conclusions_count() {
        vec![say("reason-limits-read-once").with("date", case.planned_end)]
    } else if let Some((metric, _)) = broken {
        vec![say("reason-limit-broken"), say("reason-limit-broken-why").with("metric", subject(metric))]
    } else if let Some((metric, _)) = open {
        vec![say("reason-limit-open"), say("reason-limit-open-why").with("metric", subject(metric))]
    } else {
        let held = satisfaction_held(case);
        let what = if held { say("verdict-satisfaction-held") } else { say("verdict-every-limit-held") };
        vec![what, say("reason-held-why")]
    }
}

fn money(case: &Case<'_>) -> Vec<Message> {
    let year = case.economics.and_then(|economics| Some((economics.currency, economics.per_year.as_ref()?)));
    let Some((currency, year)) = year else {
        return vec![say("reason-money-unknown"), say("reason-money-needs-a-month")];
    };
    let (Some(loss), Some(saving)) = (year.retention_loss.upper, year.saving.lower) else {
        return vec![say("reason-money-unknown"), say("reason-money-too-few")];
    };
    let step = money_step(&[loss, saving]);
    let money = |amount: f64| Slot::Money { currency, amount: amount.abs(), step };
    let at_worst = if loss > 0.0 { say("reason-renewals-lost") } else { say("reason-renewals-gained") };
    let at_least = if saving >= 0.0 { say("reason-time-saved") } else { say("reason-time-added") };
    let title = match case.money() {
        Truth::Shown => say("reason-money-works"),
        Truth::Refuted => say("reason-money-costs"),
        Truth::Open => say("reason-money-open"),
    };
    vec![title, at_worst.with("amount", money(loss)), at_least.with("amount", money(saving))]
}

fn trust(case: &Case<'_>) -> Vec<Message> {
    let checks = &case.findings.health.checks;
    let failed = checks.iter().filter(|check| check.state == CheckState::Failed);
    let mut why: Vec<Message> = failed.map(as_a_sentence).collect();
    if why.is_empty() {
        let count = |state| checks.iter().filter(|check| check.state == state).count();
        let passed = say("reason-checks-passed")
            .with("passed", count(CheckState::Passed))
            .with("notes", count(CheckState::Note));
        vec![say("reason-trusted"), passed]
    } else {
        why.insert(0, say("reason-not-trusted"));
        why
    }
}

/// A check's finding as a sentence of its own.
fn as_a_sentence(check: &Check) -> Message {
    let finding =
        check.said.as_ref().map_or_else(|| Slot::from(&check.title), |said| Slot::from(&said.title));
    say("verdict-as-a-sentence").with("finding", finding)
}

/// Up to two sentences, always on ship.
fn know_before(case: &Case<'_>) -> Vec<Message> {
    let mut known = Vec::new();
    for (metric, comparison) in case.with_role(Role::Guardrail) {
        if used_of_limit(metric, comparison).is_some_and(|used| used > 0.8) {
            known.push(say("know-limit-used").with("metric", subject(metric)));
        }
    }
    for metric in case.metrics.iter().filter(|metric| metric.role != Some(Role::Primary)) {
        let Some((_, comparison)) = case.compared(metric) else { continue };
        let worse = metric.role.is_some() && clearly_worse(metric, comparison);
        if let Some((slow, usual)) = values(case, metric).filter(|_| worse) {
            known.push(
                say("know-got-worse").with("metric", subject(metric)).with("slow", slow).with("usual", usual),
            );
        }
    }
    for check in case.findings.health.checks.iter().filter(|check| check.state == CheckState::Note) {
        known.push(as_a_sentence(check));
    }
    if known.is_empty() {
        let days = case.follow_up.days;
        known.push(if days == 0 {
            say("know-not-followed")
        } else {
            say("know-followed").with("days", days)
        });
    }
    known.truncate(2);
    known
}
