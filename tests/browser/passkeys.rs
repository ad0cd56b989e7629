//! Passkeys, with Chromium's virtual authenticator.

use tests::{Authenticator, Chromium, Person, TestApp, VirtualAuthenticator};

/// Signs in with the password, and adds a passkey by the offer of the next page.
async fn add_passkey(browser: &Chromium, ada: &Person, name: &str) {
    browser.sign_in(ada).await;
    browser.follow("Add a passkey").await;
    browser.fill("Name", name).await;
    browser.press("Create passkey").await;
    browser.expect_text("Passkey added").await;
}

#[tokio::test]
async fn a_passkey_signs_in() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let browser = Chromium::open(&app).await;
    VirtualAuthenticator::connect(&browser).await;
    add_passkey(&browser, &ada, "Work laptop").await;
    assert!(browser.text().await.contains("Synced"), "{}", browser.text().await);
    browser.sign_out().await;
    browser.goto("/account/sign-in?next=%2Faccount%2Fsecurity").await;
    browser.press("Sign in with a passkey").await;
    browser.expect_path("/account/security").await;
    // A person who has a passkey is offered none.
    assert!(!browser.text().await.contains("Next time, sign in with"));

    // Ten minutes later, a change asks for a proof of identity, and the passkey is one.
    app.expire_proof().await;
    browser.follow("Remove Work laptop").await;
    browser.press("Remove passkey").await;
    browser.expect_text("Confirm it is you").await;
    browser.press("Use a passkey").await;
    browser.expect_text("Passkey removed").await;
    browser.expect_text("You have no passkeys.").await;
    browser.close().await;
}

#[tokio::test]
async fn the_address_field_offers_the_passkey() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let browser = Chromium::open(&app).await;
    let mut device = VirtualAuthenticator::connect(&browser).await;
    add_passkey(&browser, &ada, "Phone").await;
    device.autofill(true).await;
    browser.sign_out().await;
    browser.expect_text("Quick start").await;
    browser.close().await;
}

/// Enters address and password of a person with two-factor authentication.
async fn enter_password(browser: &Chromium, ada: &Person) {
    browser.enter_password(ada).await;
    browser.expect_path("/account/two-factor").await;
}

#[tokio::test]
async fn a_passkey_is_the_second_factor() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let browser = Chromium::open(&app).await;
    VirtualAuthenticator::connect(&browser).await;
    enter_password(&browser, &ada).await;
    browser.fill("Code", &authenticator.code(&app).await).await;
    browser.press("Sign in").await;
    browser.follow("Add a passkey").await;
    browser.press("Create passkey").await;
    browser.expect_text("Passkey added").await;
    browser.sign_out().await;
    enter_password(&browser, &ada).await;
    browser.press("Use a passkey").await;
    browser.expect_text("Quick start").await;
    browser.close().await;
}

#[tokio::test]
async fn a_cloned_passkey_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let browser = Chromium::open(&app).await;
    let device = VirtualAuthenticator::connect(&browser).await;
    add_passkey(&browser, &ada, "Security key").await;
    let copy = device.passkey().await;
    browser.sign_out().await;
    browser.goto("/account/sign-in").await;
    browser.press("Sign in with a passkey").await;
    browser.expect_text("Quick start").await;
    browser.sign_out().await;
    device.put_back(&copy).await;
    browser.goto("/account/sign-in").await;
    browser.press("Sign in with a passkey").await;
    browser.expect_text("This passkey was not accepted").await;
    let subjects = app.subjects(&ada.email).await;
    assert!(
        subjects.iter().any(|subject| subject.contains("may have been copied")),
        "{subjects:?}"
    );
    browser.close().await;
}

#[tokio::test]
async fn the_offer_is_declined_for_good() {
    const OFFER: &str = "Next time, sign in with";
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let browser = Chromium::open(&app).await;
    browser.sign_in(&ada).await;
    browser.expect_text(OFFER).await;
    browser.press("Do not ask again").await;
    browser.expect_text("You will not be asked again").await;
    browser.sign_out().await;
    browser.sign_in(&ada).await;
    assert!(!browser.text().await.contains(OFFER));
    browser.close().await;
}
