//! What is sent by email: to whom, how often, and in which words.

use std::{sync::Mutex, thread};

use clap::Parser;
use patience::{
    analysis::document::Analysis,
    commands::Cli,
    domain::{
        role::PersonRole,
        time::{Clock, Moment, Wait},
    },
    language::Language,
    mail::{self, Mailer, Outcome},
    storage::{StorageError, Store, analyses, audit, letters, people},
};
use serde_json::json;

use crate::{
    pages,
    support::{
        MakeStore, at, definition, noon,
        smtp::{MailServer, Mood},
        start,
    },
};

crate::on_both_engines!(
    a_link_is_sent_to_whoever_has_the_address_and_opens_once,
    a_letter_waits_for_its_server_and_one_that_is_refused_is_given_up,
    a_letter_that_may_have_gone_out_is_sent_again_only_if_that_does_no_harm,
    the_weekly_letter_goes_once_to_whoever_wants_it_from_any_number_of_servers,
    strangers_cannot_fill_the_database_with_letters,
);

/// A clock that a test sets.
#[derive(Debug)]
struct At(Mutex<Moment>);

impl At {
    fn new(now: Moment) -> Self {
        Self(Mutex::new(now))
    }

    fn set(&self, now: Moment) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for At {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

fn mailer(server: &MailServer) -> Mailer {
    let settings = Cli::try_parse_from([
        "patience",
        "--smtp-url",
        &server.url,
        "--mail-from",
        "Patience <patience@example.com>",
        "--public-url",
        "https://patience.example.com",
    ]);
    Mailer::new(&settings.unwrap().settings).unwrap().unwrap()
}

fn add(store: &Store, email: &'static str, weekly: Option<Language>) {
    store
        .write(move |db| {
            let person = people::add(db, email, PersonRole::Viewer, noon())?;
            people::set_weekly(db, person.id, weekly)
        })
        .unwrap();
}

fn ask(store: &Store, address: &'static str, language: Language) {
    store.write(move |db| letters::ask_link(db, address, language, "/planner?from=4", noon())).unwrap();
}

fn token(body: &str) -> String {
    body.split("/sign-in/").nth(1).unwrap().split('?').next().unwrap().to_owned()
}

fn a_link_is_sent_to_whoever_has_the_address_and_opens_once(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let (server, clock) = (MailServer::start(), At::new(noon()));
    let deliver = || mail::deliver(&store, &mailer(&server), &clock).unwrap();
    assert_eq!(deliver(), Outcome::Nothing);
    add(&store, "ada@example.org", None);
    ask(&store, "nobody@example.org", Language::English);
    ask(&store, " Ada@Example.org", Language::English);
    assert_eq!((deliver(), deliver()), (Outcome::Some, Outcome::Nothing));
    let [letter] = &server.letters()[..] else { panic!("{:?}", server.letters()) };
    assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("ada@example.org", "Sign in to Patience"));
    assert!(letter.body.contains("\nhttps://patience.example.com/sign-in/"), "{}", letter.body);
    assert!(letter.body.contains("?next=%2Fplanner%3Ffrom%3D4\n"), "{}", letter.body);
    let token = token(&letter.body);
    let open = |late: i64| {
        let (token, now) = (token.clone(), noon() + Wait::from_minutes(late));
        store.write(move |db| people::use_link(db, &token, now)).unwrap().map(|person| person.email)
    };
    assert_eq!(open(15), None, "too late");
    assert_eq!((open(14), open(14)), (Some("ada@example.org".into()), None), "once");
    let mut logged = Vec::new();
    let read = |db: &mut _| {
        audit::walk(db, None, &mut |line| {
            logged.push(Language::English.tell(&line.what));
            true
        })
    };
    store.read(read).unwrap();
    assert_eq!(logged, ["asked for a sign-in link by email"]);

    ask(&store, "ada@example.org", Language::Chinese);
    deliver();
    assert!(server.letters()[1].body.contains("打开此链接即可登录"), "{:?}", server.letters()[1]);
}

fn a_letter_waits_for_its_server_and_one_that_is_refused_is_given_up(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let (server, clock) = (MailServer::start(), At::new(noon()));
    let deliver = |minutes: i64| {
        clock.set(noon() + Wait::from_minutes(minutes));
        mail::deliver(&store, &mailer(&server), &clock).unwrap()
    };
    add(&store, "ada@example.org", None);
    ask(&store, "ada@example.org", Language::English);
    server.be(Mood::Closed);
    assert_eq!((deliver(0), deliver(0)), (Outcome::Unready, Outcome::Unready));
    server.be(Mood::Refuses(451));
    assert_eq!((deliver(0), deliver(1)), (Outcome::Some, Outcome::Nothing), "put off for two minutes");
    server.be(Mood::Kind);
    assert_eq!((deliver(2), server.letters().len()), (Outcome::Some, 1));

    ask(&store, "ada@example.org", Language::English);
    server.be(Mood::Refuses(550));
    assert_eq!(deliver(0), Outcome::Some);
    server.be(Mood::Kind);
    assert_eq!((deliver(14), server.letters().len()), (Outcome::Nothing, 1), "given up");

    // A link that could not be sent in time is not sent at all.
    ask(&store, "ada@example.org", Language::English);
    assert_eq!((deliver(15), deliver(15), server.letters().len()), (Outcome::Some, Outcome::Nothing, 1));
}

fn a_letter_that_may_have_gone_out_is_sent_again_only_if_that_does_no_harm(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let monday = at("2026-03-02T06:00:00Z");
    let (server, clock) = (MailServer::start(), At::new(monday));
    let deliver = |minutes: i64| {
        clock.set(monday + Wait::from_minutes(minutes));
        mail::deliver(&store, &mailer(&server), &clock).unwrap()
    };
    start(&store, definition("slow", &json!({})));
    add(&store, "ada@example.org", Some(Language::English));
    assert_eq!(mail::begin_week(&store, monday).unwrap(), 1);
    server.be(Mood::TakesSilently);
    assert_eq!((deliver(0), server.letters().len()), (Outcome::Unready, 1));
    server.be(Mood::Kind);
    assert_eq!((deliver(5), deliver(600), server.letters().len()), (Outcome::Nothing, Outcome::Nothing, 1));

    let asked = monday + Wait::from_minutes(600);
    store.write(move |db| letters::ask_link(db, "ada@example.org", Language::English, "/", asked)).unwrap();
    server.be(Mood::TakesSilently);
    assert_eq!(deliver(600), Outcome::Unready);
    server.be(Mood::Kind);
    assert_eq!((deliver(601), deliver(604)), (Outcome::Nothing, Outcome::Some));
    assert_eq!(server.letters().len(), 3);
}

fn the_weekly_letter_goes_once_to_whoever_wants_it_from_any_number_of_servers(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let other = Store::open(store.url()).unwrap();
    let server = MailServer::start();
    let mailer = mailer(&server);
    add(&store, "ada@example.org", Some(Language::English));
    add(&store, "bo@example.org", Some(Language::Chinese));
    add(&store, "grace@example.org", None);
    let monday = at("2026-03-02T06:00:00Z");
    let all_send = |now: Moment| {
        thread::scope(|scope| {
            for store in [&*store, &other, &*store, &other] {
                let mailer = &mailer;
                scope.spawn(move || {
                    mail::begin_week(store, now).unwrap();
                    while mail::deliver(store, mailer, &At::new(now)).unwrap() == Outcome::Some {}
                });
            }
        });
        server.letters()
    };
    assert_eq!(all_send(monday).len(), 0, "nothing runs");

    // An experiment with a verdict, one without, and one that waits for its start.
    let mut slow = pages::experiment().definition;
    "Slow & steady".clone_into(&mut slow.name);
    start(&store, slow);
    let analysis: Analysis =
        serde_json::from_str(include_str!("../../templates/example/analysis.json")).unwrap();
    start(&store, definition("young", &json!({})));
    let stored = analysis.clone();
    store.write(move |db| analyses::insert(db, &stored)).unwrap();
    assert_eq!(all_send(monday + Wait::from_hours(2)).len(), 0, "this week's were sent, to nobody");
    assert_eq!(all_send(monday.plus_days(6)).len(), 0, "on Sunday");

    let mut sent = all_send(monday.plus_days(7));
    sent.sort_by(|one, other| one.to.cmp(&other.to));
    let to: Vec<_> = sent.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["ada@example.org", "bo@example.org"]);
    for (letter, t) in sent.iter().zip(Language::ALL) {
        let verdict = analysis.clone().in_language(t).verdict;
        for words in [&verdict.kicker, &verdict.headline, &verdict.sentence] {
            assert!(letter.body.contains(&format!("\n{words}\n")), "{words}: {}", letter.body);
        }
        for told in [
            "\n* Slow & steady\n",
            "\nhttps://patience.example.com/experiments/longer-frt-low-spend\n",
            "\n* young\n",
            &t.say("list-no-figures").to_string(),
            "\nhttps://patience.example.com/settings#weekly",
        ] {
            assert!(letter.body.contains(told), "{told}: {}", letter.body);
        }
    }
    assert_eq!(sent[0].subject, "Patience: how your 2 running experiments stand");
    assert!(
        sent[0].body.contains(
            "\nNearest its limit: Satisfied customers, difference −2.6% to +0.2%, limit 3%.\n90 days to go.\n"
        ) && sent[1].body.contains("\n最接近限度的指标："),
        "{}",
        sent[0].body
    );
    assert_eq!(all_send(monday.plus_days(7) + Wait::from_hours(17)).len(), 2, "once a week");

