//! A file, uploaded: chosen, its columns matched, checked, imported.

use serde_json::Value;

use super::browsing::{Browser, installation, location};
use crate::installation::{Installation, Server};

/// Sends a file, as the form of the data page does.
fn choose(browser: &Browser<'_>, csrf: &str, kind: &str, bytes: &str) -> reqwest::blocking::Response {
    let part = |name: &str, rest: &str, value: &str| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{value}\r\n")
    };
    let body = [
        part("csrf", "", csrf),
        part("kind", "", kind),
        part("file", "; filename=\"export.csv\"\r\nContent-Type: text/csv", bytes),
        "--edge--\r\n".to_owned(),
    ];
    browser.post_raw("/data/upload", "multipart/form-data; boundary=edge", body.concat())
}

fn chosen(browser: &Browser<'_>, kind: &str, bytes: &str) -> String {
    location(&choose(browser, &browser.csrf, kind, bytes)).to_owned()
}

fn served(role: &str, with: impl FnOnce(&Installation, &Server, &Browser<'_>)) {
    let installation = installation();
    let server = installation.serve();
    let browser = Browser::sign_in(&installation, &server, role);
    with(&installation, &server, &browser);
}

const RATINGS: &str = "Ticket;Customer;Rated;Stars;Mood\n\
    v-1;c-1;03/04/2026 09:15;5;fine\n\
    v-2;c-2;31/02/2026 09:15;4;\n\
    v-3;c-3;03/04/2026 10:00;7;\n\
    v-4;c-4;04/04/2026 10:00;9;\n\
    v-5;c-5;04/04/2026 10:00;1;\n";

#[test]
fn a_file_is_matched_checked_and_only_then_recorded() {
    served("lead", |installation, server, lead| {
        assert_eq!(choose(lead, "wrong", "ratings", RATINGS).status(), 403);
        let columns = chosen(lead, "ratings", RATINGS);
        assert!(columns.starts_with("/data/upload/"), "{columns}");
        // 2: the columns are known by their names, and what only a person can say is asked with an example.
        let page = lead.text(&columns);
        for told in [
            "<option value=\"conversation_id\" selected>",
            "<option value=\"score\" selected>",
            "<span class=\"sample\">03/04/2026 09:15</span>",
            "Europe/Berlin: 03/04/2026 09:15 is 3 Apr 2026, 07:15 UTC",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        // 31/02 shows that the day comes first: only the zone is asked.
        assert!(!page.contains("name=\"order\"") && page.contains("name=\"zone\""), "{page}");
        let fields = |score: &'static str, zone: &'static str| {
            [
                ("column-0", "conversation_id"),
                ("column-1", "customer_id"),
                ("column-2", "rated_at"),
                ("column-3", score),
                ("column-4", ""),
                ("zone", zone),
            ]
        };
        let wrong = lead.post(&columns, &fields("customer_id", "")).text().unwrap();
        for told in [
            "<title>Error:",
            "There is a problem",
            "Rating, 1 to 5",
            "Two columns are the same",
            "Say in which time zone",
        ] {
            assert!(wrong.contains(told), "{told}: {wrong}");
        }
        let check = location(&lead.post(&columns, &fields("score", "Europe/Berlin"))).to_owned();
        assert_eq!(check, format!("{columns}/check"));
        // 3: what would happen, grouped by cause, with the first row as a spreadsheet counts.
        let page = lead.text(&check);
        for told in [
            "5 rows: 2 ready, 3 left out.",
            "Row 3, Rated: “31/02/2026 09:15” is not a date and time",
            "Row 4, Stars: “7” must be a whole number from 1 to 5",
            "<td class=\"r\" data-l=\"Rows\">2</td>",
            "Import 2 rows",
            "Download the 3 rows left out",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let rows = lead.text(&format!("{columns}/left-out"));
        let lines: Vec<&str> = rows.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "Ticket;Customer;Rated;Stars;Mood;problem");
        assert_eq!(lines[1], "v-2;c-2;31/02/2026 09:15;4;;rated_at: is not a date and time");
        assert_eq!(lines.len(), 4);
        // Nothing is recorded before the last button.
        assert!(!lead.text("/data").contains(">import<"), "the source has told nothing yet");
        let done = location(&lead.post(&format!("{columns}/import"), &[])).to_owned();
        assert!(lead.text(&done).contains("Rows taken: 2. Known already: 0. Left out: 3."));
        assert!(lead.text("/data").contains(">import<"));
        assert_eq!(location(&lead.get(&check)), done, "an import happens once");
        assert_eq!(location(&lead.post(&format!("{columns}/import"), &[])), format!("{columns}/check"));
        // The same file again: what it would do is told.
        let again = chosen(
            lead,
            "ratings",
            &RATINGS.replace("v-5;c-5;04/04/2026 10:00;1", "v-5;c-5;04/04/2026 10:00;2"),
        );
        lead.post(&again, &fields("score", "Europe/Berlin"));
        let page = lead.text(&format!("{again}/check"));
        assert!(page.contains("1 of them is already here and will be updated."), "{page}");
        assert!(page.contains("1 of them is already here as it is, and changes nothing."), "{page}");
        assert_eq!(location(&lead.post(&format!("{again}/cancel"), &[])), "/data");
        assert_eq!(lead.get(&format!("{again}/check")).status(), 404);
        // It is what the contract's file would have told.
        let key = installation.key("ingest");
        let plain = "conversation_id,customer_id,rated_at,score\nv-1,c-1,2026-04-03T07:15:00Z,5\n";
        let told: Value = server.post("/api/v1/imports/ratings", &key, plain).json().unwrap();
        assert_eq!(told["duplicates"], 1, "{told}");
        assert_eq!(installation.run(&["verify"]).status.code(), Some(0));
        let admin = Browser::sign_in(installation, server, "admin");
        assert!(admin.text("/settings/log").contains("imported 2 rows of ratings from a file"));
        assert_eq!(admin.get(&columns).status(), 404, "a file is its person's alone");
    });
}

#[test]
fn what_is_no_table_is_named_and_events_are_checked_too() {
    served("lead", |_, _, lead| {
        for (kind, bytes, told) in [
            ("ratings", "", "Choose a file."),
            ("ratings", "a,b\n", "at least one row below it"),
            ("customers", "", "Choose a file."),
        ] {
            let page = choose(lead, &lead.csrf, kind, bytes).text().unwrap();
            assert!(page.contains(told) && page.contains("<title>Error:"), "{told}: {page}");
            assert!(page.contains(&format!("value=\"{kind}\" checked")), "{page}");
        }
        let event = r#"{"id":"e-1","type":"customer.churned","occurred_at":"2026-03-02T09:00:00Z","customer_id":"c-1"}"#;
        let check = chosen(lead, "events", &format!("{event}\nnot json\n"));
        assert!(check.ends_with("/check"), "{check}");
        let page = lead.text(&check);
        assert!(
            page.contains("2 rows: 1 ready, 1 left out.") && page.contains("Row 2: is not JSON"),
            "{page}"
        );
        let import = check.replace("/check", "/import");
        assert!(lead.text(location(&lead.post(&import, &[]))).contains("Rows taken: 1."));
    });
}

#[test]
fn mistakes_are_said_in_the_reader_s_language() {
    served("lead", |_, _, lead| {
        let columns = chosen(lead, "revenue", "customer_id,month,amount,currency\nc-1,2026-03,much,EUR\n");
        let fields = [
            ("column-0", "customer_id"),
            ("column-1", "month"),
            ("column-2", "amount"),
            ("column-3", "currency"),
        ];
        lead.post(&columns, &fields);
        let page = lead.in_language("zh-CN").text(&format!("{columns}/check"));
        assert!(page.contains("第 2 行，amount：“much”必须是十进制数"), "{page}");
        let file =
            lead.in_language("zh-CN").post("/experiments/new/file", &[("text", "key = 7\n")]).text().unwrap();
        assert!(file.contains("第 1 行，key: 必须是文本，此处为 7"), "{file}");
        let gone = lead.in_language("zh-CN").get("/experiments/absent").text().unwrap();
        assert!(gone.contains("没有实验 absent"), "{gone}");
    });
}

/// What a long file would do is told row by row as importing it tells, wherever it is cut into batches.
#[test]
fn the_check_of_a_long_file_knows_its_earlier_rows() {
    const ROWS: usize = 8_100;
    served("lead", |_, _, lead| {
        let row = |n: usize, score: usize| format!("v-{n},c-{n},2026-04-03T07:15:00Z,{score}\n");
        let mut file = "conversation_id,customer_id,rated_at,score\n".to_owned();
        file.extend((0..ROWS).map(|n| row(n, 4)));
        // Again in a later batch: as it was, then otherwise, then as it was before that.
        file += &[row(1, 4), row(2, 5), row(2, 5)].concat();
        let columns = chosen(lead, "ratings", &file);
        lead.post(
            &columns,
            &[
                ("column-0", "conversation_id"),
                ("column-1", "customer_id"),
                ("column-2", "rated_at"),
                ("column-3", "score"),
            ],
        );
        let page = lead.text(&format!("{columns}/check"));
        for told in [
            "8,103 rows: 8,103 ready, 0 left out.",
            "1 of them is already here and will be updated.",
            "2 of them are already here as they are, and change nothing.",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let done = lead.post(&format!("{columns}/import"), &[]);
        let page = lead.text(location(&done));
        assert!(page.contains("Rows taken: 8,101. Known already: 2. Left out: 0."), "{page}");

        let event = |n: usize, customer: &str| {
            format!(
                "{{\"id\":\"e-{n}\",\"type\":\"customer.churned\",\"occurred_at\":\"2026-03-02T09:00:00Z\",\"customer_id\":\"{customer}\"}}\n"
            )
        };
        let mut events: String = (0..ROWS).map(|n| event(n, "c-1")).collect();
        events += &[event(1, "c-1"), event(2, "c-2")].concat();
        let check = chosen(lead, "events", &events);
        let page = lead.text(&check);
        for told in ["8,102 rows: 8,101 ready, 1 left out.", "Row 8,102: conflict: e-2"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let done = lead.post(&check.replace("/check", "/import"), &[]);
        let page = lead.text(location(&done));
        assert!(page.contains("Rows taken: 8,100. Known already: 1. Left out: 1."), "{page}");
    });
}
