//! The passkeys on `/account/security`, and their offers at sign-in, without script.

use serde_json::{Value, json};
use tests::passkeys::{PasskeyAuthenticator, add_passkey, list_passkeys, start_sign_in};
use tests::{PASSWORD, PageReply, PageVisitor, Person, TestApp};

const PATH: &str = "/account/security";
const CARD: &str = "/account/security#passkeys";

/// Signs up a person with a passkey, and opens a browser with their session.
async fn person_with_passkey(app: &TestApp) -> (Person, PageVisitor, Value) {
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Work laptop").await;
    let browser = PageVisitor::signed_in(app, &ada);
    (ada, browser, passkey)
}

fn action(passkey: &Value, action: &str) -> String {
    format!("{PATH}/passkeys/{}/{action}", passkey["id"].as_str().unwrap())
}

async fn sign_in(browser: &mut PageVisitor, email: &str) -> PageReply {
    let page = browser.open("/account/sign-in").await.expect(200);
    let typed = [("email", email), ("password", PASSWORD)];
    browser.submit(&page, "/account/sign-in", &typed).await.expect(200)
}

#[tokio::test]
async fn a_passkey_is_listed_and_renamed() {
    let app = TestApp::start().await;
    let (ada, mut browser, passkey) = person_with_passkey(&app).await;
    let page = browser.open(PATH).await.expect(200);
    let row = page.texts("#passkeys tbody tr").remove(0);
    assert!(row.contains("Never"), "{row}");
    let rename = action(&passkey, "rename");
    assert_eq!(page.value(&rename, "name"), "Work laptop");
    let refused = browser.submit(&page, &rename, &[("name", " ")]).await.expect(400);
    let renamed = browser.submit(&refused, &rename, &[("name", "Old laptop")]).await.expect(200);
    renamed.expect_path(CARD).expect_text("Passkey renamed");
    assert_eq!(list_passkeys(&ada.visitor).await[0]["name"], "Old laptop");
    // The passkey of another person is none of one's own.
    let mut eve = PageVisitor::signed_in(&app, &app.sign_up("eve").await);
    eve.open(&action(&passkey, "remove")).await.expect(404);
}

#[tokio::test]
async fn a_passkey_is_removed_after_a_confirmation() {
    let app = TestApp::start().await;
    let (ada, mut browser, passkey) = person_with_passkey(&app).await;
    let remove = action(&passkey, "remove");
    let page = browser.open(&remove).await.expect(200).expect_text("It was never used.");
    let removed = browser.submit(&page, &remove, &[]).await.expect(200);
    removed.expect_path(CARD).expect_text("Passkey removed").expect_text("You have no passkeys.");
    assert_eq!(list_passkeys(&ada.visitor).await, Vec::<Value>::new());
    browser.open(&remove).await.expect(404);
}

#[tokio::test]
async fn adding_a_passkey_asks_for_a_proof_first() {
    let app = TestApp::start().await;
    let (ada, mut browser, passkey) = person_with_passkey(&app).await;
    let add = format!("{PATH}/passkeys/add");
    app.expire_proof().await;
    let page = browser.open(PATH).await.expect(200);
    let prompt = browser.submit(&page, &add, &[]).await.expect(401);
    // A person who has a passkey can use it for the proof, where the browser runs scripts.
    assert_eq!(prompt.attributes("[data-passkey]", "data-form"), ["reauth"]);
    let form = browser.submit(&prompt, &add, &[("reauth_password", PASSWORD)]).await.expect(200);
    let form = form.expect_path(&add).expect_text("What a passkey is");
    // The script has to create the passkey before the form is sent.
    let added = format!("{PATH}/passkeys/added");
    let refused = browser.submit(&form, &added, &[("name", "Phone")]).await.expect(409);
    let refused = refused.expect_text("No passkey was created");
    assert_eq!(refused.value(&added, "name"), "Phone");
    let id = passkey["id"].as_str().unwrap();
    let done = browser.submit(&refused, &added, &[("passkey_id", id)]).await.expect(200);
    done.expect_path(CARD).expect_text("Passkey added");
    assert_eq!(list_passkeys(&ada.visitor).await.len(), 1);
}

#[tokio::test]
async fn the_offer_follows_a_password_once() {
    const OFFER: &str = "Next time, sign in with";
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_in(&mut browser, &ada.email).await.expect_text(OFFER);
    assert!(!browser.open("/account").await.expect(200).text().contains(OFFER));
    let decline = format!("{PATH}/passkeys/decline-offer");
    let other_site = [("page", "https://evil.example/")];
    let declined = browser.submit(&page, &decline, &other_site).await.expect(200);
    declined.expect_text("You will not be asked again");
    let mut browser = PageVisitor::new(&app);
    assert!(!sign_in(&mut browser, &ada.email).await.text().contains(OFFER));
}

#[tokio::test]
async fn no_passkey_is_offered_to_a_person_who_has_one() {
    let app = TestApp::start().await;
    let (ada, _, _) = person_with_passkey(&app).await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_in(&mut browser, &ada.email).await;
    assert!(!page.text().contains("Next time, sign in with"));
}

#[tokio::test]
async fn without_script_sign_in_offers_the_other_ways() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open("/account/sign-in?next=%2Faccount%2Ftokens").await.expect(200);
    assert_eq!(page.attributes("[data-passkey]", "hidden"), [""]);
    assert_eq!(page.attributes("[data-passkey]", "data-target"), ["/account/tokens"]);
    let other_site = browser.open("/account/sign-in?next=https%3A%2F%2Fevil.example").await;
    assert_eq!(other_site.attributes("[data-passkey]", "data-target"), ["/account"]);
}

#[tokio::test]
async fn the_second_factor_is_found_by_the_cookie() {
    let app = TestApp::start().await;
    // A browser without a challenge cannot answer one.
    let body = json!({"second_factor": true});
    let refused = app.visitor().post("/v1/passkeys/login/options", body).await.expect(401).json();
    assert_eq!(refused["detail"]["code"], "INVALID_CHALLENGE");
    // Without it, the sign-in is one of its own.
    assert!(start_sign_in(&app, None).await["ceremony_id"].is_string());
}
