//! The way of a person through the whole dashboard, from the first visit to a deleted and restored account. The same
//! way is walked with a pointer, without scripts, on a phone, and with the keyboard alone.

mod api_keys;
mod billing;
mod deletion;
mod google;
mod profile;
mod projects;
mod sign_in;
mod sign_up;
mod team;
mod two_factor;

use tests::{Authenticator, Chromium, TestApp};

use crate::every_page::PHONE;

/// A person with an account, and the browser in which they use it.
struct Traveler<'a> {
    app: &'a TestApp,
    browser: &'a Chromium,
    name: &'static str,
    email: String,
    authenticator: Option<Authenticator>,
}

impl<'a> Traveler<'a> {
    fn new(app: &'a TestApp, browser: &'a Chromium, name: &'static str, email: &str) -> Self {
        Self { app, browser, name, email: email.to_owned(), authenticator: None }
    }
}

/// The time zone of the browsers.
const TIME_ZONE: &str = "Asia/Tokyo";

/// Opens the browsers of two persons.
async fn open_browsers(app: &TestApp) -> (Chromium, Chromium) {
    let (browser, second) = tokio::join!(Chromium::open(app), Chromium::open(app));
    tokio::join!(browser.set_time_zone(TIME_ZONE), second.set_time_zone(TIME_ZONE));
    (browser, second)
}

/// Walks the whole way. The second browser is of the person who is invited. `time_zone` is what the account has after
/// the sign-up.
async fn walk(app: &TestApp, browser: &Chromium, second: &Chromium, time_zone: &str) {
    let mut ada = Traveler::new(app, browser, "Ada Lovelace", "ada@example.com");
    sign_up::sign_up(&ada).await;
    profile::edit_profile(&mut ada, time_zone).await;
    google::connect_and_sign_in(&ada).await;
    two_factor::turn_on(&mut ada).await;
    two_factor::sign_in_with_codes(&ada).await;
    team::create_organization(&ada).await;
    api_keys::make_use_and_lose_a_key(&ada).await;
    projects::keep_files(&ada).await;
    billing::subscribe_and_top_up(&ada).await;
    billing::save_an_invoice(&ada).await;
    let grace = Traveler::new(app, second, "Grace Hopper", "grace@example.com");
    team::invite(&ada, &grace).await;
    team::change_role_and_remove(&ada, &grace).await;
    deletion::delete_and_come_back(&ada).await;
}

#[tokio::test]
async fn a_person_uses_the_whole_dashboard() {
    let app = TestApp::start().await;
    let (browser, second) = open_browsers(&app).await;
    walk(&app, &browser, &second, TIME_ZONE).await;
    tokio::join!(browser.close(), second.close());
}

#[tokio::test]
async fn a_person_uses_it_without_scripts() {
    let app = TestApp::start().await;
    let (browser, second) = open_browsers(&app).await;
    tokio::join!(browser.switch_scripts_off(), second.switch_scripts_off());
    // Without scripts, a browser does not tell its time zone.
    walk(&app, &browser, &second, "").await;
    tokio::join!(browser.close(), second.close());
}

#[tokio::test]
async fn a_person_uses_it_on_a_phone() {
    let app = TestApp::start().await;
    let (browser, second) = open_browsers(&app).await;
    tokio::join!(browser.resize(PHONE.0, PHONE.1), second.resize(PHONE.0, PHONE.1));
    walk(&app, &browser, &second, TIME_ZONE).await;
    tokio::join!(browser.close(), second.close());
}

#[tokio::test]
async fn a_person_uses_it_with_the_keyboard_alone() {
    let app = TestApp::start().await;
    let (mut browser, mut second) = open_browsers(&app).await;
    browser.put_pointer_away();
    second.put_pointer_away();
    walk(&app, &browser, &second, TIME_ZONE).await;
    tokio::join!(browser.close(), second.close());
}
