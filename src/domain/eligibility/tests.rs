use proptest::prelude::*;
use serde_json::json;

use super::*;

fn attributes(value: Value) -> Attributes {
    serde_json::from_value(value).unwrap()
}

fn holds(rule: &str, facts: Value) -> bool {
    let (request, recorded) = (attributes(facts), Attributes::new());
    Rule::compile(rule).unwrap().unwrap().holds(&Facts::of_customer(&request, &recorded).ask())
}

#[test]
fn numbers_are_doubles_and_compare_with_integer_literals() {
    for spend in [json!(10), json!(10.0), json!(-3), json!(-1e300)] {
        assert!(holds("monthly_spend < 100", json!({"monthly_spend": spend})), "{spend}");
        assert!(holds("monthly_spend < 100.0", json!({"monthly_spend": spend})), "{spend}");
        assert!(!holds("monthly_spend >= 100", json!({"monthly_spend": spend})), "{spend}");
    }
    for rule in
        ["seats == 10", "seats == 10.0", "seats <= 10", "10 == seats", "seats in [1, 10]", "seats != 11"]
    {
        assert!(holds(rule, json!({"seats": 10})) && holds(rule, json!({"seats": 10.0})), "{rule}");
        assert!(!holds(rule, json!({"seats": 11})), "{rule}");
    }
    assert!(!holds("big == 1", json!({"big": u64::MAX})));
    assert!(holds("spend * 12.0 < 1000.0", json!({"spend": 10})));
}

#[test]
fn a_missing_name_or_a_wrong_type_is_an_error_and_counts_as_false() {
    for rule in [
        "monthly_spend < 100",
        "!(monthly_spend < 100)",
        "monthly_spend == 1 || false",
        "!(nobody == 1)",
        "a.b == 1",
    ] {
        assert!(!holds(rule, json!({})), "{rule}");
        assert!(!holds(rule, json!({"monthly_spend": "42", "a": 1})), "{rule}");
        assert!(!holds(rule, json!({"monthly_spend": null})) || rule.starts_with("!(n"), "{rule}");
    }
    // A result that is no bool is not a yes.
    for rule in ["1", "\"true\"", "[true]", "null", "plan"] {
        assert!(!holds(rule, json!({"plan": "starter"})), "{rule}");
    }
}

#[test]
fn errors_are_absorbed_in_either_order() {
    let facts = || json!({"plan": "starter"});
    for yes in [
        "plan == \"starter\" || missing < 1",
        "missing < 1 || plan == \"starter\"",
        "!(missing < 1 && plan == \"x\")",
    ] {
        assert!(holds(yes, facts()), "{yes}");
    }
    for no in [
        "plan == \"x\" || missing < 1",
        "missing < 1 && plan == \"starter\"",
        "plan == \"starter\" && missing < 1",
    ] {
        assert!(!holds(no, facts()), "{no}");
    }
}

#[test]
fn texts_lists_and_nested_attributes_can_be_asked() {
    let facts = || json!({"plan": "starter", "tags": ["vip", "eu"], "company": {"size": 3, "name": "Zoë"}, "trial": false});
    for yes in [
        "plan in [\"starter\", \"team\"]",
        "plan.startsWith(\"start\")",
        "\"vip\" in tags && size(tags) == 2",
        "company.size < 10 && company.name == 'Zoë'",
        "has(company.size) && !has(company.country)",
        "!trial",
        "tags.exists(t, t == \"eu\")",
        "tags[0] == \"vip\"",
        "plan.matches(\"^st.*r$\")",
    ] {
        assert!(holds(yes, facts()), "{yes}");
    }
}

#[test]
fn the_conversation_lies_over_the_request_and_that_over_the_record() {
    let recorded = attributes(json!({"plan": "old", "spend": 1, "topic": "record"}));
    let request = attributes(json!({"plan": "new", "topic": "request"}));
    let conversation = attributes(json!({"topic": "outage"}));
    let rule = |text: &str| Rule::compile(text).unwrap().unwrap();
    let customer = Facts::of_customer(&request, &recorded);
    assert!(rule("plan == \"new\" && spend == 1 && topic == \"request\"").holds(&customer.ask()));
    assert!(
        rule("plan == \"new\" && spend == 1 && topic == \"outage\"")
            .holds(&customer.with_conversation(&conversation).ask())
    );
}

#[test]
fn the_shipped_exception_excepts_what_it_says() {
    let rule = r#"topic in ["outage", "security"] || urgency == "high""#;
    assert!(holds(rule, json!({"topic": "outage"})));
    assert!(holds(rule, json!({"urgency": "high"})));
    assert!(holds(rule, json!({"topic": 7, "urgency": "high"})));
    assert!(!holds(rule, json!({"topic": "billing", "urgency": "low"})));
    assert!(!holds(rule, json!({})));
}

