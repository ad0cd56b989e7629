//! Tests of `POST /v1/me/email` and `POST /v1/me/email/confirm`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::change_email::{change_address, confirm_change, email_change_body, log_in, undo_change};
use tests::enumeration::comparable_parts;
use tests::time::HOUR;
use tests::{PASSWORD, Person, TestApp, race};

#[tokio::test]
async fn a_code_mailed_to_the_new_address_changes_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.post("/v1/me/email", email_change_body("Ada@Example.org")).await.expect(200);
    // The address changes only with the confirmation.
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], "ada@example.com");
    assert_eq!(log_in(&app, "ada@example.org").await.status, 401);
    let code = app.code("ada@example.org").await;
    let reply = confirm_change(&ada, &code.to_lowercase()).await.expect(200);
    let user = &reply.json()["user"];
    assert_eq!(user["email"], "ada@example.org");
    assert_eq!(user["provider_id"], "ada@example.org");
    log_in(&app, "ada@example.org").await.expect(200);
    log_in(&app, "ada@example.com").await.expect_error(401, "INVALID_CREDENTIALS");
    // The notice to the old address masks the new address.
    let notice = &app.mails("ada@example.com").await[0];
    assert!(notice["subject"].as_str().unwrap().contains("address"), "{notice}");
    assert!(!notice.to_string().contains("ada@example.org"), "{notice}");
    // The code is used up.
    confirm_change(&ada, &code).await.expect_error(400, "INVALID_CODE");
}

#[tokio::test]
async fn old_password_unchecked_email_change_needs_the_password() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let eves = json!({"current_password": PASSWORD, "new_password": "eves-own-horse-8"});
    eve.post("/v1/me/password", eves).await.expect(200);
    let ask = async |body: Value| ada.post("/v1/me/email", body).await;
    let new = "ada@example.org";
    ask(json!({"new_email": new})).await.expect_error(400, "MISSING_PASSWORD");
    ask(json!({"new_email": new, "password": ""})).await.expect_error(400, "MISSING_PASSWORD");
    for wrong in ["wrong-horse-9", "eves-own-horse-8"] {
        let body = json!({"new_email": new, "password": wrong});
        ask(body).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    assert!(app.mails(new).await.is_empty());
    ask(json!({"password": PASSWORD})).await.expect_error(400, "MISSING_NEW_EMAIL");
    ask(email_change_body(" ")).await.expect_error(400, "MISSING_NEW_EMAIL");
    ask(email_change_body("no address")).await.expect_error(400, "INVALID_EMAIL");
    ask(email_change_body("ADA@example.com")).await.expect_error(400, "INVALID_FIELD");
    ask(email_change_body(new)).await.expect(200);
}

#[tokio::test]
async fn enumeration_email_change_hides_whether_it_is_taken() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    app.sign_up("taken").await;
    let before = app.mails("taken@example.com").await.len();
    let free =
        comparable_parts(&ada.post("/v1/me/email", email_change_body("free@example.com")).await);
    let taken =
        comparable_parts(&bob.post("/v1/me/email", email_change_body("taken@example.com")).await);
    assert_eq!(free, taken);
    assert_eq!(app.mails("taken@example.com").await.len(), before, "nothing is mailed");
    // The cooldown and the guess limit look alike too.
    for person in [&ada, &bob] {
        let soon = person.post("/v1/me/email", email_change_body("free@example.com")).await;
        let soon = soon.expect_error(429, "RATE_LIMITED");
        assert_eq!(soon.header("retry-after"), Some("60"));
        confirm_change(person, "AAAAAA").await.expect_error(400, "INVALID_CODE");
    }
    for _ in 0..4 {
        app.advance_clock(60).await;
        for person in [&ada, &bob] {
            let new = if person.email == bob.email { "taken@example.com" } else { "x@example.com" };
            person.post("/v1/me/email", email_change_body(new)).await.expect(200);
        }
    }
    app.advance_clock(60).await;
    for person in [&ada, &bob] {
        let sixth = person.post("/v1/me/email", email_change_body("y@example.com")).await;
        sixth.expect_error(429, "RATE_LIMITED");
    }
}

