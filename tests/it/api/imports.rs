use serde_json::Value;

use crate::installation::{Installation, json};

const CONVERSATIONS: &str = "conversation_id,customer_id,opened_at,first_agent_reply_at,closed_at,topic,handle_seconds,reopened\n\
    v-1,c-1,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,2026-03-02T11:00:00Z,billing,600,false\n\
    v-2,c-2,2026-03-02T09:00:00Z,,,,,\n\
    v-3,c-2,yesterday,,,,,\n";

#[test]
fn a_file_imported_twice_changes_nothing_and_a_corrected_row_is_taken() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let import = |text: &str| json(server.post("/api/v1/imports/conversations", &key, text), 200);
    let first = import(CONVERSATIONS);
    assert_eq!((&first["accepted"], &first["duplicates"]), (&2.into(), &0.into()));
    let rejected = &first["rejected"][0];
    assert_eq!((&rejected["index"], &rejected["id"]), (&2.into(), &"v-3".into()));
    assert!(rejected["detail"].as_str().unwrap().starts_with("opened_at: must be a time"));

    let again = import(CONVERSATIONS);
    assert_eq!((&again["accepted"], &again["duplicates"]), (&0.into(), &2.into()));
    let corrected = import(&CONVERSATIONS.replace("billing,600", "billing,900"));
    assert_eq!((&corrected["accepted"], &corrected["duplicates"]), (&1.into(), &1.into()));
    assert_eq!(installation.run(&["verify"]).status.code(), Some(0));
}

#[test]
fn every_kind_is_taken_by_the_api_and_by_the_command_alike() {
    let files = [
        ("customers", "customer_id,account_id,plan,monthly_spend\nc-1,a-1,starter,40\nc-2,,pro,400\n"),
        (
            "conversations",
            "conversation_id,customer_id,opened_at\nv-1,c-1,2026-03-02T09:00:00Z\nv-2,c-1,2026-03-02T09:00:00Z\n",
        ),
        (
            "ratings",
            "conversation_id,customer_id,rated_at,score\nv-1,c-1,2026-03-03T09:00:00Z,5\nv-2,c-1,2026-03-03T09:00:00Z,1\n",
        ),
        ("revenue", "customer_id,month,amount,currency\nc-1,2026-03,40.50,USD\nc-1,2026-04,0,USD\n"),
    ];
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    for (kind, text) in files {
        let path = installation.file(kind, text);
        let told: Value =
            serde_json::from_str(&installation.must(&["import", kind, path.to_str().unwrap()])).unwrap();
        assert_eq!((&told["accepted"], &told["duplicates"]), (&2.into(), &0.into()), "{kind}");
        let told = json(server.post(&format!("/api/v1/imports/{kind}"), &key, text), 200);
        assert_eq!((&told["accepted"], &told["duplicates"]), (&0.into(), &2.into()), "{kind}");
    }
}

#[test]
fn a_rating_s_comment_is_kept_in_the_ledger() {
    use diesel::{RunQueryDsl, connection::Connection, sql_query, sql_types::Text};
    #[derive(diesel::QueryableByName)]
    struct Kept {
        #[diesel(sql_type = Text)]
        body: String,
    }
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let long = "x".repeat(10_001);
    let text = format!(
        "conversation_id,customer_id,rated_at,score,emotions,comment\n\
         v-1,c-1,2026-03-03T09:00:00Z,2,,\"Friendly, but slow\"\n\
         v-2,c-1,2026-03-03T09:00:00Z,5,,\n\
         v-3,c-1,2026-03-03T09:00:00Z,5,,{long}\n"
    );
    let told = json(server.post("/api/v1/imports/ratings", &key, text), 200);
    assert_eq!(told["accepted"], 2);
    let detail = told["rejected"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("comment must be at most 10000 characters long"), "{detail}");

    let path = installation.path("patience.db");
    let mut db = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let kept: Vec<Kept> = sql_query("SELECT body FROM ledger ORDER BY seq").load(&mut db).unwrap();
    let bodies: Vec<Value> = kept.iter().map(|kept| serde_json::from_str(&kept.body).unwrap()).collect();
    assert_eq!(bodies[0]["comment"], "Friendly, but slow");
    assert_eq!(bodies[1].get("comment"), None);
    assert_eq!(installation.run(&["verify"]).status.code(), Some(0));
}

#[test]
fn a_file_without_a_needed_column_is_refused_as_a_whole() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let problem =
        json(server.post("/api/v1/imports/revenue", &key, "customer_id,month,amount\nc-1,2026-03,1\n"), 400);
    assert!(problem["detail"].as_str().unwrap().contains("lacks the column currency"));
    json(server.post("/api/v1/imports/weather", &key, "a\n"), 404);
    let file = installation.file("r.csv", "customer_id,month\n");
    let output = installation.run(&["import", "revenue", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(installation.run(&["import", "weather", "r.csv"]).status.code(), Some(2));
}
