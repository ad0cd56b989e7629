//! Tests of `/v1/2fa/…`: enabling and disabling the second factor.

use serde_json::{Value, json};
use tests::two_factor::sign_in_with_two_factors;
use tests::{
    Authenticator, PASSWORD, Person, Reply, TestApp, assert_done_once, count_successes, race,
};

/// Gets the status of the second factor.
async fn get_status(person: &Person) -> Value {
    person.get("/v1/2fa/status").await.expect(200).json()
}

/// Builds a body with a password and a code.
fn both_factors_body(password: &str, code: &str) -> Value {
    json!({"password": password, "code": code})
}

#[tokio::test]
async fn an_authenticator_is_enabled_with_its_first_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    assert_eq!(
        get_status(&ada).await,
        json!({"enabled": false, "recovery_codes_left": 0, "reset_due_at": null})
    );
    let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200);
    assert_eq!(setup.keys(), ["otpauth_url", "qr_code", "secret"]);
    // The second factor is not enabled yet.
    assert_eq!(get_status(&ada).await["enabled"], false);
    let authenticator = Authenticator::scan(setup.json()["otpauth_url"].as_str().unwrap());
    let code = json!({"code": authenticator.code(&app).await});
    let enabled = ada.post("/v1/2fa/enable", code.clone()).await.expect(200).json();
    assert_eq!(enabled["enabled"], true);
    let codes = enabled["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    for code in codes {
        let groups: Vec<_> = code.as_str().unwrap().split('-').map(str::len).collect();
        assert_eq!(groups, [4; 4]);
    }
    assert_eq!(
        get_status(&ada).await,
        json!({"enabled": true, "recovery_codes_left": 10, "reset_due_at": null})
    );
    let me = ada.get("/v1/me").await.json();
    assert_eq!(me["user"]["two_factor_enabled"], true);
    for path in ["/v1/2fa/setup", "/v1/2fa/enable"] {
        ada.post(path, code.clone()).await.expect_error(409, "2FA_ALREADY_ENABLED");
    }
    let subjects = app.subjects(&ada.email).await;
    assert!(subjects[0].contains("Two-factor"), "{subjects:?}");
}

/// The QR code is decoded as a phone's camera does it.
#[tokio::test]
async fn the_qr_code_contains_the_key_uri() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200).json();
    let png = setup["qr_code"].as_str().unwrap().strip_prefix("data:image/png;base64,").unwrap();
    let png = data_encoding::BASE64.decode(png.as_bytes()).unwrap();
    let picture = image::load_from_memory(&png).unwrap().to_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.as_raw()[y * width + x]
    });
    let grids = seen.detect_grids();
    assert_eq!(grids.len(), 1);
    let (_, content) = grids[0].decode().unwrap();
    assert_eq!(content, setup["otpauth_url"].as_str().unwrap());
    // The URI follows the key URI format of Google Authenticator. An app shows "AIUS" and the address.
    let secret = setup["secret"].as_str().unwrap();
    assert!(content.starts_with("otpauth://totp/AIUS:ada%40example.com?"), "{content}");
    assert!(content.contains(&format!("secret={secret}")), "{content}");
    assert!(content.contains("issuer=AIUS"), "{content}");
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    assert_eq!(bytes.len(), 20, "160 bits");
}

#[tokio::test]
async fn enabling_requires_a_pending_secret_and_its_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let enable = async |code: &str| ada.post("/v1/2fa/enable", json!({"code": code})).await;
    enable("123456").await.expect_error(400, "2FA_NOT_STARTED");
    let setup = async || {
        let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200).json();
        Authenticator::scan(setup["otpauth_url"].as_str().unwrap())
    };
    let first = setup().await;
    let second = setup().await;
    enable(&first.code(&app).await).await.expect_error(400, "INVALID_CODE");
    for wrong in ["12345", "abcdef", "1234567", "abcd-efgh-jklm-npqr"] {
        enable(wrong).await.expect_error(400, "INVALID_CODE");
    }
    enable(&second.code_in(&app, 61).await).await.expect_error(400, "INVALID_CODE");
    for nothing in [json!({}), json!({"code": ""}), json!({"code": " "})] {
        ada.post("/v1/2fa/enable", nothing).await.expect_error(400, "MISSING_CODE");
    }
    // A pending secret expires after an hour.
    app.advance_clock(3600).await;
    ada.reauthenticate().await;
    enable(&second.code(&app).await).await.expect_error(400, "2FA_NOT_STARTED");
    // The pending secret of another user is not accepted.
    let eve = app.sign_up("eve").await;
    let authenticator = setup().await;
    let code = json!({"code": authenticator.code(&app).await});
    eve.post("/v1/2fa/enable", code).await.expect_error(400, "2FA_NOT_STARTED");
    // A clock that is half a minute ahead is accepted.
    enable(&authenticator.code_in(&app, 30).await).await.expect(200);
}

