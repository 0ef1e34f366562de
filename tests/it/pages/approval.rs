//! Four eyes: whoever locks a plan did not write it, where the workspace says so.

use super::browsing::{Browser, EXAMPLE, installation, location};
use crate::installation::json;

fn page() -> String {
    format!("/experiments/{EXAMPLE}")
}

#[test]
fn who_wrote_a_plan_asks_and_somebody_else_starts_it() {
    let installation = installation();
    let server = installation.serve();
    let [admin, lead] = ["admin", "lead"].map(|role| Browser::sign_in(&installation, &server, role));
    // Only an admin makes the rule.
    assert_eq!(lead.post("/settings/approval", &[("approval", "needed")]).status(), 403);
    assert!(!lead.text("/settings").contains("Whoever locks a plan did not write it"));
    // Without it nothing is to be asked for.
    assert_eq!(lead.post(&format!("{}/ask", page()), &[]).status(), 409);
    assert_eq!(
        location(&admin.post("/settings/approval", &[("approval", "needed")])),
        "/settings?done=approval"
    );
    assert!(admin.text("/settings").contains("value=\"needed\" aria-describedby=\"approval-hint\" checked"));

    // The lead changes the plan: it is theirs.
    let text = installation.must(&["export", EXAMPLE]).replace("planned_weeks = 22", "planned_weeks = 20");
    assert_eq!(lead.post(&format!("{}/edit", page()), &[("text", &text)]).status(), 303);
    let draft = lead.text(&page());
    assert!(draft.contains(">Ask for approval</a>") && !draft.contains("Approve and start"), "{draft}");
    let asking = lead.text(&format!("{}/start", page()));
    assert!(asking.contains(&format!("action=\"{}/ask\"", page())), "{asking}");
    // Whatever a form says, the server refuses.
    let refused = lead.post(&format!("{}/start", page()), &[]);
    assert_eq!(refused.status(), 409);
    assert!(refused.text().unwrap().contains("You wrote this plan as it stands"));
    let chinese = lead.in_language("zh-CN").post(&format!("{}/start", page()), &[]).text().unwrap();
    assert!(chinese.contains("当前方案由您编写"), "{chinese}");

    let asked = lead.post(&format!("{}/ask", page()), &[]);
    assert_eq!(location(&asked), format!("{}?done=asked", page()));
    assert!(lead.text(&page()).contains("Another lead or an admin has to start it."));
    let list = admin.text("/experiments");
    assert!(list.contains("Needs you") && list.contains("Waiting for approval"), "{list}");
    let draft = admin.text(&page());
    assert!(draft.contains("lead@example.com asked for approval on"), "{draft}");
    assert!(draft.contains("Asked for approval") && draft.contains(">Approve and start</a>"), "{draft}");

    // A change after that is asked for anew, by whoever made it.
    let other = text.replace("planned_weeks = 20", "planned_weeks = 21");
    assert_eq!(admin.post(&format!("{}/edit", page()), &[("text", &other)]).status(), 303);
    assert!(!admin.text("/experiments").contains("Waiting for approval"));
    assert_eq!(admin.post(&format!("{}/start", page()), &[]).status(), 409);
    let confirm = lead.text(&format!("{}/start", page()));
    assert!(confirm.contains("admin@example.com wrote it as it stands"), "{confirm}");
    assert_eq!(location(&lead.post(&format!("{}/start", page()), &[])), format!("{}?done=start", page()));
    // From here on it is nobody's to ask; and whoever wrote it may pause and resume.
    assert_eq!(admin.post(&format!("{}/ask", page()), &[]).status(), 409);
    assert_eq!(admin.post(&format!("{}/pause", page()), &[]).status(), 303);
    assert_eq!(admin.post(&format!("{}/resume", page()), &[]).status(), 303);
    assert!(admin.text("/settings/log").contains("decided that plans need approval"));
}

#[test]
fn the_guided_form_asks_in_place_of_starting() {
    let installation = installation();
    let server = installation.serve();
    let [admin, lead] = ["admin", "lead"].map(|role| Browser::sign_in(&installation, &server, role));
    admin.post("/settings/approval", &[("approval", "needed")]);
    let answers = [
        ("name", "In a day"),
        ("key", "in-a-day"),
        ("slower_hours", "8"),
        ("csat", "3"),
        ("csat_why", "Agreed."),
    ];
    let first = location(&lead.post("/experiments/new", &answers)).to_owned();
    let check = first.replace("/who", "/check");
    let last = lead.text(&check);
    assert!(last.contains("value=\"ask\">Ask for approval<") && !last.contains("value=\"start\""), "{last}");
    // Also where an old page still says start.
    let done = lead.post(&check, &[("action", "start")]);
    assert_eq!(location(&done), "/experiments/in-a-day?done=asked");
    assert!(lead.text("/experiments/in-a-day?done=asked").contains("Approval is asked for."));
    assert_eq!(admin.post("/experiments/in-a-day/start", &[]).status(), 303);
}

#[test]
fn the_rule_is_for_people() {
    let installation = installation();
    let server = installation.serve();
    let admin = Browser::sign_in(&installation, &server, "admin");
    admin.post("/settings/approval", &[("approval", "needed")]);
    let key = installation.key("admin");
    json(server.post(&format!("/api/v1/experiments/{EXAMPLE}/start"), &key, ""), 200);
    let log = admin.in_language("zh-CN").text(&page());
    assert!(log.contains("命令行") && !log.contains("command line"), "who did it is said in Chinese: {log}");
    // The rule can be taken back.
    admin.post("/settings/approval", &[]);
    assert!(!admin.text("/settings").contains("value=\"needed\" aria-describedby=\"approval-hint\" checked"));
}
