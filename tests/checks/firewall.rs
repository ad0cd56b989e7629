//! The firewall of `cdn.yaml` counts the routes of `template.yaml` and of the dashboard.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_norway::Value;
use shared::throttle::Throttle;
use tests::template::{cdn_template, template};

/// The pattern of all endpoints of the API.
const ALL_ENDPOINTS: &str = "^(/api)?/v1/";

/// Rules with the endpoints and the forms that do the same work.
const FORMS: [(&str, &str, &str); 7] = [
    ("sign-in", "/v1/login", "/account/sign-in"),
    ("sign-in", "/v1/2fa/login", "/account/two-factor"),
    ("sign-up", "/v1/register", "/account/sign-up"),
    ("sign-up", "/v1/verify-email", "/account/verify-email"),
    ("sign-up", "/v1/verify-email/resend", "/account/verify-email/resend"),
    ("reset", "/v1/password/forgot", "/account/forgot-password"),
    ("reset", "/v1/password/reset", "/account/reset-password"),
];

/// What the limits look at in a request.
#[derive(Clone, Copy, Debug)]
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    has_authorization: bool,
}

impl<'a> Request<'a> {
    /// Describes a POST without an `Authorization` header.
    fn post(path: &'a str) -> Self {
        Self { method: "POST", path, has_authorization: false }
    }
}

/// Returns the rules of the firewall.
fn rules() -> Vec<Value> {
    let template = cdn_template();
    let firewall = &template["Resources"]["Firewall"]["Properties"];
    firewall["Rules"].as_sequence().unwrap().clone()
}

/// Returns the statement that selects the requests which a limit counts; `None` for a rule of AWS.
fn scope(rule: &Value) -> Option<&Value> {
    let scope = &rule["Statement"]["RateBasedStatement"]["ScopeDownStatement"];
    (!scope.is_null()).then_some(scope)
}

/// Returns the kind of a statement, such as `AndStatement`, and its settings.
fn kind_and_settings(statement: &Value) -> (&str, &Value) {
    let statement = statement.as_mapping().unwrap();
    assert_eq!(statement.len(), 1, "{statement:?}");
    let (kind, settings) = statement.iter().next().unwrap();
    (kind.as_str().unwrap(), settings)
}

/// Returns whether a statement matches a request.
fn is_match(statement: &Value, request: Request<'_>) -> bool {
    let (kind, settings) = kind_and_settings(statement);
    let field = &settings["FieldToMatch"];
    let inner = || settings["Statements"].as_sequence().unwrap().iter();
    match kind {
        "AndStatement" => inner().all(|statement| is_match(statement, request)),
        "OrStatement" => inner().any(|statement| is_match(statement, request)),
        "NotStatement" => !is_match(&settings["Statement"], request),
        "ByteMatchStatement" => {
            assert!(!field["Method"].is_null(), "{field:?}");
            assert_eq!(settings["PositionalConstraint"], "EXACTLY");
            settings["SearchString"] == request.method
        }
        "SizeConstraintStatement" => {
            assert_eq!(field["SingleHeader"]["Name"], "authorization");
            request.has_authorization
        }
        "RegexMatchStatement" => {
            assert!(!field["UriPath"].is_null(), "{field:?}");
            assert_eq!(settings["TextTransformations"][0]["Type"], "URL_DECODE");
            is_path_of(settings["RegexString"].as_str().unwrap(), request.path)
        }
        other => panic!("an unknown statement: {other}"),
    }
}

/// Returns the paths that a pattern lists, those of the API without `/api`. The pattern of all endpoints lists none.
fn listed_paths(pattern: &str) -> Vec<String> {
    if pattern == ALL_ENDPOINTS {
        return Vec::new();
    }
    let pattern = pattern.strip_prefix('^').unwrap();
    let pattern = pattern.strip_prefix("(/api)?").unwrap_or(pattern);
    let (base, names) = pattern.split_once('(').unwrap();
    let names = names.strip_suffix(")$").unwrap();
    names.split('|').map(|name| format!("{base}{name}")).collect()
}

/// Returns whether a pattern matches a path.
fn is_path_of(pattern: &str, path: &str) -> bool {
    let below_api = path.strip_prefix("/api").filter(|_| pattern.starts_with("^(/api)?"));
    let path = below_api.unwrap_or(path);
    if pattern == ALL_ENDPOINTS {
        return path.starts_with("/v1/");
    }
    listed_paths(pattern).iter().any(|listed| listed == path)
}

