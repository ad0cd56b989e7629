//! `template.yaml` matches the code.

use std::collections::{BTreeMap, BTreeSet};

use serde_norway::Value;
use shared::activity::SHOWN_TO_ORGANIZATIONS;
use tests::openapi::{FUNCTIONS, operations_of};
use tests::template::template;

/// The start of a reference to an integration that routes share.
const INTEGRATIONS: &str = "#/components/x-amazon-apigateway-integrations/";

/// Returns the functions of the template by binary name.
fn functions() -> BTreeMap<String, Value> {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    resources
        .values()
        .filter(|resource| resource["Type"] == "AWS::Serverless::Function")
        .map(|function| {
            let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
            (binary.to_owned(), function.clone())
        })
        .collect()
}

/// Returns the API's routes to a function, such as `post /v1/login`.
fn routes(group: &str) -> BTreeSet<String> {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let named = |(name, _): &(&Value, &Value)| {
        let binary = &resources[*name]["Metadata"]["BuildProperties"]["Binary"];
        binary.as_str() == Some(group)
    };
    let (name, _) = resources.iter().find(named).unwrap();
    let arn = format!("/functions/${{{}.Arn}}:live/invocations", name.as_str().unwrap());
    let definition = &template["Resources"]["Api"]["Properties"]["DefinitionBody"];
    let mut routes = BTreeSet::new();
    for (path, operations) in definition["paths"].as_mapping().unwrap() {
        for (method, operation) in operations.as_mapping().unwrap() {
            let reference = operation["x-amazon-apigateway-integration"]["$ref"].as_str().unwrap();
            let integration = reference.strip_prefix(INTEGRATIONS).unwrap();
            let integrations = &definition["components"]["x-amazon-apigateway-integrations"];
            let Value::Tagged(uri) = &integrations[integration]["uri"] else {
                panic!("{reference}: a uri that is no !Sub")
            };
            if uri.value.as_str().unwrap().ends_with(&arn) {
                let (method, path) = (method.as_str().unwrap(), path.as_str().unwrap());
                assert!(routes.insert(format!("{method} {path}")));
            }
        }
    }
    routes
}

#[test]
fn the_template_has_one_function_per_group() {
    let names: BTreeSet<_> = functions().into_keys().collect();
    assert_eq!(names, BTreeSet::from(FUNCTIONS.map(str::to_owned)));
}

/// Returns the routes that the template needs for the code of a function. A path of one function takes any method. A
/// path of two functions lists the methods of each, and `HEAD` beside `GET`.
fn expected_routes(group: &str) -> BTreeSet<String> {
    let operations = |group: &str| -> Vec<(String, String)> {
        let split =
            |route: &String| route.split_once(' ').map(|(m, p)| (m.to_owned(), p.to_owned()));
        operations_of(group).iter().filter_map(split).collect()
    };
    let others: BTreeSet<String> = FUNCTIONS
        .iter()
        .filter(|other| **other != group)
        .flat_map(|other| operations(other))
        .map(|(_, path)| path)
        .collect();
    let mut expected = BTreeSet::new();
    for (method, path) in operations(group) {
        let methods = match (others.contains(&path), method.as_str()) {
            (false, _) => vec!["x-amazon-apigateway-any-method"],
            (true, "get") => vec!["get", "head"],
            (true, method) => vec![method],
        };
        for method in methods {
            expected.insert(format!("{method} {path}"));
            expected.insert(format!("{method} /api{path}"));
            // Unversioned routes are served at the root as well.
            if ["/v1/health", "/v1/openapi.json", "/v1/docs"].contains(&path.as_str()) {
                expected.insert(format!("{method} {}", path.trim_start_matches("/v1")));
            }
        }
    }
    if group == "dashboard" {
        let pages = ["/", "/account", "/account/{page+}"];
        expected.extend(pages.map(|path| format!("x-amazon-apigateway-any-method {path}")));
    }
    expected
}