#[tokio::test]
async fn old_password_unchecked_disabling_needs_both_factors() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let eves = json!({"current_password": PASSWORD, "new_password": "eves-own-horse-8"});
    eve.post("/v1/me/password", eves).await.expect(200);
    for path in ["/v1/2fa/disable", "/v1/2fa/recovery-codes"] {
        let reply = ada.post(path, both_factors_body(PASSWORD, "123456")).await;
        reply.expect_error(400, "2FA_NOT_ENABLED");
    }
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let code = authenticator.code(&app).await;
    for path in ["/v1/2fa/disable", "/v1/2fa/recovery-codes"] {
        let send = async |body: Value| ada.post(path, body).await;
        send(json!({"code": code})).await.expect_error(400, "MISSING_PASSWORD");
        send(both_factors_body("", &code)).await.expect_error(400, "MISSING_PASSWORD");
        send(json!({"password": PASSWORD})).await.expect_error(400, "MISSING_CODE");
        send(both_factors_body(PASSWORD, " ")).await.expect_error(400, "MISSING_CODE");
        for wrong in ["wrong-horse-9", "eves-own-horse-8"] {
            send(both_factors_body(wrong, &code)).await.expect_error(401, "INVALID_CREDENTIALS");
        }
        let wrong = authenticator.wrong_code(&app).await;
        send(both_factors_body(PASSWORD, &wrong)).await.expect_error(400, "INVALID_CODE");
        app.advance_clock(24 * 3600).await;
    }
    assert_eq!(
        get_status(&ada).await,
        json!({"enabled": true, "recovery_codes_left": 10, "reset_due_at": null})
    );
    let right = both_factors_body(PASSWORD, &authenticator.code(&app).await);
    let off = ada.post("/v1/2fa/disable", right.clone()).await.expect(200);
    assert_eq!(off.json(), json!({"enabled": false}));
    assert_eq!(
        get_status(&ada).await,
        json!({"enabled": false, "recovery_codes_left": 0, "reset_due_at": null})
    );
    ada.post("/v1/2fa/disable", right).await.expect_error(400, "2FA_NOT_ENABLED");
    ada.sign_in(&app).await.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_recovery_code_disables_the_second_factor() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let body = both_factors_body(
        PASSWORD,
        &authenticator.recovery_codes[3].to_uppercase().replace('-', " "),
    );
    ada.post("/v1/2fa/disable", body).await.expect(200);
    let subjects = app.subjects(&ada.email).await;
    assert!(subjects.iter().any(|subject| subject.contains("recovery code")), "{subjects:?}");
}

#[tokio::test]
async fn new_recovery_codes_invalidate_the_old_ones() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let send = async |code: &str| {
        ada.post("/v1/2fa/recovery-codes", both_factors_body(PASSWORD, code)).await
    };
    let made = send(&authenticator.code(&app).await).await.expect(200);
    assert_eq!(made.keys(), ["recovery_codes"]);
    let new = made.json()["recovery_codes"].clone();
    assert_eq!(new.as_array().unwrap().len(), 10);
    send(&authenticator.recovery_codes[0]).await.expect_error(400, "INVALID_CODE");
    let newer = send(new[0].as_str().unwrap()).await.expect(200).json();
    assert_eq!(newer["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(get_status(&ada).await["recovery_codes_left"], 10);
}

#[tokio::test]
async fn stale_sessions_after_a_second_factor_change_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = ada.sign_in(&app).await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    elsewhere.get("/v1/me").await.expect_error(401, "invalid session");
    for path in ["/v1/2fa/recovery-codes", "/v1/2fa/disable"] {
        let elsewhere = sign_in_with_two_factors(&app, &ada, &authenticator).await;
        app.advance_clock(30).await;
        let body = both_factors_body(PASSWORD, &authenticator.code(&app).await);
        ada.post(path, body).await.expect(200);
        elsewhere.get("/v1/me").await.expect_error(401, "invalid session");
        ada.get("/v1/me").await.expect(200);
        app.advance_clock(30).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling_twice_at_once_creates_one_set_of_recovery_codes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200).json();
    let authenticator = Authenticator::scan(setup["otpauth_url"].as_str().unwrap());
    let code = json!({"code": authenticator.code(&app).await});
    let replies = race(10, |_| {
        let (ada, code) = (ada.clone(), code.clone());
        async move { ada.post("/v1/2fa/enable", code).await }
    })
    .await;
    assert!(count_successes(&replies).contains(&1), "{replies:#?}");
    // The other requests find it enabled or find no pending secret.
    let late = ["2FA_ALREADY_ENABLED", "2FA_NOT_STARTED"];
    let is_right =
        |r: &Reply| r.status == 200 || late.contains(&r.code().as_str()) || r.has_timed_out();
    assert!(replies.iter().all(is_right));
    app.wait_until_idle(&replies).await;
    assert_done_once(&replies, usize::from(get_status(&ada).await["enabled"] == true));
}
