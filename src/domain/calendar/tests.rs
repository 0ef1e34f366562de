use chrono::Timelike;
use proptest::prelude::*;

use super::*;

fn calendar(zone: &str, hours: &str, holidays: &[&str]) -> Calendar {
    Calendar::new(definition(zone, hours, holidays)).unwrap()
}

fn definition(zone: &str, hours: &str, holidays: &[&str]) -> CalendarDefinition {
    CalendarDefinition {
        key: "office".parse().unwrap(),
        time_zone: zone.to_owned(),
        hours: hours.to_owned(),
        holidays: holidays.iter().map(|date| date.parse().unwrap()).collect(),
    }
}

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn due(calendar: &Calendar, from: &str, minutes: i64) -> String {
    calendar.due(at(from), Wait::from_minutes(minutes)).map_or("never".to_owned(), |due| due.to_string())
}

#[test]
fn eight_open_hours_end_when_the_day_does_and_not_next_morning() {
    let office = calendar("UTC", "Mo-Fr 09:00-17:00; PH off", &[]);
    assert_eq!(due(&office, "2026-03-02T09:00:00Z", 480), "2026-03-02T17:00:00Z");
    assert_eq!(due(&office, "2026-03-02T17:00:00Z", 480), "2026-03-03T17:00:00Z");
    assert_eq!(due(&office, "2026-03-02T17:00:00Z", 1), "2026-03-03T09:01:00Z");
    assert_eq!(due(&office, "2026-03-02T09:00:00Z", 481), "2026-03-03T09:01:00Z");
}

#[test]
fn the_contracts_example_falls_due_next_morning() {
    let office = calendar("Europe/Berlin", "Mo-Fr 09:00-17:00; PH off", &["2026-01-01", "2026-05-01"]);
    assert_eq!(due(&office, "2026-03-02T09:00:00Z", 480), "2026-03-03T09:00:00Z");
}

/// chatwoot/chatwoot#13392: "only during business hours" was ignored.
#[test]
fn friday_afternoon_plus_an_hour_is_monday_morning() {
    let office = calendar("Europe/Berlin", "Mo-Fr 09:00-17:00", &[]);
    assert_eq!(due(&office, "2026-01-16T16:30:00+01:00", 60), "2026-01-19T08:30:00Z");
}

/// chatwoot/chatwoot#14009.
#[test]
fn lunch_is_not_open() {
    let split = calendar("Europe/Paris", "Mo-Fr 09:00-12:30,13:30-17:00; PH off", &["2026-05-01"]);
    assert_eq!(due(&split, "2026-04-30T12:00:00+02:00", 60), "2026-04-30T12:00:00Z");
    // Over 1 May, a Friday, and the weekend: 30 minutes of Thursday and 90 of Monday.
    assert_eq!(due(&split, "2026-04-30T16:30:00+02:00", 120), "2026-05-04T08:30:00Z");
    let elapsed = split.open_between(at("2026-04-30T16:30:00+02:00"), at("2026-05-04T10:30:00+02:00"));
    assert_eq!(elapsed, Wait::from_minutes(120));
}

