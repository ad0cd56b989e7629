//! The sign-in of a command line: its calls, and the answers of a person on the page.

use serde_json::Value;

use crate::{PageReply, PageVisitor, Person, Reply, TestApp, Visitor};

/// The page for user codes.
pub const DEVICE_PAGE: &str = "/account/device";
/// The form that allows a request.
pub const APPROVE_FORM: &str = "/account/device/approve";
/// The form that denies a request.
pub const DENY_FORM: &str = "/account/device/deny";

/// The grant type of RFC 8628.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The name of the program in these tests.
pub const PROGRAM: &str = "aius-cli";

const FORM: &str = "application/x-www-form-urlencoded";

/// A program that waits for a person.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// The program's HTTP client, which has no session.
    pub visitor: Visitor,
    /// The code with which it asks.
    pub device_code: String,
    /// The code that it shows.
    pub user_code: String,
}

/// Sends parameters in the form of OAuth.
pub async fn send_form(visitor: &Visitor, path: &str, parameters: &[(&str, &str)]) -> Reply {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    visitor.post_raw(path, FORM, body).await
}

/// Asks for codes.
pub async fn request_codes(visitor: &Visitor, parameters: &[(&str, &str)]) -> Reply {
    send_form(visitor, "/v1/auth/device/code", parameters).await
}

/// Sends the parameters of a request for the token.
pub async fn request_token(visitor: &Visitor, parameters: &[(&str, &str)]) -> Reply {
    send_form(visitor, "/v1/auth/device/token", parameters).await
}

impl CommandLine {
    /// Starts a program that asks to read projects and to write runs.
    pub async fn start(app: &TestApp) -> Self {
        Self::start_at(app.visitor(), "projects:read runs:write").await
    }

    /// Starts a program at a network address with scopes.
    pub async fn start_at(visitor: Visitor, scope: &str) -> Self {
        let visitor = visitor.with_header("user-agent", "curl/8.5.0");
        let parameters = [("client_id", PROGRAM), ("device_name", "ada-laptop"), ("scope", scope)];
        let codes = request_codes(&visitor, &parameters).await.expect(200).json();
        let text = |name: &str| codes[name].as_str().unwrap().to_owned();
        Self { visitor, device_code: text("device_code"), user_code: text("user_code") }
    }

    /// Asks for the token.
    pub async fn poll(&self) -> Reply {
        let parameters = [
            ("grant_type", GRANT_TYPE),
            ("device_code", &*self.device_code),
            ("client_id", PROGRAM),
        ];
        request_token(&self.visitor, &parameters).await
    }
}

impl Reply {
    /// Asserts that the reply is an error of the protocol, in the form of OAuth and in that of the API.
    #[track_caller]
    pub fn expect_oauth_error(self, error: &str) -> Self {
        let reply = self.expect(400);
        let body = reply.json();
        assert_eq!(body["error"], error, "{body}");
        assert_eq!(body["error_description"], body["detail"]["message"]);
        assert!(body["detail"]["code"].is_string(), "{body}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        reply
    }
}

/// Opens the page and enters a code.
pub async fn enter_code(browser: &mut PageVisitor, user_code: &str) -> PageReply {
    let page = browser.open(DEVICE_PAGE).await.expect(200);
    browser.submit(&page, DEVICE_PAGE, &[("user_code", user_code)]).await
}

/// Enters the code of a program and allows what it asks for.
pub async fn approve(app: &TestApp, person: &Person, program: &CommandLine) -> PageReply {
    let mut browser = PageVisitor::signed_in(app, person);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    browser.submit(&page, APPROVE_FORM, &[]).await
}

/// Enters the code of a program and denies its request.
pub async fn deny(app: &TestApp, person: &Person, program: &CommandLine) -> PageReply {
    let mut browser = PageVisitor::signed_in(app, person);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    browser.submit(&page, DENY_FORM, &[]).await
}

/// Returns the value of a token response.
pub fn token_in(reply: &Reply) -> String {
    let body: Value = reply.json();
    body["access_token"].as_str().unwrap().to_owned()
}
