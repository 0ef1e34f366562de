//! The other questions, by `"method"`.

use serde_json::{Value, json};

use super::Problem;
use super::fields::{Faults, Fields, numbers_of};
use super::inference::SPENDINGS;
use crate::planning::deferred_work::{Arrival, staffing};
use crate::planning::erlang::Queue;
use crate::stats::bounds::{Responses, lee_bounds};
use crate::stats::sequential::{Sides, boundaries};
use crate::stats::survival::{Figure, KaplanMeier, WaitingTimes, difference, log_rank};
use crate::stats::{Confidence, PValue, StatsError, heterogeneity, multiplicity, sample_ratio};

type Method = fn(&mut Fields<'_>, &mut Faults) -> Option<Value>;

type Correction = fn(&[PValue]) -> Vec<PValue>;

/// Every method with its name.
const METHODS: [(&str, Method); 9] = [
    ("sample_ratio", ratio_of_samples),
    ("sample_ratio_sequential", ratio_of_samples_sequential),
    ("correct", correct),
    ("boundaries", bounds_of_looks),
    ("lee_bounds", lee),
    ("survival", survival),
    ("heterogeneity", segments),
    ("erlang_c", erlang_c),
    ("deferred_work", deferred_work),
];

pub(super) fn answer(request: &Value) -> Result<Value, Problem> {
    let mut faults = Faults::default();
    let reply = Fields::new(request, "", &mut faults).and_then(|mut fields| {
        let method = fields.word("method", &METHODS, None, &mut faults)?;
        let reply = method(&mut fields, &mut faults);
        fields.close(&mut faults);
        reply
    });
    faults.or(reply)
}

fn ratio_of_samples(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let observed = fields.numbers("observed", faults);
    let expected = fields.numbers("expected", faults);
    let (observed, expected) = (observed?, expected?);
    let found = at(faults, sample_ratio::chi_square(&observed, &expected), "/expected")?;
    Some(json!({
        "p_value": found.p_value, "ok": found.ok, "largest_deviation": found.largest_deviation,
    }))
}

fn ratio_of_samples_sequential(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let increments = fields.list("increments", faults).and_then(|list| {
        list.iter()
            .enumerate()
            .map(|(i, row)| numbers_of(row, &format!("/increments/{i}"), faults))
            .collect::<Option<Vec<_>>>()
    });
    let expected = fields.numbers("expected", faults);
    let concentration = fields.number_or("concentration", 10_000.0, faults);
    let found = sample_ratio::sequential(&increments?, &expected?, concentration);
    Some(json!({ "p_values": at(faults, found, "/increments")? }))
}

fn correct(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let kinds: [(&str, Correction); 2] =
        [("holm", multiplicity::holm), ("benjamini_hochberg", multiplicity::benjamini_hochberg)];
    let kind = fields.word("kind", &kinds, None, faults);
    let p_values = fields.numbers("p_values", faults)?;
    let p_values: Vec<Option<PValue>> = p_values
        .into_iter()
        .enumerate()
        .map(|(i, p)| faults.take(&format!("/p_values/{i}"), PValue::new(p)))
        .collect();
    let p_values: Option<Vec<PValue>> = p_values.into_iter().collect();
    Some(json!({ "adjusted": kind?(&p_values?) }))
}

fn bounds_of_looks(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let spending = fields.word("spending", &SPENDINGS, None, faults);
    let information = fields.numbers("information", faults);
    let alpha = fields.number_or("alpha", 0.05, faults);
    let sides = match fields.number_or("sides", 2.0, faults) {
        1.0 => Some(Sides::One),
        2.0 => Some(Sides::Two),
        _ => {
            faults.add("/sides", "must be 1 or 2");
            None
        }
    };
    let found = boundaries(spending?, &information?, alpha, sides?);
    let found = at(faults, found, "/information")?;
    // JSON has no infinity: a bound that nothing can cross is null.
    Some(json!({ "z": found.z, "spent": found.spent }))
}

fn lee(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let control = responses(fields, "control", faults);
    let treatment = responses(fields, "treatment", faults);
    let bounds = at(faults, lee_bounds(&control?, &treatment?), "")?;
    let interval = bounds.interval(Confidence::DEFAULT).ok();
    Some(json!({
        "lower": bounds.lower, "upper": bounds.upper,
        "trimmed_share": bounds.trimmed_share, "trimmed": bounds.trimmed,
        "std_error_lower": bounds.std_error_lower, "std_error_upper": bounds.std_error_upper,
        "interval": interval.map(|i| [i.lower, i.upper]),
    }))
}

fn responses(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<Responses> {
    let pointer = request.at(key);
    let mut fields = request.object(key, faults)?;
    let assigned = fields.number("assigned", faults);
    let responses = if fields.has("responses") {
        let values = fields.numbers("responses", faults);
        assigned.zip(values).map(|(assigned, values)| Responses::of_values(assigned, &values))
    } else {
        let satisfied = fields.number("satisfied", faults);
        let unsatisfied = fields.number("unsatisfied", faults);
        assigned
            .zip(satisfied.zip(unsatisfied))
            .map(|(assigned, (yes, no))| Responses::of_counts(assigned, [(1.0, yes), (0.0, no)]))
    };
    fields.close(faults);
    faults.take(&pointer, responses?)
}

fn survival(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let control = waits(fields, "control", faults);
    let treatment = waits(fields, "treatment", faults);
    let tau = fields.number("tau", faults);
    let (control, treatment, tau) = (control?, treatment?, tau?);
    let curves = [KaplanMeier::new(&control), KaplanMeier::new(&treatment)];
    let means: Result<Vec<Figure>, StatsError> = curves.iter().map(|c| c.restricted_mean(tau)).collect();
    let means = faults.take("/tau", means)?;
    let found = faults.take("", difference(means[0], means[1], Confidence::DEFAULT))?;
    Some(json!({
        "median": curves.each_ref().map(KaplanMeier::median),
        "restricted_mean": [means[0].value, means[1].value],
        "restricted_mean_std_error": [means[0].std_error, means[1].std_error],
        "difference": found.interval.estimate,
        "difference_std_error": found.std_error,
        "p_value": found.p_value,
        "log_rank_p_value": log_rank(&control, &treatment).ok(),
    }))
}

fn waits(request: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Option<WaitingTimes> {
    let pointer = request.at(key);
    let mut fields = request.object(key, faults)?;
    let hours = fields.numbers("hours", faults);
    let answered = fields.list("answered", faults).and_then(|list| {
        list.iter()
            .enumerate()
            .map(|(i, item)| match (item.as_bool(), item.as_f64()) {
                (Some(answered), _) => Some(answered),
                (_, Some(1.0)) => Some(true),
                (_, Some(0.0)) => Some(false),
                _ => {
                    faults
                        .add(format!("{pointer}/answered/{i}"), "must be 1 (answered) or 0 (still waiting)");
                    None
                }
            })
            .collect::<Option<Vec<bool>>>()
    });
    fields.close(faults);
    let (hours, answered) = (hours?, answered?);
    if hours.len() != answered.len() {
        faults.add(
            format!("{pointer}/answered"),
            format!("must be as long as hours, {} and not {}", hours.len(), answered.len()),
        );
        return None;
    }
    let times = WaitingTimes::of_pairs(hours.into_iter().zip(answered));
    faults.take(&format!("{pointer}/hours"), times)
}

fn segments(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let effects = fields.numbers("effects", faults);
    let variances = fields.numbers("variances", faults);
    let (effects, variances) = (effects?, variances?);
    let found = at(faults, heterogeneity::cochran(&effects, &variances), "/variances")?;
    Some(json!({
        "q": found.q, "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value, "i_squared": found.i_squared,
        "tau_squared": found.tau_squared, "pooled": found.pooled,
    }))
}

fn erlang_c(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let arrivals = fields.number("arrivals_per_min", faults);
    let aht = fields.number("aht_min", faults);
    let agents = fields.count("agents", faults);
    let target = fields.number("target_wait_min", faults);
    let agents = agents?;
    if agents > 1_000_000 {
        faults.add("/agents", "must be at most a million");
        return None;
    }
    let queue = Queue {
        arrivals_per_min: arrivals?,
        aht_min: aht?,
        agents: u32::try_from(agents).unwrap_or(u32::MAX),
    };
    let found = at(faults, queue.erlang_c(target?), "")?;
    Some(json!({
        "p_wait": found.p_wait, "asa_min": found.asa_min,
        "service_level": found.service_level, "utilisation": found.utilisation,
    }))
}

fn deferred_work(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Value> {
    let arrivals = fields.list("arrivals", faults).and_then(|list| {
        list.iter()
            .enumerate()
            .map(|(i, row)| {
                let pointer = format!("/arrivals/{i}");
                let pair = numbers_of(row, &pointer, faults)?;
                if let [open_hour, agent_hours] = pair[..] {
                    Some(Arrival { open_hour, agent_hours })
                } else {
                    faults.add(pointer, "must be a pair: open hour, agent hours of work");
                    None
                }
            })
            .collect::<Option<Vec<_>>>()
    });
    let open_hours = fields.number("open_hours", faults);
    let target = fields.number("target_hours", faults);
    let found = at(faults, staffing(&arrivals?, open_hours?, target?), "/arrivals")?;
    Some(json!({ "agents": found.agents, "mean_load": found.mean_load }))
}

/// Notes an error at the field that it names, else at `fallback`.
fn at<T>(faults: &mut Faults, result: Result<T, StatsError>, fallback: &str) -> Option<T> {
    let pointer = match &result {
        Err(StatsError::OutOfRange { what, .. }) => match *what {
            "alpha" | "alpha of a one-sided boundary" => "/alpha",
            "a count" => "/observed",
            "the concentration" => "/concentration",
            "open_hours" => "/open_hours",
            "target_hours" => "/target_hours",
            "arrivals_per_min" => "/arrivals_per_min",
            "aht_min" => "/aht_min",
            "agents" => "/agents",
            "target_wait_min" => "/target_wait_min",
            _ => fallback,
        },
        Err(StatsError::Empty { what }) if what.contains("arrivals") => "/arrivals",
        _ => fallback,
    }
    .to_owned();
    faults.take(&pointer, result)
}