/// Returns the names of the limits that count a request.
fn counting_rules(request: Request<'_>) -> Vec<String> {
    let rules = rules();
    let counting =
        rules.iter().filter(|rule| scope(rule).is_some_and(|scope| is_match(scope, request)));
    counting.map(|rule| rule["Name"].as_str().unwrap().to_owned()).collect()
}

/// Adds the paths that a statement and those in it list.
fn collect_paths(statement: &Value, paths: &mut Vec<String>) {
    let (kind, settings) = kind_and_settings(statement);
    match kind {
        "AndStatement" | "OrStatement" => {
            for inner in settings["Statements"].as_sequence().unwrap() {
                collect_paths(inner, paths);
            }
        }
        "RegexMatchStatement" => {
            paths.extend(listed_paths(settings["RegexString"].as_str().unwrap()));
        }
        // The limit of the rest excludes what the limit of servers counts.
        _ => {}
    }
}

#[test]
fn the_firewall_counts_routes_that_exist() {
    let template = template();
    let routes = &template["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"];
    let pages = include_str!("../../functions/dashboard/src/page_routes.rs");
    let rules = rules();
    let names: Vec<_> = rules.iter().map(|rule| rule["Name"].as_str().unwrap()).collect();
    let limits = ["sign-in", "sign-up", "reset", "servers", "rest"];
    let managed = ["reputation", "known-bad-inputs", "common"];
    assert_eq!(names, [&limits[..], &managed[..]].concat());
    let mut counted = Vec::new();
    for scope in rules.iter().filter_map(scope) {
        collect_paths(scope, &mut counted);
    }
    for path in &counted {
        if path.starts_with("/account/") {
            assert!(pages.contains(&format!("Route::new(\"{path}\",")), "no page {path}");
            continue;
        }
        for base in ["", "/api"] {
            assert!(!routes[format!("{base}{path}")].is_null(), "no route {base}{path}");
        }
    }
    let distinct: BTreeSet<_> = counted.iter().collect();
    assert_eq!(distinct.len(), counted.len(), "a path that two rules count: {counted:?}");
    assert!(counted.len() >= 19, "the paths are found: {counted:?}");
}

/// A form hashes passwords, sends mail and checks codes like its endpoint.
#[test]
fn the_firewall_counts_forms_like_their_endpoints() {
    for (rule, endpoint, page) in FORMS {
        for path in [endpoint, &format!("/api{endpoint}"), page] {
            assert_eq!(counting_rules(Request::post(path)), [rule, "rest"], "{path}");
        }
        // People of one office share an address, and a page without its form is cheap.
        let shown = Request { method: "GET", ..Request::post(page) };
        assert_eq!(counting_rules(shown), ["rest"], "{page}");
    }
}

/// Pages take a cookie and no token.
#[test]
fn an_authorization_header_raises_no_limit_of_a_page() {
    let with_header = |path| Request { has_authorization: true, ..Request::post(path) };
    for (rule, endpoint, page) in FORMS {
        assert_eq!(counting_rules(with_header(page)), [rule, "rest"], "{page}");
        assert_eq!(counting_rules(with_header(endpoint)), [rule, "servers"], "{endpoint}");
    }
    for path in ["/", "/account", "/account/security/password", "/docs", "/health"] {
        assert_eq!(counting_rules(with_header(path)), ["rest"], "{path}");
    }
    for path in ["/v1/me", "/api/v1/me"] {
        assert_eq!(counting_rules(with_header(path)), ["servers"], "{path}");
        assert_eq!(counting_rules(Request::post(path)), ["rest"], "{path}");
    }
    assert_eq!(counting_rules(Request::post("/v1/webhooks/stripe")), ["servers"]);
}

/// Otherwise people would see the firewall's answer instead of that of the functions, which says when to try again.
#[test]
fn the_firewall_allows_more_than_the_functions() {
    let template = cdn_template();
    let throttle = Throttle::unauthenticated("any");
    assert_eq!(throttle.window, Duration::from_secs(60));
    for name in ["SignInsPerAddress", "SignUpsPerAddress", "ResetsPerAddress"] {
        let limit = template["Parameters"][name]["Default"].as_u64().unwrap();
        assert!(limit > u64::from(throttle.limit) * 5, "{name}: {limit} in five minutes");
    }
}