#[tokio::test]
async fn code_bruteforce_fifth_wrong_guess_kills_the_code() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    let code = app.code("ada@example.org").await;
    let wrong = if code == "AAAAAA" { "BBBBBB" } else { "AAAAAA" };
    // A missing code is not counted as a guess.
    for _ in 0..6 {
        confirm_change(&ada, " ").await.expect_error(400, "MISSING_CODE");
    }
    for _ in 0..5 {
        confirm_change(&ada, wrong).await.expect_error(400, "INVALID_CODE");
    }
    confirm_change(&ada, &code).await.expect_error(400, "INVALID_CODE");
    // A code is bound to its account.
    let eve = app.sign_up("eve").await;
    app.advance_clock(60).await;
    ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    let code = app.code("ada@example.org").await;
    confirm_change(&eve, &code).await.expect_error(400, "INVALID_CODE");
    // A code expires after ten minutes.
    app.advance_clock(600).await;
    confirm_change(&ada, &code).await.expect_error(400, "INVALID_CODE");
}

/// An undo restores the address while a code for it is still outstanding.
#[tokio::test]
async fn a_code_for_the_current_address_is_invalid() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = change_address(&app, &ada, "ada@example.org").await;
    app.advance_clock(60).await;
    ada.post("/v1/me/email", email_change_body("ada@example.com")).await.expect(200);
    let code = app.code("ada@example.com").await;
    undo_change(&app, &token).await.expect(200);
    let link = app.reset_token("ada@example.com").await;
    app.reset_with_link(&link, PASSWORD).await.expect(200);
    let ada = ada.sign_in(&app).await;
    confirm_change(&ada, &code).await.expect_error(400, "INVALID_CODE");
    log_in(&app, "ada@example.com").await.expect(200);
}

#[tokio::test]
async fn an_account_changes_its_address_five_times_a_week() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for number in 0..5 {
        app.advance_clock(3600).await;
        change_address(&app, &ada, &format!("ada{number}@example.org")).await;
    }
    app.advance_clock(3600).await;
    let sixth = ada.post("/v1/me/email", email_change_body("ada9@example.org")).await;
    sixth.expect_error(429, "RATE_LIMITED");
    // The first change can no longer be undone after seven days.
    app.advance_clock(7 * 24 * 3600 - 5 * 3600).await;
    let ada = Person { email: "ada4@example.org".to_owned(), ..ada };
    let ada = ada.sign_in(&app).await;
    ada.post("/v1/me/email", email_change_body("ada9@example.org")).await.expect(200);
}

/// A code from before the fifth change must not allow a sixth.
#[tokio::test]
async fn the_weekly_limit_is_checked_at_confirmation_too() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for number in 0..4 {
        app.advance_clock(3600).await;
        change_address(&app, &ada, &format!("ada{number}@example.org")).await;
    }
    app.advance_clock(3600).await;
    ada.post("/v1/me/email", email_change_body("ada4@example.org")).await.expect(200);
    let code = app.code("ada4@example.org").await;
    let id = ada.id().await;
    let table = &app.stack().context().table;
    let key = shared::keys::user(&id);
    let user: shared::accounts::User = table.get(&key).await.unwrap().unwrap();
    let mut undoable = user.undoable.clone();
    undoable.push(undoable[3].clone());
    let fifth = shared::dynamo::Update::new(key).set("undoable", undoable).unwrap();
    table.update::<shared::accounts::User>(fifth.add("version", 1)).await.unwrap().unwrap();
    confirm_change(&ada, &code).await.expect_error(429, "RATE_LIMITED");
}

