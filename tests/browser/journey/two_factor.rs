//! Two-factor authentication: turning it on from the QR code, and signing in.

use tests::Authenticator;

use super::Traveler;
use super::sign_in::{authenticator, enter_password, sign_in_with_code};

/// Turns it on by scanning the QR code, and saves the recovery codes.
pub(super) async fn turn_on(person: &mut Traveler<'_>) {
    let (app, browser) = (person.app, person.browser);
    browser.open_account_page("Security").await;
    browser.press("Set up two-factor authentication").await;
    browser.expect_path("/account/security/two-factor").await;
    let url = scan(&browser.screenshot_of("svg.qr").await);
    let secret = browser.read("Secret").await.replace(' ', "");
    assert!(url.contains(&secret), "the manual secret differs from the QR code");
    let mut authenticator = Authenticator::scan(&url);
    browser.fill("Code", &authenticator.code(app).await).await;
    browser.press("Turn on").await;
    browser.expect_text("Your recovery codes").await;
    let codes = browser.read("Recovery codes").await;
    authenticator.recovery_codes = codes.lines().map(str::to_owned).collect();
    browser.press("Download as text").await;
    let saved = String::from_utf8(browser.saved_file().await).unwrap();
    assert!(saved.contains(&codes), "{saved}");
    browser.tick("I saved them").await;
    browser.press("Continue").await;
    browser.expect_text("Recovery codes saved").await;
    person.authenticator = Some(authenticator);
}

/// Signs out and in with a code of the app, and again with a recovery code.
pub(super) async fn sign_in_with_codes(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.sign_out().await;
    sign_in_with_code(person).await;
    browser.expect_text("Quick start").await;
    browser.sign_out().await;
    enter_password(person).await;
    browser.follow("Use a recovery code").await;
    let codes = &authenticator(person).recovery_codes;
    browser.fill("Recovery code", &codes[0]).await;
    browser.press("Sign in").await;
    browser.expect_text("Quick start").await;
    browser.open_account_page("Security").await;
    let left = browser.read_fact("Recovery codes left").await;
    assert_eq!(left, (codes.len() - 1).to_string());
}

/// Returns the text of the QR code on a picture.
fn scan(png: &[u8]) -> String {
    let picture = image::load_from_memory(png).unwrap().to_luma8();
    let (width, height) = picture.dimensions();
    let grey = |x: usize, y: usize| {
        let (x, y) = (u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
        picture.get_pixel(x, y).0[0]
    };
    let (width, height) = (usize::try_from(width).unwrap(), usize::try_from(height).unwrap());
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let codes = seen.detect_grids();
    codes.first().expect("a QR code").decode().expect("readable").1
}
