//! CloudFront and its logs in `cdn.yaml` match the code.

use std::collections::BTreeSet;

use serde_norway::Value;
use shared::http::{CDN_SECRET_HEADER, VIEWER_ADDRESS_HEADER};
use tests::template::cdn_template;

/// AWS's policy that caches nothing.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/// Returns the resources of `cdn.yaml`.
fn resources() -> Value {
    cdn_template()["Resources"].clone()
}

/// Returns the settings of the distribution.
fn distribution() -> Value {
    resources()["Distribution"]["Properties"]["DistributionConfig"].clone()
}

/// Returns the value of a tag such as `!Ref`.
fn tagged(value: &Value) -> &str {
    let Value::Tagged(tagged) = value else { panic!("no tag: {value:?}") };
    tagged.value.as_str().unwrap()
}

/// Returns the behavior for all other paths, and those for some paths.
fn behaviors() -> Vec<Value> {
    let distribution = distribution();
    let mut all = vec![distribution["DefaultCacheBehavior"].clone()];
    all.extend(distribution["CacheBehaviors"].as_sequence().unwrap().iter().cloned());
    all
}

#[test]
fn cloudfront_sends_the_headers_that_the_functions_read() {
    let distribution = distribution();
    let origins = distribution["Origins"].as_sequence().unwrap();
    let [origin] = origins.as_slice() else { panic!("not one origin") };
    let custom = origin["OriginCustomHeaders"].as_sequence().unwrap();
    let [header] = custom.as_slice() else { panic!("not one header") };
    assert_eq!(header["HeaderName"], CDN_SECRET_HEADER);
    assert!(tagged(&header["HeaderValue"]).starts_with("{{resolve:secretsmanager:"));
    let policy = &resources()["AllOfViewer"]["Properties"]["OriginRequestPolicyConfig"];
    // With another behavior, the functions would trust the header of a viewer.
    let headers = &policy["HeadersConfig"];
    assert_eq!(headers["HeaderBehavior"], "allViewerAndWhitelistCloudFront");
    let added = headers["Headers"].as_sequence().unwrap();
    let [added] = added.as_slice() else { panic!("not one header") };
    assert!(added.as_str().unwrap().eq_ignore_ascii_case(VIEWER_ADDRESS_HEADER));
    for behavior in behaviors() {
        assert_eq!(tagged(&behavior["OriginRequestPolicyId"]), "AllOfViewer", "{behavior:?}");
    }
}

#[test]
fn only_public_files_are_cached() {
    let mut cached = BTreeSet::new();
    for behavior in behaviors() {
        let path = behavior["PathPattern"].as_str().unwrap_or("*").to_owned();
        if behavior["CachePolicyId"] == CACHING_DISABLED {
            // A compressed answer would leak by its length what else is in it.
            assert_eq!(behavior["Compress"], false, "{path}");
        } else {
            assert_eq!(tagged(&behavior["CachePolicyId"]), "PublicFiles", "{path}");
            cached.insert(path);
        }
    }
    let expected = ["/.well-known/jwks.json", "/account/assets/*", "/api/.well-known/jwks.json"];
    assert_eq!(cached, BTreeSet::from(expected.map(str::to_owned)));
    let policy = &resources()["PublicFiles"]["Properties"]["CachePolicyConfig"];
    // With more, CloudFront keeps answers with `no-store`, too.
    assert_eq!((&policy["MinTTL"], &policy["DefaultTTL"]), (&0.into(), &0.into()));
}

/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html> lists the codes.
/// CloudFront does not keep 416.
#[test]
fn no_error_is_kept() {
    let distribution = distribution();
    let responses = distribution["CustomErrorResponses"].as_sequence().unwrap();
    let codes: Vec<_> = responses
        .iter()
        .map(|response| {
            assert_eq!(response["ErrorCachingMinTTL"], 0);
            response["ErrorCode"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(codes, [400, 403, 404, 405, 414, 500, 501, 502, 503, 504]);
}

#[test]
fn viewers_use_tls_of_today() {
    let distribution = distribution();
    assert_eq!(distribution["ViewerCertificate"]["MinimumProtocolVersion"], "TLSv1.2_2021");
    assert_eq!(distribution["HttpVersion"], "http2and3");
    let origin = &distribution["Origins"][0]["CustomOriginConfig"];
    assert_eq!(origin["OriginProtocolPolicy"], "https-only");
    for behavior in behaviors() {
        let policy = behavior["ViewerProtocolPolicy"].as_str().unwrap();
        assert!(["https-only", "redirect-to-https"].contains(&policy), "{policy}");
    }
}

/// A query can hold the token of a link in a mail, and addresses are personal data.
#[test]
fn the_logs_hold_no_token() {
    let resources = resources();
    let fields = &resources["CdnLogDelivery"]["Properties"]["RecordFields"];
    let fields: BTreeSet<_> =
        fields.as_sequence().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    let secret =
        ["cs-uri-query", "cs(Cookie)", "cs(Referer)", "cs-uri-stem", "c-ip", "x-forwarded-for"];
    assert!(secret.iter().all(|field| !fields.contains(field)), "{fields:?}");
    assert!(fields.contains("sc-status") && fields.contains("x-edge-detailed-result-type"));
    let redacted = &resources["FirewallLogging"]["Properties"]["RedactedFields"];
    let redacted = serde_json::to_value(redacted).unwrap();
    let names = ["authorization", "cookie", "referer"];
    let mut expected = vec![serde_json::json!({"QueryString": {}})];
    expected.extend(names.map(|name| serde_json::json!({"SingleHeader": {"Name": name}})));
    assert_eq!(redacted, serde_json::json!(expected));
}
