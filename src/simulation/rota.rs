//! How many agents are on duty in each hour of the week.

use super::{
    rhythm::{Rhythm, WEEK_HOURS},
    world::World,
};

/// Agents on duty by hour of the local week: the office from Monday to Friday, 9 to 17, and a watch of
/// at least one agent at all other times, for whom is promised an answer at night.
#[derive(Debug, Clone)]
pub struct Rota([u32; WEEK_HOURS]);

/// Open hours of an office day.
const OFFICE_DAY: usize = 8;

/// Whether the office is open in an hour of the local week.
pub fn office_is_open(hour_of_week: usize) -> bool {
    hour_of_week / 24 < 5 && (9..9 + OFFICE_DAY).contains(&(hour_of_week % 24))
}

impl Rota {
    /// Plans a week: enough agents at the planned occupancy for the work that falls due in each hour,
    /// whether everybody has the usual level or half of them wait for the office and a working day.
    pub fn planned(world: &World, rhythm: &Rhythm) -> Self {
        let hours_of_work = (world.handle_minutes + world.after_contact_minutes) / 60.0;
        let a_week = f64::from(world.customers) * world.questions_per_month * 7.0 / 30.0;
        let load = rhythm.multiples().map(|multiple| a_week / WEEK_HOURS as f64 * multiple * hours_of_work);

        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hours")]
        let lag = (world.usual_wait.hours() * world.deferral).round().max(0.0) as usize;
        let usual: Vec<f64> =
            (0..WEEK_HOURS).map(|hour| load[(hour + WEEK_HOURS - lag % WEEK_HOURS) % WEEK_HOURS]).collect();

        // What comes while the office is open is done in the same hour of its next day; what comes while it
        // is closed is done throughout its next day.
        let open: Vec<usize> = (0..WEEK_HOURS).filter(|&hour| office_is_open(hour)).collect();
        let mut deferred = [0.0; WEEK_HOURS];
        for (hour, work) in load.iter().enumerate() {
            let next = open.iter().position(|&o| o >= hour).unwrap_or(0);
            if office_is_open(hour) {
                deferred[open[(next + OFFICE_DAY) % open.len()]] += work;
            } else {
                for later in next..next + OFFICE_DAY {
                    deferred[open[later % open.len()]] += work / OFFICE_DAY as f64;
                }
            }
        }
        let mut agents = [1; WEEK_HOURS];
        for hour in 0..WEEK_HOURS {
            let work = usual[hour].max(0.5 * usual[hour] + 0.5 * deferred[hour]);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "people on a shift")]
            let needed = (work / world.occupancy).ceil() as u32;
            agents[hour] = needed.max(1);
        }
        Self(agents)
    }

    /// Agents on duty in an hour of the local week.
    pub fn on_duty(&self, hour_of_week: usize) -> u32 {
        self.0[hour_of_week % WEEK_HOURS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_someone_and_the_office_has_room_for_all_the_work() {
        let world = World::published(1);
        let rota = Rota::planned(&world, &Rhythm::of(world.zone));
        assert!((0..WEEK_HOURS).all(|hour| rota.on_duty(hour) >= 1));
        let hours: u32 = (0..WEEK_HOURS).map(|hour| rota.on_duty(hour)).sum();
        // 20,000 customers × 0.4 a month × 7/30 × a quarter of an hour = 466.7 hours of work a week.
        assert!(f64::from(hours) > 466.7 / world.occupancy, "{hours} agent hours a week");
        assert!(rota.on_duty(10) > rota.on_duty(3) && rota.on_duty(10) > rota.on_duty(5 * 24 + 10));
    }
}
