//! Chromium, as a person uses it: through ChromeDriver at `CHROMEDRIVER_URL`.

use std::time::Duration;

use axum::http::Method;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use shared::clock::Stopwatch;
use url::Url;

use crate::downloads::DownloadFolder;
use crate::{PASSWORD, Person, TestApp, service_url};

/// Time that a page may take to change.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(10);

/// Time between two looks at a page that changes.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Width and height of a desktop's window.
const DESKTOP: (u32, u32) = (1280, 900);

/// The color scheme that the person prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

/// A browser with an empty profile.
pub struct Chromium {
    pub(crate) client: Client,
    pub(crate) downloads: DownloadFolder,
    /// Whether the person uses no pointer.
    pub(crate) is_keyboard_only: bool,
    site: String,
}

/// A command of the Chrome DevTools protocol, which ChromeDriver passes on.
#[derive(Debug)]
struct DevToolsCommand {
    name: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevToolsCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.name, "params": self.params});
        (Method::POST, Some(body.to_string()))
    }
}

impl Chromium {
    /// Opens a browser for the stack of a test.
    pub async fn open(app: &TestApp) -> Self {
        let downloads = DownloadFolder::create();
        let options = json!({
            "binary": "/usr/bin/chromium",
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"],
            "prefs": {
                "download.default_directory": downloads.path(),
                "plugins.always_open_pdf_externally": true,
            },
        });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&service_url("CHROMEDRIVER_URL"))
            .await
            .expect("ChromeDriver starts Chromium");
        let site = app.visitor().site();
        let browser = Self { client, downloads, is_keyboard_only: false, site };
        browser.resize(DESKTOP.0, DESKTOP.1).await;
        browser
    }

    /// Closes the browser.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }

    /// Sets the size of the page, also below the smallest window of a desktop.
    pub async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.dev_tools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Sets the color scheme that the person prefers, and that they prefer no motion.
    pub async fn prefer(&self, scheme: ColorScheme) {
        let value = match scheme {
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        };
        // Without motion the new colors are there at once.
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": value},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.dev_tools("Emulation.setEmulatedMedia", features).await;
    }

    /// Sets the time zone of the browser.
    pub async fn set_time_zone(&self, name: &str) {
        self.dev_tools("Emulation.setTimezoneOverride", json!({"timezoneId": name})).await;
    }

    /// Switches the scripts of pages off.
    pub async fn switch_scripts_off(&self) {
        self.dev_tools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    }

    /// Uses the page with the keyboard alone from now on.
    pub fn put_pointer_away(&mut self) {
        self.is_keyboard_only = true;
    }

    /// Sends a command of the Chrome DevTools protocol, and returns its result.
    pub(crate) async fn dev_tools(&self, name: &'static str, params: Value) -> Value {
        self.client.issue_cmd(DevToolsCommand { name, params }).await.unwrap()
    }

    /// Signs in with the password of a person.
    pub async fn sign_in(&self, person: &Person) {
        self.enter_password(person).await;
        self.expect_name(person).await;
    }

    /// Enters the address and the password of a person on the page for signing in.
    pub async fn enter_password(&self, person: &Person) {
        self.goto("/account/sign-in").await;
        self.fill("Email address", &person.email).await;
        self.fill("Password", PASSWORD).await;
        self.press("Sign in").await;
    }

    /// Waits until the page names a person, as every page does after signing in.
    pub(crate) async fn expect_name(&self, person: &Person) {
        self.expect_text(&person.email[..person.email.find('@').unwrap()]).await;
    }

    /// Forgets all cookies, and with them who was signed in.
    pub async fn forget_cookies(&self) {
        self.dev_tools("Network.clearBrowserCookies", json!({})).await;
    }

    /// Opens a page by its path.
    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    /// Returns path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    }

    /// Returns the title of the window.
    pub async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    /// Returns the HTML of the page as the browser has it now.
    pub async fn source(&self) -> String {
        self.client.source().await.unwrap()
    }

    /// Returns the text that the person sees.
    pub async fn text(&self) -> String {
        // A page that is just being replaced has no body.
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page has a path.
    #[track_caller]
    pub fn expect_path<'b>(&'b self, path: &'b str) -> impl Future<Output = ()> + 'b {
        self.wait(format!("the path {path}"), async move || {
            self.path().await.split('?').next() == Some(path)
        })
    }

    /// Waits until the person sees a text.
    #[track_caller]
    pub fn expect_text<'b>(&'b self, text: &'b str) -> impl Future<Output = ()> + 'b {
        self.wait(format!("the text “{text}”"), async move || self.text().await.contains(text))
    }

    /// Runs a script in the page and returns its result.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }

    /// Runs a script that passes its result to a callback.
    pub async fn execute_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute_async(script, arguments).await.unwrap()
    }

    /// Loads the page again until a check of it holds, as a person does who waits for the worker or for Stripe.
    pub async fn reload_until(&self, wanted: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        self.wait(wanted.to_owned(), async || {
            let is_done = holds(self).await;
            if !is_done {
                self.client.refresh().await.unwrap();
            }
            is_done
        })
        .await;
    }

    /// Returns a picture of the window as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Returns a picture of the first element that a CSS selector finds, as PNG.
    pub async fn screenshot_of(&self, css: &str) -> Vec<u8> {
        self.client.find(Locator::Css(css)).await.unwrap().screenshot().await.unwrap()
    }

    /// Waits for a visible element that an XPath finds.
    pub(crate) async fn visible(&self, xpath: &str) -> Element {
        let started = Stopwatch::start();
        loop {
            if let Some(element) = self.find_visible(xpath).await {
                return element;
            }
            if started.elapsed() > CHANGE_TIMEOUT {
                panic!("no visible {xpath} on {}: {}", self.path().await, self.text().await);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Finds the first visible element of an XPath, without waiting.
    pub(crate) async fn find_visible(&self, xpath: &str) -> Option<Element> {
        for element in self.client.find_all(Locator::XPath(xpath)).await.unwrap_or_default() {
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    }

    pub(crate) async fn wait(&self, wanted: String, mut holds: impl AsyncFnMut() -> bool) {
        let started = Stopwatch::start();
        while !holds().await {
            if started.elapsed() > CHANGE_TIMEOUT {
                panic!("{wanted} does not appear; {}: {}", self.path().await, self.text().await);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}