/// Many accounts together cannot flood the mailbox of a stranger.
#[tokio::test]
async fn an_address_gets_five_codes_an_hour_from_all_accounts() {
    let app = TestApp::start().await;
    for number in 0..6 {
        let person = app.sign_up(&format!("person{number}")).await;
        person.post("/v1/me/email", email_change_body("stranger@example.org")).await.expect(200);
    }
    assert_eq!(app.mails("stranger@example.org").await.len(), 5);
    app.advance_clock(3600).await;
    let ada = app.sign_up("ada").await;
    ada.post("/v1/me/email", email_change_body("stranger@example.org")).await.expect(200);
    assert_eq!(app.mails("stranger@example.org").await.len(), 6);
}

/// A request within the cooldown uses up neither the mails of the hour, nor the password tries, nor
/// the pending code.
#[tokio::test]
async fn a_request_within_the_cooldown_uses_no_quota() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    let code = app.code("ada@example.org").await;
    for _ in 0..8 {
        let soon = ada.post("/v1/me/email", email_change_body("ada@example.org")).await;
        soon.expect_error(429, "RATE_LIMITED");
    }
    assert!(app.items("SIGNIN#", "").await.is_empty());
    confirm_change(&ada, &code).await.expect(200);
}

/// A mail above the limit leaves the code that was mailed before valid.
#[tokio::test]
async fn the_last_code_stays_valid_after_the_mail_limit() {
    let app = TestApp::start().await;
    // The limit counts by the hour of the clock. The test starts at a full hour so that the hour
    // does not end within it.
    app.advance_to_next(HOUR).await;
    let ada = app.sign_up("ada").await;
    ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    let code = app.code("ada@example.org").await;
    for number in 0..5 {
        let person = app.sign_up(&format!("person{number}")).await;
        person.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    }
    app.advance_clock(60).await;
    ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    confirm_change(&ada, &code).await.expect(200);
}

/// Without email verification a squatter can register an address and change it.
#[tokio::test]
async fn prehijack_an_unverified_address_is_not_reserved() {
    let app = TestApp::start_without_email_verification().await;
    let body = json!({"email": "ada@example.com", "name": "Mallory", "password": PASSWORD});
    let squatter = app.visitor();
    let reply = squatter.post("/v1/register", body.clone()).await.expect(200);
    let mallory = Person::from_session(&squatter, "ada@example.com", &reply);
    mallory.post("/v1/me/email", email_change_body("mallory@example.org")).await.expect(200);
    confirm_change(&mallory, &app.code("mallory@example.org").await).await.expect(200);
    assert!(app.mails("ada@example.com").await.is_empty(), "no way back is mailed");
    assert!(app.items("USER#", "EMAIL-UNDO#").await.is_empty());
    assert!(app.items("CODE#verify-email#ada@", "").await.is_empty());
    // The owner registers the address like any other.
    let reply = app.visitor().post("/v1/register", body).await.expect(200);
    assert_ne!(reply.json()["user"]["id"], mallory.get("/v1/me").await.json()["user"]["id"]);
}

/// A squatter has registered the address without verifying it.
#[tokio::test]
async fn prehijack_an_unverified_account_yields_to_the_owner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let squatter = app.register_unverified("new").await;
    let squatters_code = app.code(&squatter.email).await;
    change_address(&app, &ada, &squatter.email).await;
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], squatter.email);
    let verify = json!({"email": squatter.email, "code": squatters_code});
    app.visitor().post("/v1/verify-email", verify).await.expect_error(400, "INVALID_CODE");
    log_in(&app, &squatter.email).await.expect(200);
    let me = ada.get("/v1/me").await.json()["user"]["id"].clone();
    assert_eq!(log_in(&app, &squatter.email).await.json()["user"]["id"], me);
}

