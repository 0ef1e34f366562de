//! The staff that the deferred-work model says, held against agents who take conversation after conversation.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use patience::planning::staffing::{Desk, WeeklyOpenHours, typical_week};
use patience::simulation::Chance;

const OFFICE_HOURS: f64 = 40.0;

fn office() -> WeeklyOpenHours {
    WeeklyOpenHours::new((0..5).map(|d| (24.0 * f64::from(d) + 9.0, 24.0 * f64::from(d) + 17.0)).collect())
        .unwrap()
}

fn desk(arrivals_per_week: f64, handle_minutes: f64) -> Desk {
    Desk {
        arrivals_per_week,
        handle_minutes,
        open: office().into(),
        profile: typical_week(),
        occupancy: 1.0,
        shrinkage: 0.0,
        agent_hour: 0.0,
    }
}

/// Open hours passed at an hour of some week, by counting: five days of eight hours.
fn open_hours(hour: f64) -> f64 {
    let (week, hour) = ((hour / 168.0).floor(), hour % 168.0);
    let (day, clock) = ((hour / 24.0).floor(), hour % 24.0);
    let today = if day < 5.0 { (clock - 9.0).clamp(0.0, 8.0) } else { 0.0 };
    week * OFFICE_HOURS + day.min(5.0) * 8.0 + today
}

/// Arrival in open hours and agent hours of each conversation of so many weeks: evenly within each hour and
/// all alike, or by chance.
fn conversations(desk: &Desk, weeks: u32, mut chance: Option<Chance>) -> Vec<(f64, f64)> {
    let total: f64 = desk.profile.iter().sum();
    let mut all = Vec::new();
    let (mut due, mut work) = (0.0, 0.0);
    for hour in 0..weeks * 168 {
        let expected = desk.arrivals_per_week * desk.profile[hour as usize % 168] / total;
        let mut clock = 0.0;
        while let Some(left) = (1.0_f64 - clock > 0.0).then_some(1.0 - clock) {
            // One is due where the expected count has grown by one: by chance, exponential.
            let step = (due - work) / expected;
            if step > left {
                work += left * expected;
                break;
            }
            clock += step;
            let handle = desk.handle_minutes / 60.0;
            all.push((
                open_hours(f64::from(hour) + clock.min(0.999_999)),
                chance.as_mut().map_or(handle, |chance| chance.lognormal(handle, 0.8)),
            ));
            (work, due) = (0.0, chance.as_mut().map_or(1.0, |chance| chance.exponential(1.0)));
        }
    }
    all
}

/// Open hours from each question to the end of its handling, first come first served.
fn waits(conversations: &[(f64, f64)], agents: u32) -> Vec<f64> {
    // Free at, in nanohours, so that the heap can order them.
    let mut free: BinaryHeap<Reverse<u64>> = (0..agents).map(|_| Reverse(0)).collect();
    let nano = |hours: f64| -> u64 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let nano = (hours * 1e9) as u64;
        nano
    };
    conversations
        .iter()
        .map(|&(at, work)| {
            let Reverse(earliest) = free.pop().expect("there are agents");
            let done = earliest.max(nano(at)) + nano(work);
            free.push(Reverse(done));
            (done - nano(at)) as f64 / 1e9
        })
        .collect()
}

fn kept(waits: &[f64], promise: f64) -> f64 {
    waits.iter().filter(|wait| **wait <= promise).count() as f64 / waits.len() as f64
}

fn whole(agents: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = (agents - 1e-9).ceil() as u32;
    whole
}

/// Arrivals as the profile says: everyone is answered in time, and with a tenth fewer agents not everyone is.
#[test]
fn with_the_staff_that_it_says_every_promise_is_kept_where_arrivals_are_as_expected() {
    for arrivals in [600.0, 2400.0, 9600.0] {
        for promise in [2.0, 4.0, 6.0] {
            let desk = desk(arrivals, 10.0);
            let agents = desk.agents(promise).unwrap();
            let all = conversations(&desk, 6, None);
            // The model puts an hour's arrivals in its middle, and work that has begun is not parted.
            let slack = 0.5 + desk.handle_minutes / 60.0;
            let worst = waits(&all, whole(agents)).into_iter().fold(0.0, f64::max);
            assert!(worst <= promise + slack, "{arrivals}, {promise} h: {worst} h with {agents}");
            let fewer = waits(&all, whole(0.9 * agents) - 1);
            assert!(kept(&fewer, promise) < 1.0, "{arrivals}, {promise} h: fewer than {agents} do as well");
        }
    }
}

/// Prints what chance takes from the promise, without and with the time that occupancy leaves free, and gives
/// back the least share of promises kept with it.
pub fn table(weeks: u32) -> f64 {
    let mut worst: f64 = 1.0;
    for arrivals in [150.0, 600.0, 2400.0] {
        for promise in [2.0, 4.0, 8.0, 16.0] {
            let desk = desk(arrivals, 10.0);
            let agents = desk.agents(promise).unwrap();
            let on_duty = agents / 0.85;
            let all = conversations(&desk, weeks, Some(Chance::new(3, 1)));
            let with = |agents: f64| kept(&waits(&all, whole(agents)), promise);
            println!(
                "{arrivals:5} a week, {promise:2} h: {agents:6.2} agents, never idle, keep {:.3}; {on_duty:6.2} at 85% keep {:.3}",
                with(agents),
                with(on_duty)
            );
            worst = worst.min(with(on_duty));
        }
    }
    worst
}

/// The model knows the expected arrivals only. What chance adds is what occupancy leaves room for.
#[test]
fn the_time_that_occupancy_leaves_free_absorbs_chance() {
    assert!(table(26) > 0.97);
}