    // Whoever wants none any more gets none that waits, either.
    let next = monday.plus_days(14);
    assert_eq!(mail::begin_week(&store, next).unwrap(), 2);
    store
        .write(|db| {
            let ada = people::by_email(db, "ada@example.org")?.unwrap();
            people::set_weekly(db, ada.id, None)
        })
        .unwrap();
    let last = all_send(next);
    assert_eq!((last.len(), last[2].to.as_str()), (3, "bo@example.org"));
}

fn strangers_cannot_fill_the_database_with_letters(make: MakeStore<'_>) {
    let Some(store) = make() else { return };
    let ask = |store: &Store, from: usize, to: usize| {
        store.write(move |db| {
            for n in from..to {
                letters::ask_link(db, &format!("{n}@example.org"), Language::English, "/", noon())?;
            }
            Ok::<_, StorageError>(())
        })
    };
    assert_eq!(ask(&store, 0, 1000), Ok(()));
    assert_eq!(ask(&store, 1000, 1001), Err(StorageError::Busy));
    let (server, clock) = (MailServer::start(), At::new(noon()));
    while mail::deliver(&store, &mailer(&server), &clock).unwrap() != Outcome::Nothing {}
    assert_eq!((ask(&store, 1000, 1001), server.letters()), (Ok(()), vec![]));
}
