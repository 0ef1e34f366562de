//! What a customer meets behind a link in a mail.

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::installation::{Installation, Server};

fn link(server: &Server, key: &str, question: &Value) -> String {
    let asked = server.client().post(format!("{}/api/v1/surveys", server.address)).bearer_auth(key);
    let made = asked.json(question).send().unwrap();
    assert_eq!(made.status(), 201);
    let made: Value = made.json().unwrap();
    let url = made["url"].as_str().unwrap();
    url[url.find("/s/").unwrap()..].to_owned()
}

fn rate(server: &Server, path: &str, score: &str) -> Response {
    let sent = server.client().post(format!("{}{path}", server.address));
    sent.header("content-type", "application/x-www-form-urlencoded")
        .body(format!("r={score}"))
        .send()
        .unwrap()
}

#[test]
fn the_page_asks_one_thing_sets_no_cookie_and_opening_it_records_nothing() {
    let installation = Installation::new();
    let key = installation.must(&["key", "create", "desk", "--role", "ingest"]).trim().to_owned();
    let server = installation.serve();
    let question = json!({"customer_id": "c-1", "conversation_id": "v-88",
        "subject": "<b>Billing</b>", "opened_at": "2026-03-02T09:00:00Z"});
    let path = link(&server, &key, &question);
    for query in ["", "?r=4", "?r=9", "?change=1"] {
        let page = server.get(&format!("{path}{query}"), None);
        assert_eq!(page.status(), 200);
        assert!(page.headers().get("set-cookie").is_none());
        let text = page.text().unwrap();
        assert!(text.contains("How was our help?") && text.contains("2 Mar 2026"), "{text}");
        assert!(text.contains("&#60;b&#62;Billing") && !text.contains("<script>"), "{text}");
        // The one script there is: it sends what the mail marked, once somebody looks.
        assert_eq!(text.contains("/patience.js\" defer"), query == "?r=4", "{query}");
        assert_eq!(text.contains("class=\"on\""), query == "?r=4", "{query}");
        let words = text.to_lowercase();
        for hint in ["experiment", "cohort", "slower", "c-1", "v-88"] {
            assert!(!words.contains(hint), "{hint} gives something away");
        }
    }
    // A link just made is followed by programs only.
    assert!(rate(&server, &path, "5").text().unwrap().contains("How was our help?"));
    assert_eq!(rate(&server, &path, "6").status(), 400);
    assert_eq!(rate(&server, "/s/0000000000000000000000", "5").status(), 404);
    assert_eq!(server.get("/s/0000000000000000000000", None).status(), 404);
}

#[test]
fn the_question_is_asked_in_the_customer_s_language_and_mistakes_are_named() {
    let installation = Installation::new();
    let key = installation.must(&["key", "create", "desk", "--role", "ingest"]).trim().to_owned();
    let server = installation.serve();
    let question = json!({"customer_id": "c-1", "conversation_id": "v-88", "language": "zh-CN"});
    let page = server.get(&link(&server, &key, &question), None).text().unwrap();
    assert!(page.contains("lang=\"zh-CN\"") && page.contains("我们的帮助怎么样？"), "{page}");
    let wrong = server.client().post(format!("{}/api/v1/surveys", server.address)).bearer_auth(&key);
    let wrong = wrong.json(&json!({"customer_id": "c-1", "langauge": "en"})).send().unwrap();
    assert_eq!(wrong.status(), 400);
    let wrong: Value = wrong.json().unwrap();
    let pointers: Vec<&str> =
        wrong["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/conversation_id", "/langauge"], "{wrong}");
}
