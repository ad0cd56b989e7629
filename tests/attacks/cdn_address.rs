//! Behind a CDN, the address of each viewer counts, and only the CDN can report one.

use local::StackOptions;
use serde_json::{Value, json};
use tests::tokens::create_token;
use tests::{PASSWORD, Person, SimulatedCdn, TestApp, Visitor};

const CDN_SECRET: &str = "the secret header of the CDN";
const NEW_CDN_SECRET: &str = "the secret header after a rotation";

/// Calls of one operation that a network may make in a minute without a credential.
const CALLS_PER_MINUTE: usize = 30;

async fn start_accepting(secrets: &[&str]) -> TestApp {
    let cdn_secrets = secrets.iter().map(|&secret| secret.to_owned()).collect();
    TestApp::start_with_options(StackOptions { cdn_secrets, ..StackOptions::default() }).await
}

/// Adds the headers with which a CDN with this secret would report a viewer.
fn claim(visitor: &Visitor, secret: &str, address: &str) -> Visitor {
    let headers = visitor.clone().with_header("x-origin-verify", secret);
    headers.with_header("cloudfront-viewer-address", &format!("{address}:46532"))
}

async fn guess(visitor: &Visitor, number: usize) -> u16 {
    let email = format!("nobody-{number}@example.com");
    visitor.post("/v1/login", json!({"email": email, "password": PASSWORD})).await.status
}

/// Guesses until the network of a visitor is throttled.
async fn use_up_guesses(visitor: &Visitor) {
    for number in 0..CALLS_PER_MINUTE {
        assert_eq!(guess(visitor, number).await, 401);
    }
    assert_eq!(guess(visitor, CALLS_PER_MINUTE).await, 429);
}

/// Signs in through the CDN. Returns the visitor with its session.
async fn sign_in(visitor: &Visitor, person: &Person) -> Visitor {
    let reply = visitor.post("/v1/login", person.credentials()).await.expect(200);
    visitor.clone().with_session(reply.json()["session_token"].as_str().unwrap())
}

