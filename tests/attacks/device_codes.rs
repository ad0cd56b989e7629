//! Attacks on the sign-in of command lines: consent phishing, fixed codes, guessed codes, stolen sessions.

use serde_json::json;
use shared::device_sign_in::{DEVICE_CODE_TTL, MAX_VIEWERS, MAX_WRONG_CODES};
use tests::device_sign_in::{
    APPROVE_FORM, CommandLine, DEVICE_PAGE, PROGRAM, approve, enter_code, request_codes, token_in,
};
use tests::tokens::list_tokens;
use tests::{PASSWORD, PageVisitor, TestApp, race, race_size};

/// Returns a code that no program has, by its number.
fn wrong_code(number: usize) -> String {
    let letters: Vec<_> = "BCDFGHJKLMNPQRSTVWXZ".chars().collect();
    let [a, b] = [number % 20, number / 20 % 20].map(|at| letters[at]);
    format!("BBBB-BB{b}{a}")
}

#[tokio::test]
async fn consent_phishing_meets_a_page_that_names_the_asker() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let thief = CommandLine::start_at(app.visitor(), "clients:read usage:write").await;
    let row = app.items("DEVICE#", "").await.remove(0);
    let address = row["requester"]["M"]["ip"]["S"].as_str().unwrap().to_owned();
    let mut browser = PageVisitor::signed_in(&app, &ada);
    // The link of the thief only fills in the code. It neither shows nor allows anything.
    let link = format!("{DEVICE_PAGE}?user_code={}", thief.user_code);
    let page = browser.open(&link).await.expect(200);
    assert_eq!(page.value(DEVICE_PAGE, "user_code"), thief.user_code);
    assert!(page.text().contains("Only use a code that you see on your own device right now"));
    assert!(!page.reply.text.contains(APPROVE_FORM));
    let page = browser.submit(&page, DEVICE_PAGE, &[]).await.expect(200);
    let text = page.text();
    for part in [
        "Only continue if you started this yourself on your own machine",
        "another person is trying to get into your account",
        &thief.user_code,
        "calls itself “aius-cli”",
        "calls itself “ada-laptop”",
        &format!("the address {address}"),
        "just now",
        "curl/8.5.0",
        "read your organizations, their members, invitations and usage",
        "spend your organizations’ credits",
        "expires after 90 days",
        &ada.email,
    ] {
        assert!(text.contains(part), "no {part}: {text}");
    }
    assert!(!text.contains("upload and delete files"));
    assert_eq!(page.texts("button"), ["Sign out", "Deny access", "Allow access"]);
    let framing = page.reply.header("content-security-policy").unwrap();
    assert!(framing.contains("frame-ancestors 'none'"));
    // Another site cannot send the answer.
    let fields: Vec<_> = page.form_fields(APPROVE_FORM);
    let forged: Vec<_> = fields.into_iter().filter(|(name, _)| name != "csrf").collect();
    browser.post(APPROVE_FORM, &forged).await.expect(403);
    thief.poll().await.expect_oauth_error("authorization_pending");
}

#[tokio::test]
async fn consent_phishing_with_markup_in_names_is_inert() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let name = "</dd><script>alert(1)</script><a href=//evil.example>";
    let parameters = [("client_id", name), ("device_name", name), ("scope", "runs:write")];
    let codes = request_codes(&app.visitor(), &parameters).await.expect(200).json();
    let code = codes["user_code"].as_str().unwrap().to_owned();
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut browser, &code).await.expect(200);
    assert!(page.text().contains(name), "{}", page.text());
    assert!(page.attributes("main a", "href").iter().all(|link| !link.contains("evil")));
    assert_eq!(page.attributes("main script", "src"), Vec::<String>::new());
    browser.submit(&page, APPROVE_FORM, &[]).await.expect(200).expect_text("is signed in");
    let mail = app.mails(&ada.email).await[0].clone();
    for body in ["text", "html"] {
        assert!(!mail[body].as_str().unwrap().contains("evil"), "{mail}");
    }
    // A link cannot put a text of its own on the page.
    let page = browser.open(&format!("{DEVICE_PAGE}?user_code=%22%3E%3Cb%3Ecall+us")).await;
    assert_eq!(page.expect(200).value(DEVICE_PAGE, "user_code"), "");
}