/// ecosystem.md: a spring day of 24/7 has 1,380 minutes; the night shift lasts 420 and 540 (of 480).
#[test]
fn both_clock_changes_count_the_time_that_really_passes() {
    let minutes =
        |calendar: &Calendar, from: &str, to: &str| calendar.open_between(at(from), at(to)).ms() / 60_000;
    let round = calendar("Europe/Paris", "24/7", &[]);
    assert_eq!(minutes(&round, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"), 1380);
    let night = calendar("Europe/Paris", "22:00-06:00", &[]);
    assert_eq!(minutes(&night, "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00"), 420);
    assert_eq!(minutes(&night, "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00"), 540);
    assert_eq!(minutes(&night, "2026-06-24T12:00:00+02:00", "2026-06-25T12:00:00+02:00"), 480);
    // The hour that comes twice is open twice, the one that is left out never.
    let small = calendar("Europe/Berlin", "02:00-03:00", &[]);
    assert_eq!(minutes(&small, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), 120);
    assert_eq!(minutes(&small, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), 0);
}

#[test]
fn intervals_are_half_open() {
    let office = calendar("UTC", "Mo-Fr 09:00-17:00", &[]);
    let is_open = |moment: &str| {
        let from = at(moment);
        office.open_between(from, from + Wait::from_ms(1)).ms() == 1
    };
    assert!(is_open("2026-03-02T09:00:00Z") && !is_open("2026-03-02T17:00:00Z"));
    assert!(is_open("2026-03-02T16:59:59.999Z") && !is_open("2026-03-02T08:59:59.999Z"));
    let intervals = office.open_intervals(at("2026-03-06T10:00:00Z"), at("2026-03-09T10:00:00Z"));
    let told: Vec<_> = intervals.iter().map(|(from, to)| format!("{from}/{to}")).collect();
    assert_eq!(
        told,
        ["2026-03-06T10:00:00Z/2026-03-06T17:00:00Z", "2026-03-09T09:00:00Z/2026-03-09T10:00:00Z"]
    );
    assert_eq!(Calendar::always().open_intervals(at("2026-03-06T10:00:00Z"), at("2026-03-06T10:00:00Z")), []);
    let round = calendar("Europe/Berlin", "24/7", &[]);
    assert_eq!(round.open_intervals(at("1990-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z")).len(), 1);
}

#[test]
fn the_calendar_that_never_closes_counts_every_hour() {
    let always = Calendar::always();
    assert_eq!(due(&always, "2026-03-28T23:00:00Z", 240), "2026-03-29T03:00:00Z");
    assert_eq!(
        always.open_between(at("2026-03-02T10:00:00Z"), at("2026-03-02T09:00:00Z")),
        Wait::from_hours(-1)
    );
    assert_eq!(due(&always, "9999-12-31T23:00:00Z", 240), "never");
}

#[test]
fn what_never_opens_again_never_falls_due_and_does_not_loop() {
    let once = calendar("UTC", "2026 Mar 02 09:00-17:00", &[]);
    assert_eq!(due(&once, "2026-03-01T00:00:00Z", 480), "2026-03-02T17:00:00Z");
    assert_eq!(due(&once, "2026-03-01T00:00:00Z", 481), "never");
    // Open time more than 400 days away does not count; less does.
    assert_eq!(due(&once, "2025-01-26T09:00:00Z", 60), "2026-03-02T10:00:00Z");
    assert_eq!(due(&once, "2025-01-26T08:59:59Z", 60), "never");
    let yearly = calendar("UTC", "Dec 24 09:00-10:00", &[]);
    assert_eq!(due(&yearly, "2026-12-24T10:00:00Z", 600_000), "never", "not within a century");
    assert_eq!(due(&yearly, "2026-12-24T10:00:00Z", 120), "2028-12-24T10:00:00Z");
    assert_eq!(due(&yearly, "2026-12-24T10:00:00Z", 0), "2026-12-24T10:00:00Z");
}

#[test]
fn nonsense_is_refused_with_the_field_and_a_mend() {
    for (zone, hours, field, part) in [
        ("Europe/Berln", "24/7", "time_zone", "Europe/Berlin"),
        ("UTC", "", "hours", "opening_hours notation"),
        ("UTC", "nine to five", "hours", "write it like"),
        ("UTC", "off", "hours", "never open"),
        ("UTC", "Mo-Fr 09:00-17:00; Mo-Su off", "hours", "never open"),
        ("UTC", "sunrise-sunset", "hours", "place on earth"),
        ("UTC", "Mo-Fr 09:00-17:00; SH off", "hours", "school holidays"),
    ] {
        let error = Calendar::new(definition(zone, hours, &[])).unwrap_err();
        assert!(error.field == field && error.detail.contains(part), "{zone} {hours}: {error}");
    }
    let mut always = definition("UTC", "24/7", &[]);
    always.key = CalendarKey::always();
    assert_eq!(Calendar::new(always).unwrap_err().field, "key");
    assert!(Calendar::new(definition("UTC", &"Mo 09:00-10:00; ".repeat(200), &[])).is_err());
    assert!(Calendar::new(definition("UTC", "Mo 09:00-10:00 \"sunrise team, SH too\"", &[])).is_ok());
}

#[test]
fn years_beyond_those_that_are_kept_are_computed_all_the_same() {
    let office = calendar("UTC", "Mo-Fr 09:00-17:00", &[]);
    for year in [1970, 2108, 2109, 2110, 2111, 5000, 9998] {
        let (from, to) =
            (at(&format!("{year}-01-01T00:00:00Z")), at(&format!("{}-01-01T00:00:00Z", year + 1)));
        let days = (from.day()..to.day()).filter(|day| (day + 3).rem_euclid(7) < 5).count();
        assert_eq!(
            office.open_between(from, to),
            Wait::from_hours(8 * i64::try_from(days).unwrap()),
            "{year}"
        );
    }
}

const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe", // changes by half an hour
    "Asia/Kathmandu",
    "Africa/Casablanca", // changes around Ramadan
    "America/Santiago",  // changes at midnight
    "Pacific/Apia",      // left out a day in 2011
    "Africa/Monrovia",   // 44 minutes and 30 seconds until 1972
    "Antarctica/Troll",  // changes by two hours
    "Asia/Tehran",
];

const HOURS: [&str; 9] = [
    "Mo-Fr 09:00-17:00; PH off",
    "Mo-Fr 09:00-12:30,13:30-17:00; PH off",
    "Mo-Su 22:00-06:00",
    "24/7",
    "24/7; PH off",
    "Mo-Th 00:00-24:00; Fr 00:00-02:30",
    "Sa-Su 01:15-03:45; We 23:00-26:00",
    "Mo 10:00-11:00; PH 12:00-13:00",
    "Jan-Jun Mo-Fr 08:00-16:00; Jul-Dec Tu,Th 12:00-20:00",
];

/// Minute by minute: the wall clock of the zone is asked of the notation itself.
fn minutes_open_by_the_wall(zone: &str, hours: &str, holidays: &[&str], from: i64, to: i64) -> i64 {
    let zone: Tz = zone.parse().unwrap();
    let mut public = CompactCalendar::default();
    for date in holidays {
        public.insert(date.parse().unwrap());
    }
    let holidays = ContextHolidays::new(Arc::new(public), Arc::default());
    let text =
        hours.parse::<OpeningHours>().unwrap().with_context(Context::default().with_holidays(holidays));
    let open = |minute: &i64| {
        let local = naive(minute * 60_000).and_utc().with_timezone(&zone).naive_local();
        text.is_open(local.with_second(0).unwrap())
    };
    i64::try_from((from..to).filter(open).count()).unwrap()
}

/// Weeks in which a clock of the zones changes, and ordinary ones; in minutes since the epoch.
fn any_start() -> impl Strategy<Value = i64> {
    let changes = [
        "2026-03-08",
        "2026-03-29",
        "2026-10-25",
        "2026-11-01",
        "2026-04-05",
        "2026-10-04",
        "2026-09-06",
        "2011-12-29",
        "2026-02-15",
        "2026-03-21",
        "1972-01-06",
        "2022-03-21",
    ];
    let change = proptest::sample::select(changes.to_vec())
        .prop_map(|date| Moment::start_of(date.parse().unwrap()).ms() / 60_000 - 2880);
    (prop_oneof![change, 0i64..70_000_000], 0i64..4000).prop_map(|(start, shift)| (start + shift).max(0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn open_time_is_what_the_wall_clock_shows_minute_by_minute(
        zone in proptest::sample::select(ZONES.to_vec()),
        hours in proptest::sample::select(HOURS.to_vec()),
        from in any_start(),
        length in 0i64..6000,
    ) {
        let holidays = ["2026-03-30", "2026-10-26", "2026-01-01"];
        let calendar = calendar(zone, hours, &holidays);
        let moment = |minute: i64| Moment::from_ms(minute * 60_000).unwrap();
        let open = calendar.open_between(moment(from), moment(from + length));
        // Monrovia's clock was off by half a minute: there the reference is as coarse as its step.
        let tolerance = if zone == "Africa/Monrovia" { 30_000 * 12 } else { 0 };
        let reference = minutes_open_by_the_wall(zone, hours, &holidays, from, from + length) * 60_000;
        prop_assert!((open.ms() - reference).abs() <= tolerance, "{} against {}", open.ms(), reference);
    }
}

proptest! {
    #[test]
    fn due_and_open_between_are_each_others_inverse(
        zone in proptest::sample::select(ZONES.to_vec()),
        hours in proptest::sample::select(HOURS.to_vec()),
        from in 0i64..4_000_000_000_000,
        minutes in 1i64..50_000,
    ) {
        let calendar = calendar(zone, hours, &["2026-01-01"]);
        let (from, wait) = (Moment::from_ms(from).unwrap(), Wait::from_minutes(minutes));
        let due = calendar.due(from, wait).unwrap();
        prop_assert_eq!(calendar.open_between(from, due), wait);
        prop_assert_eq!(calendar.open_between(due, from), Wait::from_ms(-wait.ms()));
        // It is the earliest such instant: a millisecond earlier, a millisecond is missing.
        let earlier = Moment::from_ms(due.ms() - 1).unwrap();
        prop_assert_eq!(calendar.open_between(from, earlier), Wait::from_ms(wait.ms() - 1));
        // A longer promise never falls due sooner, a later opening never either.
        prop_assert!(calendar.due(from, Wait::from_minutes(minutes + 1)).unwrap() > due);
        prop_assert!(calendar.due(from + Wait::from_minutes(1), wait).unwrap() >= due);
    }

    #[test]
    fn open_time_adds_up_and_never_shrinks(
        zone in proptest::sample::select(ZONES.to_vec()),
        hours in proptest::sample::select(HOURS.to_vec()),
        from in 0i64..4_000_000_000_000,
        lengths in (0i64..100_000_000_000, 0i64..100_000_000),
    ) {
        let calendar = calendar(zone, hours, &[]);
        let moment = |ms| Moment::from_ms(ms).unwrap();
        let (a, b, c) = (moment(from), moment(from + lengths.0), moment(from + lengths.0 + lengths.1));
        let (first, second) = (calendar.open_between(a, b), calendar.open_between(b, c));
        prop_assert!(first.ms() >= 0 && second <= c - b);
        prop_assert_eq!(first.ms() + second.ms(), calendar.open_between(a, c).ms());
        let listed: i64 = calendar.open_intervals(a, c).iter().map(|(from, to)| (*to - *from).ms()).sum();
        prop_assert_eq!(listed, calendar.open_between(a, c).ms());
    }

    #[test]
    fn no_text_is_beyond_reading(hours in "([A-Za-z]{2}|[0-9]{2}:[0-9]{2}|[-,; +\"]|off|PH|24/7|\\PC)*") {
        let _ = Calendar::new(definition("Europe/Berlin", &hours, &[]));
    }
}
