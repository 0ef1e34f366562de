//! Which language a page is in: the person's choice, else the browser's, else English.

use patience::storage::{Store, analyses};

use super::{EXAMPLE, analysis, browsing::location, installation};
use crate::installation::Installation;

#[test]
fn the_browser_asks_for_a_language_and_the_person_chooses_one() {
    let installation = Installation::new();
    let server = installation.serve();
    let get = |path: &str, headers: &[(&str, &str)]| {
        let mut request = server.client().get(format!("{}{path}", server.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().unwrap().text().unwrap()
    };
    let english = get("/sign-in", &[]);
    assert!(english.contains("<html lang=\"en\">") && english.contains("<h1>Sign in</h1>"));
    let chinese = get("/sign-in", &[("accept-language", "zh-CN,zh;q=0.9,en;q=0.8")]);
    assert!(chinese.contains("<html lang=\"zh-CN\">") && chinese.contains("<h1>登录</h1>"));
    assert!(chinese.contains("action=\"/language/en\"") && !chinese.contains("action=\"/language/zh-CN\""));

    let referer = format!("{}/sign-in?next=/data", server.address);
    let choose = |tag: &str| {
        let request = server.client().post(format!("{}/language/{tag}", server.address));
        request.header("referer", &referer).send().unwrap()
    };
    let chosen = choose("zh-CN");
    assert_eq!((chosen.status().as_u16(), location(&chosen)), (303, "/sign-in?next=/data"));
    let cookie = chosen.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let kept = get("/sign-in", &[("accept-language", "en"), ("cookie", &cookie)]);
    assert!(kept.contains("<h1>登录</h1>"), "the choice goes before the browser");
    let missing = get("/no-such-page", &[("cookie", &cookie)]);
    assert!(missing.contains("<h1>这里什么也没有</h1>"), "errors are in the language, too: {missing}");
    assert_eq!(choose("tlh").status(), 404);
}

/// Settings of the command line are in English; a report is in the language that it is asked for in.
#[test]
fn the_command_line_writes_reports_in_a_language() {
    let installation = installation();
    installation.must(&["start", EXAMPLE]);
    let store = Store::open_existing(&installation.url()).unwrap();
    store.write(|db| analyses::insert(db, &analysis())).unwrap();
    let report = |more: &[&str]| {
        let all = [&["report", EXAMPLE, "--format", "html"], more].concat();
        installation.must(&all)
    };
    assert!(report(&[]).contains("What you agreed"));
    let chinese = report(&["--language", "zh-CN"]);
    assert!(chinese.contains("lang=\"zh-CN\"") && !chinese.contains("What you agreed"), "{chinese}");
    assert_eq!(
        installation.run(&["report", EXAMPLE, "--format", "html", "--language", "latin"]).status.code(),
        Some(2)
    );
}