#[test]
fn each_function_has_the_routes_of_its_code() {
    for group in functions().into_keys() {
        let mut deployed = routes(&group);
        let is_default = |route: &String| route.ends_with("$default");
        assert_eq!(deployed.iter().any(is_default), group == "dashboard", "{group}");
        deployed.retain(|route| !is_default(route));
        assert_eq!(deployed, expected_routes(&group), "{group}");
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>: an API has 300 routes, which
/// AWS raises on request, and 300 integrations, which AWS does not.
#[test]
fn the_api_has_room_for_more_routes() {
    let count: usize = FUNCTIONS.iter().map(|group| routes(group).len()).sum();
    assert!((100..=250).contains(&count), "{count} routes of 300");
    // An integration of a route's own would count as one more. `routes` accepts only references to shared ones.
    let template = template();
    let components = &template["Resources"]["Api"]["Properties"]["DefinitionBody"]["components"];
    let integrations = components["x-amazon-apigateway-integrations"].as_mapping().unwrap();
    let names: Vec<_> = integrations.keys().map(|name| name.as_str().unwrap()).collect();
    let serving = FUNCTIONS.iter().filter(|group| !routes(group).is_empty());
    let (names, serving): (BTreeSet<_>, BTreeSet<_>) =
        (names.into_iter().collect(), serving.copied().collect());
    assert_eq!(names, serving, "one integration for each function with routes");
    assert!(names.len() <= 30, "{} integrations of 300", names.len());
}

/// A stack with settings for a route that does not exist cannot be deployed.
#[test]
fn hot_routes_have_limits_of_their_own() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    let limit = |settings: &Value| settings["ThrottlingRateLimit"].as_u64().unwrap();
    let general = limit(&api["DefaultRouteSettings"]);
    let deployed: BTreeSet<_> = FUNCTIONS.iter().flat_map(|group| routes(group)).collect();
    let mut limits = BTreeMap::new();
    for (key, settings) in api["RouteSettings"].as_mapping().unwrap() {
        let (method, path) = key.as_str().unwrap().split_once(' ').unwrap();
        let method = match method {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            method => method.to_lowercase(),
        };
        assert!(deployed.contains(&format!("{method} {path}")), "no route {key:?}");
        let burst = settings["ThrottlingBurstLimit"].as_u64().unwrap();
        assert!(burst >= limit(settings), "{key:?}");
        limits.insert(path.to_owned(), limit(settings));
    }
    for (path, limit) in &limits {
        if let Some(without_prefix) = path.strip_prefix("/api") {
            assert_eq!(limits.get(without_prefix), Some(limit), "{path}: both base paths");
        } else {
            assert!(limits.contains_key(&format!("/api{path}")), "{path}: both base paths");
        }
    }
    for path in ["token", "me", "token/exchange", "clients/{client_id}/usage"] {
        assert!(limits[&format!("/v1/{path}")] > general, "{path}");
    }
    for path in ["login", "register", "password/forgot", "password/reset", "verify-email/resend"] {
        assert!(limits[&format!("/v1/{path}")] < general, "{path}");
    }
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: 10,000 requests a second for all APIs of
    // an account in a region. One flooded route must leave a part for the others.
    assert!(limits.values().all(|limit| *limit <= 5_000), "{limits:?}");
}

/// Without a domain, the API is reached at its default endpoint.
#[test]
fn a_domain_is_optional() {
    let template = template();
    for name in ["Domain", "HostedZoneId", "CertificateArn", "CdnSecretHashes"] {
        assert_eq!(template["Parameters"][name]["Default"], "", "{name}");
    }
    assert_eq!(template["Parameters"]["HstsIncludeSubdomains"]["Default"], "false");
    let resources = template["Resources"].as_mapping().unwrap();
    let conditions: BTreeMap<_, _> = resources
        .iter()
        .filter(|(_, resource)| {
            let kind = resource["Type"].as_str().unwrap();
            kind.starts_with("AWS::ApiGatewayV2::") || kind.starts_with("AWS::CertificateManager::")
        })
        .map(|(name, r)| (name.as_str().unwrap(), r["Condition"].as_str().unwrap_or_default()))
        .collect();
    let expected = [
        ("ApiDomain", "HasDomain"),
        ("ApiDomainMapping", "HasDomain"),
        ("Certificate", "CreatesCertificate"),
    ];
    assert_eq!(conditions, BTreeMap::from(expected));
    let endpoint = &resources["Api"]["Properties"]["DisableExecuteApiEndpoint"];
    let Value::Tagged(disabled) = endpoint else { panic!("no !If") };
    let choice = disabled.value.as_sequence().unwrap();
    assert_eq!(choice, &["HasDomain".into(), true.into(), Value::from(false)]);
}

/// A path can have ids, a query the token of a link in a mail, and an address is personal data.
#[test]
fn the_access_log_has_neither_paths_nor_queries() {
    let template = template();
    let settings = &template["Resources"]["Api"]["Properties"]["AccessLogSettings"];
    let format = settings["Format"].as_str().unwrap();
    let logged: BTreeSet<_> = format.split('"').filter(|part| part.starts_with('$')).collect();
    let allowed = [
        "$context.error.message",
        "$context.error.responseType",
        "$context.integration.integrationStatus",
        "$context.integrationErrorMessage",
        "$context.integrationLatency",
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.responseLatency",
        "$context.responseLength",
        "$context.routeKey",
        "$context.status",
    ];
    assert_eq!(logged, BTreeSet::from(allowed));
    assert_eq!(format.matches('$').count(), allowed.len());
}

/// Without the permission the API answers 500; with the permission of another API, anyone could
/// invoke the function.
#[test]
fn the_api_may_call_each_function_that_has_routes() {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let permissions = resources.values().filter(|r| r["Type"] == "AWS::Lambda::Permission");
    let mut allowed: Vec<_> = permissions
        .map(|permission| {
            let properties = &permission["Properties"];
            assert_eq!(properties["Principal"], "apigateway.amazonaws.com");
            let Value::Tagged(source) = &properties["SourceArn"] else { panic!("no !Sub") };
            assert!(source.value.as_str().unwrap().ends_with(":${Api}/*"));
            let Value::Tagged(function) = &properties["FunctionName"] else { panic!("no !Ref") };
            function.value.as_str().unwrap().strip_suffix(".Alias").unwrap().to_owned()
        })
        .collect();
    allowed.sort();
    let names = FUNCTIONS.iter().filter(|group| !routes(group).is_empty()).map(|group| {
        let (first, rest) = group.split_at(1);
        format!("{}{rest}Function", first.to_uppercase())
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(allowed, names);
}

/// Otherwise Lambda would end the invocation before the service answers its own 503.
#[test]
fn the_function_timeout_exceeds_the_request_timeout() {
    let template = template();
    let general = &template["Globals"]["Function"]["Timeout"];
    for (group, function) in functions() {
        let own = &function["Properties"]["Timeout"];
        let timeout = if own.is_null() { general } else { own }.as_u64().unwrap();
        assert!(timeout > shared::http::REQUEST_TIMEOUT.as_secs() + 1, "{group}");
    }
}

#[test]
fn the_stream_filters_pass_what_the_worker_handles() {
    let worker = &functions()["worker"]["Properties"]["Events"];
    let events = worker.as_mapping().unwrap().values();
    let mappings: Vec<_> = events.filter(|event| event["Type"] == "DynamoDB").collect();
    let [stream] = mappings.as_slice() else { panic!("not one reader of the stream") };
    let on_failure = &stream["Properties"]["DestinationConfig"]["OnFailure"]["Type"];
    assert_eq!(*on_failure, "S3", "or what is given up is lost after a day");
    let answers = &stream["Properties"]["FunctionResponseTypes"];
    assert_eq!(answers[0], "ReportBatchItemFailures", "or one failure would hold up all others");
    // More than one batch at a time would mix up the messages of a recipient.
    assert_eq!(stream["Properties"]["ParallelizationFactor"], 1);
    let filters = stream["Properties"]["FilterCriteria"]["Filters"].as_sequence().unwrap();
    let patterns: Vec<_> =
        filters.iter().map(|f| f["Pattern"].as_str().unwrap().replace(' ', "")).collect();
    let prefix = |of: &str| format!("{{\"prefix\":\"{of}\"}}");
    let [codes, mail, slack, work, events] = &patterns[..] else { panic!("not five patterns") };
    assert!(codes.contains(&prefix(shared::keys::QUEUED_CODE_MAILS)), "{codes}");
    assert!(mail.contains(&prefix(shared::keys::QUEUED_MAILS)), "{mail}");
    assert!(slack.contains(&prefix(shared::keys::QUEUED_SLACK_MESSAGES)), "{slack}");
    assert!(work.contains("\"MODIFY\"") && work.contains(&prefix(shared::keys::JOBS)), "{work}");
    assert!(events.contains(&prefix(shared::keys::USER_AUDIT_EVENTS)), "{events}");
    let actions = serde_json::to_string(&SHOWN_TO_ORGANIZATIONS).unwrap();
    assert!(events.contains(&format!("\"action\":{{\"S\":{actions}}}")), "{events}");
}

/// A shard of the stream supports two readers at the same time; a third would be throttled. One is kept free, for a
/// move of the data or an export.
#[test]
fn one_reader_of_the_stream_is_free() {
    let functions = functions();
    let events = functions.values().filter_map(|f| f["Properties"]["Events"].as_mapping());
    let events = events.flat_map(|events| events.values());
    assert_eq!(events.filter(|event| event["Type"] == "DynamoDB").count(), 1);
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let mapping = |r: &&Value| r["Type"] == "AWS::Lambda::EventSourceMapping";
    assert_eq!(resources.values().filter(mapping).count(), 0);
}

#[test]
fn the_queues_keep_the_order_and_their_dead_letters() {
    let template = template();
    let worker = &functions()["worker"]["Properties"];
    let timeout = worker["Timeout"].as_u64().unwrap();
    let events = worker["Events"].as_mapping().unwrap().values();
    let mappings: Vec<_> = events.filter(|event| event["Type"] == "SQS").collect();
    assert_eq!(mappings.len(), 2, "codes, and all other work");
    for mapping in mappings {
        let mapping = &mapping["Properties"];
        assert_eq!(mapping["BatchSize"], 1, "or a slow message holds up those of other groups");
        assert_eq!(mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures");
        let Value::Tagged(arn) = &mapping["Queue"] else { panic!("no !GetAtt") };
        let name = arn.value.as_str().unwrap().strip_suffix(".Arn").unwrap();
        let queue = &template["Resources"][name]["Properties"];
        assert_eq!(queue["FifoQueue"], true);
        assert_eq!(queue["FifoThroughputLimit"], "perMessageGroupId");
        // AWS recommends six times the timeout of the function.
        assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout);
        assert!(queue["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap() >= 5);
        let Value::Tagged(arn) = &queue["RedrivePolicy"]["deadLetterTargetArn"] else { panic!() };
        let letters = arn.value.as_str().unwrap().strip_suffix(".Arn").unwrap();
        assert_eq!(template["Resources"][letters]["Properties"]["FifoQueue"], true);
    }
}

/// Each function has exactly the variables that its code reads, and only the worker has the worker's.
#[test]
fn each_function_has_the_environment_it_reads() {
    let template = template();
    let globals = &template["Globals"]["Function"]["Environment"]["Variables"];
    let names = [
        "TABLE_NAME",
        "STORAGE_SECRET_ID",
        "BASE_URL",
        "REQUIRE_EMAIL_VERIFICATION",
        "GOOGLE_ISSUER",
        "CDN_SECRET_HASHES",
        "HSTS_INCLUDE_SUBDOMAINS",
        "METRICS_NAMESPACE",
    ];
    for name in names {
        assert!(!globals[name].is_null(), "{name}");
    }
    for (group, function) in functions() {
        for name in [
            "MAIL_FROM",
            "MAIL_CONFIGURATION_SET",
            "DEAD_LETTERS_URL",
            "CODE_QUEUE_URL",
            "WORK_QUEUE_URL",
        ] {
            let own = &function["Properties"]["Environment"]["Variables"][name];
            assert_eq!(!own.is_null(), group == "worker", "{group}: {name}");
        }
        let own = &function["Properties"]["Environment"]["Variables"]["CONTENT_BUCKET"];
        let stores_content = ["dashboard", "projects", "worker"].contains(&group.as_str());
        assert_eq!(!own.is_null(), stores_content, "{group}");
    }
}
