use patience::web::routes::{API, Who};

use crate::installation::{Installation, json};

#[test]
fn every_route_asks_first_for_a_key_then_for_its_role_and_only_then_looks_at_anything_else() {
    let installation = Installation::new();
    let keys = ["router", "ingest", "analyst", "admin"].map(|role| (role, installation.key(role)));
    let server = installation.serve();
    for route in API {
        // Nothing of this exists, and the body is nonsense: only who asks may matter.
        let path = route.path.replace("{key}", "absent").replace("{kind}", "absent");
        let path = path.replace("{customer_id}", "absent").replace("{file:.*}", "absent");
        let ask = |key: Option<&str>| {
            let body = (route.method != "GET").then(|| "nonsense".to_owned());
            server.send(route.method.as_str(), &path, key, body).status().as_u16()
        };
        let place = format!("{} {path}", route.method);
        if route.who == Who::Anyone {
            assert_eq!(ask(None), 200, "{place}");
            continue;
        }
        for wrong in [None, Some(""), Some("nonsense"), Some(&*keys[3].1.replace("ptc", "ptd"))] {
            assert_eq!(ask(wrong), 401, "{place} with {wrong:?}");
        }
        for (role, key) in &keys {
            let may = match route.who {
                Who::Key(needed) => needed.as_str() == *role || *role == "admin",
                _ => true,
            };
            let status = ask(Some(key));
            assert_eq!(status == 403, !may, "{place} as {role}: {status}");
            assert!(!may || ![401, 403, 500].contains(&status), "{place} as {role}: {status}");
        }
    }
}

#[test]
fn a_refusal_is_a_problem_document_that_says_how_to_authenticate() {
    let server = Installation::new().serve();
    let refusal = server.get("/api/v1/experiments", None);
    assert_eq!(refusal.headers()["www-authenticate"], "Bearer");
    assert_eq!(refusal.headers()["content-type"], "application/problem+json");
    assert_eq!(refusal.headers()["x-content-type-options"], "nosniff");
    let problem = json(refusal, 401);
    assert_eq!((&problem["type"], &problem["status"]), (&"about:blank".into(), &401.into()));
    assert_eq!(problem["title"], "Unauthorized");
    assert!(problem["detail"].as_str().unwrap().contains("Bearer KEY"));
}

#[test]
fn a_key_counts_in_the_header_only() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    assert_eq!(server.get(&format!("/api/v1/experiments?key={key}&access_token={key}"), None).status(), 401);
    assert_eq!(server.get("/api/v1/experiments", Some(&key)).status(), 200);
}

#[test]
fn what_is_not_there_is_404_and_what_cannot_be_done_there_405() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    assert_eq!(server.get("/api/v1/nothing", Some(&key)).status(), 404);
    for path in ["/api/v1/experiments/absent", "/api/v1/experiments/Not%20a%20key/results"] {
        let problem = json(server.get(path, Some(&key)), 404);
        assert!(problem["detail"].as_str().unwrap().starts_with("there is no experiment"), "{problem}");
    }
    let refusal = server.send("DELETE", "/api/v1/events", Some(&key), None);
    assert_eq!((refusal.status().as_u16(), refusal.headers()["allow"].to_str().unwrap()), (405, "POST"));
}

#[test]
fn the_document_of_the_api_and_its_reader_are_served() {
    let installation = Installation::new();
    let key = installation.key("router");
    let server = installation.serve();
    let document = json(server.get("/api/openapi.json", Some(&key)), 200);
    assert_eq!(document["openapi"], "3.1.0");
    let reader = server.get("/api/docs/", Some(&key));
    assert!(reader.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self';"));
    assert!(reader.text().unwrap().contains("swagger-ui"));
    let figures = server.get("/metrics", Some(&key)).text().unwrap();
    assert!(
        figures.contains(
            r#"patience_http_requests_total{route="/api/openapi.json",method="GET",status="200"} 1"#
        ),
        "{figures}"
    );
}