#[tokio::test]
async fn consent_phishing_of_many_people_with_one_code_ends() {
    let app = TestApp::start().await;
    let thief = CommandLine::start(&app).await;
    for number in 0..=MAX_VIEWERS {
        let person = app.sign_up(&format!("person{number}")).await;
        let mut browser = PageVisitor::signed_in(&app, &person);
        for _ in 0..2 {
            let page = enter_code(&mut browser, &thief.user_code).await;
            if number < MAX_VIEWERS {
                page.expect(200).expect_text("Who asks");
            } else {
                page.expect(400).expect_text("This code is wrong or has expired");
            }
        }
    }
}

#[tokio::test]
async fn session_fixation_an_old_code_cannot_be_made_to_work_again() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let program = CommandLine::start(&app).await;
    // A thief takes the code first, and signs the program of the victim in to the account of the thief.
    approve(&app, &eve, &program).await.expect(200);
    let token = token_in(&program.poll().await.expect(200));
    let who = app.visitor().with_bearer(&token).get("/v1/token").await.expect(200).json();
    assert_eq!(who["user"]["email"], eve.email, "the response names the account");
    // Nothing that the victim does with the code leads to a second token.
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut browser, &program.user_code).await;
    page.expect(409).expect_text("This code was used already");
    assert!(list_tokens(&ada).await.is_empty());
    // The id of a request that a person has not seen is not guessable, and an unknown one leads nowhere.
    let fresh = CommandLine::start(&app).await;
    let page = enter_code(&mut browser, &fresh.user_code).await.expect(200);
    for id in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", &fresh.user_code] {
        let lost = browser.submit(&page, APPROVE_FORM, &[("request_id", id)]).await;
        lost.expect(409).expect_text("This code has expired");
    }
    fresh.poll().await.expect_oauth_error("authorization_pending");
}

#[tokio::test]
async fn code_bruteforce_of_user_codes_is_limited_by_account() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    app.advance_to_next(DEVICE_CODE_TTL.as_secs()).await;
    let program = CommandLine::start(&app).await;
    let limit = usize::try_from(MAX_WRONG_CODES).unwrap();
    for number in 0..limit {
        // Each guess comes from another network.
        let mut browser = PageVisitor::signed_in(&app, &eve);
        enter_code(&mut browser, &program.user_code).await.expect(200);
        let page = enter_code(&mut browser, &wrong_code(number)).await.expect(400);
        let page = page.expect_text("This code is wrong or has expired");
        assert_eq!(page.value(DEVICE_PAGE, "user_code"), wrong_code(number));
    }
    let mut browser = PageVisitor::signed_in(&app, &eve);
    let page = enter_code(&mut browser, &program.user_code).await.expect(429);
    page.expect_text("Too many attempts. Try again in 10 minutes.");
    // Others are not affected, and a text that is no code is no guess.
    let mut other = PageVisitor::signed_in(&app, &ada);
    for text in ["x", "", "WDJB-MJHA", "12345678"].repeat(2) {
        enter_code(&mut other, text).await.expect(400);
    }
    enter_code(&mut other, &program.user_code).await.expect(200);
    app.advance_clock(DEVICE_CODE_TTL.as_secs()).await;
    let program = CommandLine::start(&app).await;
    enter_code(&mut browser, &program.user_code).await.expect(200);
}

#[tokio::test]
async fn code_bruteforce_of_user_codes_is_limited_by_network() {
    let app = TestApp::start().await;
    app.advance_to_next(60).await;
    let program = CommandLine::start(&app).await;
    let mut guesser = PageVisitor::new(&app);
    let (mut guesses, mut people) = (0, 0);
    let refused = loop {
        let person = app.sign_up(&format!("eve{people}")).await;
        people += 1;
        guesser.set_cookie("__Host-aius_session", &person.session.unwrap());
        let page = guesser.open(DEVICE_PAGE).await.expect(200);
        let mut last = None;
        for _ in 0..MAX_WRONG_CODES {
            let typed = [("user_code", &*wrong_code(guesses))];
            last = Some(guesser.submit(&page, DEVICE_PAGE, &typed).await);
            guesses += 1;
        }
        if let Some(last) = last.filter(|last| last.reply.status == 429) {
            break last;
        }
        assert!(guesses < 100, "a network guesses without end");
    };
    assert!(guesses <= 35, "{guesses} guesses");
    refused.expect_text("Too many attempts");
    let ada = app.sign_up("ada").await;
    let mut elsewhere = PageVisitor::signed_in(&app, &ada);
    enter_code(&mut elsewhere, &program.user_code).await.expect(200);
}

