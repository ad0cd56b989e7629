//! The notice on every page that a person's address gets no mail.

use tests::mailboxes::send_mail_event;
use tests::{PageVisitor, TestApp};

const BOUNCE: &str = include_str!("../../events/worker-bounce.json");
const RETRY: &str = "/account/profile/email/retry";
const NOTICE: &str = "A mail to ada@example.com came back";

#[tokio::test]
async fn a_person_sees_that_mail_came_back_and_tries_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    assert!(!browser.open("/account/tokens").await.expect(200).text().contains("came back"));
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    let page = browser.open("/account/tokens").await.expect(200).expect_text(NOTICE);
    let done = browser.submit(&page, RETRY, &[]).await.expect(200);
    let done = done.expect_path("/account/tokens");
    let text = done.expect_text("We send mail to your address again").text();
    assert!(!text.contains("came back"), "{text}");
    // If it comes back again, the notice says when the next try is possible, and has no button.
    app.advance_clock(10).await;
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    let again = browser.open("/account/tokens").await.expect(200);
    let again = again.expect_text(NOTICE).expect_text("You can try again from");
    assert!(again.attributes("form", "action").iter().all(|action| action != RETRY));
    // A form of an older page is refused, with the reason.
    browser.submit(&page, RETRY, &[]).await.expect(429).expect_text(NOTICE);
}