#[tokio::test]
async fn a_concurrently_verified_address_is_taken() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.post("/v1/me/email", email_change_body("bob@example.com")).await.expect(200);
    let code = app.code("bob@example.com").await;
    let bob = app.sign_up("bob").await;
    confirm_change(&ada, &code).await.expect_error(409, "EMAIL_ALREADY_EXISTS");
    bob.get("/v1/me").await.expect(200);
    // The new owner changes the address and keeps the right to return to it.
    change_address(&app, &bob, "bob@example.org").await;
    confirm_change(&ada, &code).await.expect_error(409, "EMAIL_ALREADY_EXISTS");
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], "ada@example.com");
}

/// Two people who read one mailbox request the same address.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_to_one_address_have_one_winner() {
    let app = TestApp::start().await;
    let people = [app.sign_up("ada").await, app.sign_up("bob").await];
    let mut codes = vec![];
    for person in &people {
        person.post("/v1/me/email", email_change_body("both@example.com")).await.expect(200);
        codes.push(app.code("both@example.com").await);
    }
    let replies = race(2, |number| {
        let (person, code) = (people[number].clone(), codes[number].clone());
        async move { confirm_change(&person, &code).await }
    })
    .await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:#?}");
    assert!(replies.iter().any(|reply| reply.status == 409), "{replies:#?}");
}

#[tokio::test]
async fn a_change_that_waits_for_its_code_is_canceled() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let cancel = async || ada.delete("/v1/me/email", json!({})).await;
    cancel().await.expect_error(404, "NOT_FOUND");
    ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
    let code = app.code("ada@example.org").await;
    assert_eq!(cancel().await.expect(200).json(), json!({"deleted": true}));
    confirm_change(&ada, &code).await.expect_error(400, "INVALID_CODE");
    cancel().await.expect_error(404, "NOT_FOUND");
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], "ada@example.com");
    let log = ada.visitor.all("/v1/me/activity").await;
    assert_eq!(log[0]["action"], "account.email_change_canceled");
    // A canceled change counts for the limits of codes.
    let again = ada.post("/v1/me/email", email_change_body("ada@example.org")).await;
    again.expect_error(429, "RATE_LIMITED");
    for _ in 1..5 {
        app.advance_clock(60).await;
        ada.post("/v1/me/email", email_change_body("ada@example.org")).await.expect(200);
        cancel().await.expect(200);
    }
    app.advance_clock(60).await;
    let sixth = ada.post("/v1/me/email", email_change_body("ada@example.org")).await;
    sixth.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn enumeration_a_change_to_a_taken_address_is_canceled() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    app.sign_up("taken").await;
    ada.post("/v1/me/email", email_change_body("free@example.com")).await.expect(200);
    bob.post("/v1/me/email", email_change_body("taken@example.com")).await.expect(200);
    let canceled = [&ada, &bob].map(|person| person.delete("/v1/me/email", json!({})));
    let [free, taken] = canceled;
    let (free, taken) = (free.await.expect(200), taken.await.expect(200));
    assert_eq!(comparable_parts(&free), comparable_parts(&taken));
}

#[tokio::test]
async fn a_change_is_confirmed_or_canceled_but_not_both() {
    let app = TestApp::start().await;
    for round in 0..4 {
        let ada = app.sign_up(&format!("ada{round}")).await;
        let new = &format!("new{round}@example.org");
        ada.post("/v1/me/email", email_change_body(new)).await.expect(200);
        let code = app.code(new).await;
        let replies = race(2, |number| {
            let (visitor, confirm) = (ada.visitor.clone(), json!({"code": code}));
            async move {
                match number {
                    0 => visitor.post("/v1/me/email/confirm", confirm).await,
                    _ => visitor.send_json(Method::DELETE, "/v1/me/email", &json!({})).await,
                }
            }
        })
        .await;
        let [confirmed, canceled] = &replies[..] else { unreachable!() };
        let outcome = (confirmed.status, canceled.status);
        assert!([(200, 404), (400, 200)].contains(&outcome), "{outcome:?}");
        let now = ada.get("/v1/me").await.json()["user"]["email"].clone();
        assert_eq!(now == json!(new), outcome.0 == 200);
    }
}