#[tokio::test]
async fn counter_race_of_user_codes_judges_five_guesses() {
    let app = TestApp::start().await;
    let eve = app.sign_up("eve").await;
    app.advance_to_next(DEVICE_CODE_TTL.as_secs()).await;
    let page = PageVisitor::signed_in(&app, &eve).open(DEVICE_PAGE).await.expect(200);
    let fields = page.form_fields(DEVICE_PAGE);
    let browsers: Vec<_> = (0..race_size()).map(|_| PageVisitor::signed_in(&app, &eve)).collect();
    let browsers = std::sync::Arc::new(tokio::sync::Mutex::new(browsers));
    let form_cookie = page.reply.headers.get_all("set-cookie").iter().next().cloned();
    let statuses = race(race_size(), |number| {
        let (browsers, mut fields) = (browsers.clone(), fields.clone());
        let form_cookie = form_cookie.clone();
        async move {
            let mut browser = browsers.lock().await.pop().unwrap();
            if let Some(cookie) = form_cookie {
                let (name, value) =
                    cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                browser.set_cookie(name, value);
            }
            fields.retain(|(name, _)| name != "user_code");
            fields.push(("user_code".to_owned(), wrong_code(number)));
            browser.post(DEVICE_PAGE, &fields).await.reply.status
        }
    })
    .await;
    let judged = statuses.iter().filter(|status| **status == 400).count();
    assert!(statuses.iter().all(|status| matches!(status, 400 | 429 | 503)), "{statuses:?}");
    assert!(judged <= usize::try_from(MAX_WRONG_CODES).unwrap(), "{judged} guesses were judged");
}

#[tokio::test]
async fn codes_are_issued_to_a_network_slowly() {
    let app = TestApp::start().await;
    app.advance_to_next(60).await;
    let flood = app.visitor();
    let parameters = [("client_id", PROGRAM), ("scope", "runs:write")];
    for _ in 0..30 {
        request_codes(&flood, &parameters).await.expect(200);
    }
    let refused = request_codes(&flood, &parameters).await.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused.json()["error"], "temporarily_unavailable");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(app.items("DEVICE#", "").await.len(), 30);
    request_codes(&app.visitor(), &parameters).await.expect(200);
}

#[tokio::test]
async fn stolen_session_persists_in_no_device() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.expire_proof().await;
    let program = CommandLine::start(&app).await;
    let mut thief = PageVisitor::signed_in(&app, &ada);
    let page = enter_code(&mut thief, &program.user_code).await.expect(200);
    let prompt = thief.submit(&page, APPROVE_FORM, &[]).await.expect(401);
    let prompt = prompt.expect_text("This is a sensitive change, so we ask again");
    let wrong = [("reauth_password", "wrong-horse-9")];
    let prompt = thief.submit(&prompt, APPROVE_FORM, &wrong).await.expect(401);
    let prompt = prompt.expect_text("The password is wrong");
    program.poll().await.expect_oauth_error("authorization_pending");
    assert!(app.subjects(&ada.email).await.iter().all(|subject| !subject.contains("program")));
    // The owner goes on with what was asked.
    let approved = thief.submit(&prompt, APPROVE_FORM, &[("reauth_password", PASSWORD)]).await;
    approved.expect(200).expect_path("/account/device/approved");
    assert_eq!(program.poll().await.expect(200).json()["scope"], "projects:read runs:write");
}

#[tokio::test]
async fn token_becomes_admin_by_no_device() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    let token = app.token(&ada, |_| {}).await;
    // A bearer is no session on the page, so a leaked token makes no further ones.
    let bearer = app.visitor().with_bearer(&token);
    let page = bearer.get(DEVICE_PAGE).await.expect(303);
    assert!(page.header("location").unwrap().starts_with("/account/sign-in"));
    bearer.post(APPROVE_FORM, json!({})).await.expect(403);
    program.poll().await.expect_oauth_error("authorization_pending");
}
