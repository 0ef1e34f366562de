use serde_json::{Value, json as value};

use crate::installation::{Installation, Server, json};

const AT: &str = "2026-03-02T09:00:00Z";

fn opened(id: &str, conversation: &str) -> Value {
    value!({"id": id, "type": "conversation.opened", "occurred_at": AT, "customer_id": "c-1", "conversation_id": conversation})
}

fn tell(server: &Server, key: &str, body: impl Into<String>) -> Value {
    json(server.post("/api/v1/events", key, body), 200)
}

fn counts(reply: &Value) -> (u64, u64, usize) {
    (
        reply["accepted"].as_u64().unwrap(),
        reply["duplicates"].as_u64().unwrap(),
        reply["rejected"].as_array().unwrap().len(),
    )
}

#[test]
fn an_event_told_twice_counts_once_and_told_otherwise_is_a_conflict() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let both = value!([opened("e-1", "v-1"), opened("e-2", "v-2")]).to_string();
    assert_eq!(counts(&tell(&server, &key, &*both)), (2, 0, 0));
    assert_eq!(counts(&tell(&server, &key, &*both)), (0, 2, 0));
    let reply = tell(&server, &key, value!([opened("e-1", "v-9")]).to_string());
    assert_eq!(counts(&reply), (0, 0, 1));
    assert_eq!((&reply["rejected"][0]["index"], &reply["rejected"][0]["id"]), (&0.into(), &"e-1".into()));
    assert!(reply["rejected"][0]["detail"].as_str().unwrap().starts_with("conflict: "));
}

/// Nobody reads so many refusals, and no server holds any number of them.
#[test]
fn a_file_of_another_kind_is_given_up_and_what_was_good_is_kept() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let body = format!("{}\n{}", opened("e-1", "v-1"), "customer,month,amount\n".repeat(30_000));
    let reply = json(server.post("/api/v1/events", &key, body), 400);
    let detail = reply["detail"].as_str().unwrap();
    assert!(detail.starts_with("more than 10000 are refused, the first at index 1: is not JSON"), "{detail}");
    assert_eq!(counts(&tell(&server, &key, value!([opened("e-1", "v-1")]).to_string())), (0, 1, 0));
}

#[test]
fn what_is_quoted_of_a_refused_line_is_cut() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let long = "x".repeat(100_000);
    let lines = [
        value!({"id": long, "type": "customer.churned", "occurred_at": AT, "customer_id": "c-1"}).to_string(),
        value!({"id": "e", "type": long, "occurred_at": AT, "customer_id": "c-1"}).to_string(),
    ];
    let reply = tell(&server, &key, lines.join("\n"));
    assert_eq!(counts(&reply), (0, 0, 2));
    assert!(reply.to_string().len() < 3000);
}

#[test]
fn good_lines_are_kept_and_each_bad_one_is_named() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let lines = [
        opened("e-1", "v-1").to_string(),
        String::new(),
        "{\"id\": \"e-2\",".to_owned(),
        value!({"id": "e-3", "type": "conversation.melted", "occurred_at": AT, "customer_id": "c-1"}).to_string(),
        value!({"id": "e-4", "type": "conversation.rated", "occurred_at": AT, "customer_id": "c-1", "conversation_id": "v-1", "score": 9}).to_string(),
        "\r".to_owned(),
        opened("e-5", "v-5").to_string() + "\r",
    ];
    let reply = tell(&server, &key, lines.join("\n"));
    assert_eq!(counts(&reply), (2, 0, 3));
    let named: Vec<_> = reply["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["index"].as_u64().unwrap(), r["id"].clone()))
        .collect();
    assert_eq!(named, [(1, Value::Null), (2, "e-3".into()), (3, "e-4".into())]);
    assert!(reply["rejected"][2]["detail"].as_str().unwrap().contains("score"));
}

#[test]
fn a_body_of_many_batches_is_recorded_whole() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let lines: Vec<_> =
        (0..9_500).map(|i| opened(&format!("e-{i}"), &format!("v-{i}")).to_string()).collect();
    // What is told again comes while the first batch is written.
    let conflict = opened("e-7", "v-other").to_string();
    let body = [&lines[..], &lines[..700], &[conflict]].concat().join("\n");
    let reply = tell(&server, &key, body);
    assert_eq!(counts(&reply), (9_500, 700, 1));
    assert_eq!(
        (&reply["rejected"][0]["index"], &reply["rejected"][0]["id"]),
        (&10_200.into(), &"e-7".into())
    );
    let array = format!("[{}, {}]", lines[..4_100].join(","), opened("new", "v-new"));
    assert_eq!(counts(&tell(&server, &key, array)), (1, 4_100, 0));
    let figures = server.get("/metrics", Some(&key)).text().unwrap();
    assert!(figures.contains("patience_items_total{outcome=\"accepted\"} 9501"), "{figures}");
}

#[test]
fn an_array_that_was_cut_off_says_so_and_keeps_what_came_before() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let reply = tell(&server, &key, format!("[{},{{\"id\":\"e-", opened("e-1", "v-1")));
    assert_eq!(counts(&reply), (1, 0, 1));
    assert!(reply["rejected"][0]["detail"].as_str().unwrap().contains("cut off"));
}

#[test]
fn the_source_is_the_keys_name_unless_the_event_says_otherwise() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let mut other = opened("e-1", "v-2");
    other["source"] = "another desk".into();
    assert_eq!(counts(&tell(&server, &key, value!([opened("e-1", "v-1"), other]).to_string())), (2, 0, 0));
    let mut ours = opened("e-9", "v-2");
    ours["source"] = "patience".into();
    assert_eq!(counts(&tell(&server, &key, value!([ours]).to_string())), (0, 0, 1));
}