#[test]
fn nothing_is_no_rule_and_nonsense_names_its_place() {
    assert!(Rule::compile(" \n").unwrap().is_none());
    let told = |rule: &str| Rule::compile(rule).unwrap_err().to_string();
    assert!(
        told("plan == ").starts_with("is not CEL, at line 1, character 9: unexpected the end; write it like"),
        "{}",
        told("plan == ")
    );
    assert!(told("true &&\nplan = 1").contains("at line 2, character 6"), "{}", told("true &&\nplan = 1"));
    assert!(told(&format!("plan == \"{}\"", "x".repeat(2048))).contains("at most 2048 bytes"));
    assert!(
        told("plan.startswith(\"a\")").contains("did you mean startsWith?"),
        "{}",
        told("plan.startswith(\"a\")")
    );
    assert!(told("sqrt(spend) < 3").contains("no function is called sqrt"));
}

#[test]
fn deep_and_long_rules_are_refused_or_fit_the_stack() {
    for deep in ["(", "[", "!(", "a?(", "f(", "{1:", "a?b:", "-(", "a.b(", "a[", "[[", "a in ["] {
        assert!(Rule::compile(&deep.repeat(2048 / deep.len())).is_err(), "{deep}");
        let _ = Rule::compile(&deep.repeat(31));
    }
    let balanced = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
    assert!(holds(&balanced(32), json!({})));
    assert!(Rule::compile(&balanced(33)).unwrap_err().to_string().contains("nest deeper than 32"));
    // A quotation mark in a comment hides nothing.
    assert!(Rule::compile(&format!("true // \"\n{}", "|| (true".repeat(100))).is_err());
    // As deep as is read is evaluated on this small stack.
    let sum = |n: usize| format!("{}1 > 0", "1+".repeat(n));
    assert!(holds(&sum(38), json!({})));
    assert!(Rule::compile(&sum(39)).unwrap_err().to_string().contains("too many operations"));
    let anyone_of = |n| format!("{}false", "plan == \"starter\" || ".repeat(n));
    assert!(holds(&anyone_of(90), json!({"plan": "starter"})), "a long list of cases is balanced");
    let each = |n| format!("{}true{}", "[1].all(x, ".repeat(n), ")".repeat(n));
    assert!(holds(&each(3), json!({})) && Rule::compile(&each(4)).is_err());
    // Long and flat: read or refused, evaluated on this small stack either way.
    for flat in ["!", "-", "1+", "a.", "true||", "true&&", "x==", "a[0].", "\"\"+", "1<"] {
        let text = format!("{}1", flat.repeat(2000 / flat.len()));
        if let Ok(Some(rule)) = Rule::compile(&text) {
            rule.holds(&Facts::of_customer(&Attributes::new(), &Attributes::new()).ask());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_beyond_compiling(text in "([a-z]|[0-9]|==|<|&&|\\|\\||[()\\[\\]{}?:!.,\"' -]|\\PC)*") {
        let _ = Rule::compile(&text);
    }
}

/// Rules of comparisons that hold, do not, cannot be made, or are none.
fn rules() -> impl Strategy<Value = String> {
    let condition = prop::sample::select(vec![
        "spend < 100",
        "spend < 100.0",
        "spend >= 42.5",
        "plan == \"starter\"",
        "plan != \"starter\"",
        "plan in [\"team\", \"starter\"]",
        "plan.startsWith(\"s\")",
        "vip",
        "plan",
        "missing == 1",
        "size(plan) > 4",
        "[1, 2].exists(n, n < spend)",
        "true",
        "1",
    ]);
    condition.prop_map(str::to_owned).prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
        ]
    })
}

fn anything() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(10),
        json!(42.5),
        json!(1e9),
        json!("starter"),
        json!("team"),
        json!(true),
        json!(false),
        json!(null),
        json!([1]),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Taken apart, and each condition asked once, rules say what CEL says of the whole.
    #[test]
    fn many_rules_at_once_say_what_each_says_alone(
        texts in prop::collection::vec(rules(), 1..6),
        facts in prop::collection::btree_map(prop::sample::select(vec!["spend", "plan", "vip"]), anything(), 0..4),
    ) {
        let (request, recorded) = (attributes(json!(facts)), Attributes::new());
        let asked = Facts::of_customer(&request, &recorded).ask();
        let mut rules = Rules::default();
        let numbers: Vec<usize> = texts.iter().map(|text| rules.number_of(text).unwrap().unwrap()).collect();
        let answers = rules.ask(&asked);
        for (text, number) in texts.iter().zip(&numbers).chain(texts.iter().zip(&numbers)) {
            let alone = Rule::compile(text).unwrap().unwrap().holds(&asked);
            prop_assert_eq!(answers.holds(*number), alone, "{} of {:?}", text, facts);
        }
    }
}

#[test]
fn a_condition_that_several_rules_have_is_kept_once() {
    let mut rules = Rules::default();
    for text in [
        "spend < 100.0 && plan == \"starter\"",
        "spend < 50.0  &&  plan == \"starter\"",
        "vip || (plan == \"starter\" && spend < 50.0)",
        "plan == \"team\"",
        "[1].exists(n, n < spend) || [1].exists(n, n < spend)",
    ] {
        rules.number_of(text).unwrap();
    }
    // Of loops each is kept.
    assert_eq!(rules.conditions.len(), 4 + 1 + 2);
}
