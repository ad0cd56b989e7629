//! Requests at once, and answers that are lost in the middle.

use tests::device_sign_in::{APPROVE_FORM, CommandLine, DENY_FORM, approve, enter_code, token_in};
use tests::tokens::list_tokens;
use tests::{Fault, FaultProxy, PageVisitor, Reply, TestApp, is_dynamodb_local, race, race_size};

#[tokio::test]
async fn pollers_at_once_get_one_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let program = CommandLine::start(&app).await;
    approve(&app, &ada, &program).await.expect(200);
    let replies = race(race_size(), |_| {
        let program = program.clone();
        async move { program.poll().await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    let done: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert!(!done.is_empty());
    for reply in &replies {
        assert!(matches!(reply.status, 200 | 503), "{}", reply.text);
    }
    let token = token_in(done[0]);
    assert!(done.iter().all(|reply| token_in(reply) == token));
    assert_eq!(list_tokens(&ada).await.len(), 1);
    app.visitor().with_bearer(&token).get("/v1/token").await.expect(200);
}

#[tokio::test]
async fn of_polls_at_once_one_is_not_too_early() {
    let app = TestApp::start().await;
    let program = CommandLine::start(&app).await;
    let count = race_size() / 2;
    let replies = race(count, |_| {
        let program = program.clone();
        async move { program.poll().await }
    })
    .await;
    let errors = |wanted: &str| {
        let of = |reply: &Reply| reply.json()["error"].as_str().unwrap() == wanted;
        replies.iter().filter(|reply| of(reply)).count()
    };
    let (pending, early) = (errors("authorization_pending"), errors("slow_down"));
    assert!(pending <= 1, "{pending} polls were answered as if in time");
    if !is_dynamodb_local() {
        assert_eq!((pending, early), (1, count - 1));
        let row = &app.items("DEVICE#", "").await[0];
        assert_eq!(row["interval"]["N"], (5 + 5 * early).to_string());
    }
}

#[tokio::test]
async fn answers_at_once_lead_to_one() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    for _ in 0..5 {
        let program = CommandLine::start(&app).await;
        let mut browsers = Vec::new();
        for person in [&ada, &eve] {
            let mut browser = PageVisitor::signed_in(&app, person);
            let page = enter_code(&mut browser, &program.user_code).await.expect(200);
            browsers.push((browser, page));
        }
        let (eve_side, ada_side) = (browsers.pop().unwrap(), browsers.pop().unwrap());
        let (mut ada_browser, ada_page) = ada_side;
        let (mut eve_browser, eve_page) = eve_side;
        let (allowed, denied) = tokio::join!(
            ada_browser.submit(&ada_page, APPROVE_FORM, &[]),
            eve_browser.submit(&eve_page, DENY_FORM, &[]),
        );
        let won =
            [allowed.path == "/account/device/approved", denied.path == "/account/device/denied"];
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
        let before = list_tokens(&ada).await.len();
        let polled = program.poll().await;
        if won[0] {
            polled.expect(200);
        } else {
            polled.expect_oauth_error("access_denied");
        }
        assert_eq!(list_tokens(&ada).await.len(), before + usize::from(won[0]));
    }
}

/// The transaction that makes the token commits, and its answer never arrives.
#[tokio::test]
async fn a_commit_without_answer_loses_no_token() {
    for fault in Fault::ALL {
        let engine = FaultProxy::start().await;
        let app = TestApp::start_on(&engine).await;
        let ada = app.sign_up("ada").await;
        let program = CommandLine::start(&app).await;
        approve(&app, &ada, &program).await.expect(200);
        app.mails(&ada.email).await;
        // Two reads come before the transaction. The SDK sends it three times.
        engine.inject(fault, 2, 3);
        let first = program.poll().await;
        assert!(matches!(first.status, 200 | 503), "{fault:?}: {}", first.text);
        let second = program.poll().await.expect(200);
        if first.status == 200 {
            assert_eq!(token_in(&first), token_in(&second), "{fault:?}");
        }
        assert_eq!(list_tokens(&ada).await.len(), 1, "{fault:?}");
        app.visitor().with_bearer(&token_in(&second)).get("/v1/token").await.expect(200);
    }
}