/// Returns the address of the present session.
async fn address_of_session(visitor: &Visitor) -> String {
    let sessions = visitor.get("/v1/me/sessions").await.expect(200).json();
    let current = sessions["data"].as_array().unwrap().iter().find(|s| s["current"] == true);
    current.unwrap()["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn cdn_address_one_client_locks_out_no_other() {
    let app = start_accepting(&[CDN_SECRET]).await;
    let ada = app.sign_up("ada").await;
    let cdn = SimulatedCdn::start(&app, CDN_SECRET).await;
    use_up_guesses(&cdn.visitor()).await;
    let visitor = cdn.visitor();
    let signed_in = sign_in(&visitor, &ada).await;
    assert_eq!(address_of_session(&signed_in).await, visitor.address().to_string());
    // A viewer with an address of version 6, whose sessions and throttles have that.
    let direct = claim(&app.visitor(), CDN_SECRET, "2001:db8::7");
    assert_eq!(address_of_session(&sign_in(&direct, &ada).await).await, "2001:db8::7");
}

#[tokio::test]
async fn cdn_address_without_the_secret_is_not_believed() {
    let app = start_accepting(&[CDN_SECRET]).await;
    let attacker = app.visitor();
    for number in 0..CALLS_PER_MINUTE {
        let address = format!("203.0.113.{number}");
        assert_eq!(guess(&claim(&attacker, "a wrong secret", &address), number).await, 401);
    }
    let address = "203.0.113.200";
    assert_eq!(guess(&claim(&attacker, "a wrong secret", address), 100).await, 429);
    let no_secret = attacker.clone().with_header("cloudfront-viewer-address", "203.0.113.201:1");
    assert_eq!(guess(&no_secret, 101).await, 429);
    // Without a CDN, no value is the secret.
    let app = TestApp::start().await;
    let attacker = app.visitor();
    for number in 0..CALLS_PER_MINUTE {
        guess(&claim(&attacker, "", &format!("203.0.113.{number}")), number).await;
    }
    assert_eq!(guess(&claim(&attacker, "", address), 100).await, 429);
}

#[tokio::test]
async fn cdn_address_a_viewer_cannot_choose_its_own() {
    let app = start_accepting(&[CDN_SECRET]).await;
    let cdn = SimulatedCdn::start(&app, CDN_SECRET).await;
    let attacker = cdn.visitor();
    use_up_guesses(&attacker).await;
    let elsewhere = "203.0.113.9";
    // Not even with the right secret: the CDN overwrites both headers.
    for secret in [CDN_SECRET, "a wrong secret", ""] {
        assert_eq!(guess(&claim(&attacker, secret, elsewhere), 100).await, 429, "{secret}");
    }
    let forwarded = attacker.clone().with_header("x-forwarded-for", elsewhere);
    assert_eq!(guess(&forwarded, 101).await, 429);
    assert_eq!(guess(&cdn.visitor(), 102).await, 401);
}

#[tokio::test]
async fn cdn_address_both_secrets_count_while_one_replaces_the_other() {
    let app = start_accepting(&[CDN_SECRET, NEW_CDN_SECRET]).await;
    let ada = app.sign_up("ada").await;
    let cdn = SimulatedCdn::start(&app, CDN_SECRET).await;
    for secret in [CDN_SECRET, NEW_CDN_SECRET] {
        // CloudFront sends the new secret from one place after the other.
        cdn.send_secret(secret);
        let visitor = cdn.visitor();
        let signed_in = sign_in(&visitor, &ada).await;
        assert_eq!(address_of_session(&signed_in).await, visitor.address().to_string());
    }
    // A viewer that used up its guesses before the change has none after it.
    cdn.send_secret(CDN_SECRET);
    let attacker = cdn.visitor();
    use_up_guesses(&attacker).await;
    cdn.send_secret(NEW_CDN_SECRET);
    assert_eq!(guess(&attacker, 100).await, 429);
    // A secret that has been replaced proves nothing. The address is then the one of the CDN itself.
    let app = start_accepting(&[NEW_CDN_SECRET]).await;
    let ada = app.sign_up("ada").await;
    let cdn = SimulatedCdn::start(&app, CDN_SECRET).await;
    let visitor = cdn.visitor();
    let address = address_of_session(&sign_in(&visitor, &ada).await).await;
    assert_eq!((address.as_str(), address == visitor.address().to_string()), ("127.0.0.1", false));
}

#[tokio::test]
async fn cdn_address_mails_and_activity_name_the_viewer() {
    let app = start_accepting(&[CDN_SECRET]).await;
    let ada = app.sign_up("ada").await;
    let cdn = SimulatedCdn::start(&app, CDN_SECRET).await;
    let visitor = cdn.visitor();
    let signed_in = sign_in(&visitor, &ada).await;
    let address = visitor.address().to_string();
    let mails = app.mails(&ada.email).await;
    let is_new_device = |mail: &&Value| mail["subject"] == "New sign-in to your AIUS account";
    let mail = mails.iter().find(is_new_device).unwrap();
    assert!(mail["text"].as_str().unwrap().contains(&address), "{mail}");
    let activity = signed_in.get("/v1/me/activity").await.expect(200).json();
    assert_eq!(activity["data"][0]["ip"], json!(address), "{activity}");
}

#[tokio::test]
async fn cdn_address_a_token_is_bound_to_that_of_its_viewer() {
    let app = start_accepting(&[CDN_SECRET]).await;
    let ada = app.sign_up("ada").await;
    let cdn = SimulatedCdn::start(&app, CDN_SECRET).await;
    let (server, thief) = (cdn.visitor(), cdn.visitor());
    let address = server.address().to_string();
    let body = json!({"token_name": "ci", "allowed_ips": [address]});
    let token = create_token(&ada, body).await.expect(200).json();
    let token = token["token"].as_str().unwrap();
    server.clone().with_bearer(token).get("/v1/me").await.expect(200);
    let thief = thief.with_bearer(token);
    thief.get("/v1/me").await.expect_error(403, "IP_NOT_ALLOWED");
    let claiming = claim(&thief, CDN_SECRET, &address);
    claiming.get("/v1/me").await.expect_error(403, "IP_NOT_ALLOWED");
    let direct = claim(&app.visitor(), "a wrong secret", &address).with_bearer(token);
    direct.get("/v1/me").await.expect_error(403, "IP_NOT_ALLOWED");
}
