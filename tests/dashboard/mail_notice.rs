//! The notice on every page that a person's address gets no mail.

use tests::mailboxes::send_mail_event;
use tests::{PageReply, PageVisitor, TestApp};

const BOUNCE: &str = include_str!("../../events/worker-bounce.json");
const RETRY: &str = "/account/profile/email/retry";
const NOTICE: &str = "A mail to ada@example.com came back";

/// Returns the text of the banners, which stand above the content of a page.
fn banners(page: &PageReply) -> String {
    page.texts(".banner p").join(" ")
}

#[tokio::test]
async fn a_person_sees_that_mail_came_back_and_tries_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    assert!(!banners(&browser.open("/account/tokens").await.expect(200)).contains("came back"));
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    let page = browser.open("/account/tokens").await.expect(200);
    assert!(banners(&page).contains(NOTICE), "{}", banners(&page));
    let done = browser.submit(&page, RETRY, &[]).await.expect(200);
    let done = done.expect_path("/account/tokens");
    assert!(done.reply.text.contains("We send mail to your address again"), "{}", done.reply.text);
    assert!(!banners(&done).contains("came back"), "{}", banners(&done));
    // If it comes back again, the notice says when the next try is possible, and has no button.
    app.advance_clock(10).await;
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    let again = browser.open("/account/tokens").await.expect(200);
    let text = banners(&again);
    assert!(text.contains(NOTICE) && text.contains("You can try again from"), "{text}");
    assert!(again.attributes("form", "action").iter().all(|action| action != RETRY));
    // A form of an older page is refused, with the reason.
    let refused = browser.submit(&page, RETRY, &[]).await.expect(429);
    assert!(refused.reply.text.contains(NOTICE), "{}", refused.reply.text);
}
