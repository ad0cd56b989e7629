//! A simulated authenticator app for two-factor authentication.

use serde_json::json;
use totp_rs::Totp;

use crate::{TestApp, Visitor};

/// An authenticator app that scanned the URL of `/v1/2fa/setup`.
pub struct Authenticator {
    totp: Totp,
    /// The recovery codes of the account.
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    /// Creates an app from an `otpauth` URL.
    pub fn scan(otpauth_url: &str) -> Self {
        Self { totp: Totp::from_url(otpauth_url).expect("an otpauth URL"), recovery_codes: vec![] }
    }

    /// Enables two-factor authentication and advances the clock past the code that enrolled.
    pub async fn enabled(app: &TestApp, signed_in: &Visitor) -> Self {
        let (mut authenticator, recovery_codes) = Self::set_up(app, signed_in).await;
        authenticator.recovery_codes = recovery_codes;
        app.advance_clock(30).await;
        authenticator
    }

    /// Enables two-factor authentication for a signed-in user; returns the app and the recovery codes.
    ///
    /// The current code of the app is used up.
    pub async fn set_up(app: &TestApp, signed_in: &Visitor) -> (Self, Vec<String>) {
        let setup = signed_in.post("/v1/2fa/setup", json!({})).await.expect(200).json();
        let authenticator = Self::scan(setup["otpauth_url"].as_str().unwrap());
        let code = authenticator.code(app).await;
        let enabled =
            signed_in.post("/v1/2fa/enable", json!({"code": code})).await.expect(200).json();
        let codes = enabled["recovery_codes"].as_array().unwrap();
        (authenticator, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    /// Returns the current code.
    pub async fn code(&self, app: &TestApp) -> String {
        self.code_in(app, 0).await
    }

    /// Returns the code that the app shows in `seconds` seconds from now.
    pub async fn code_in(&self, app: &TestApp, seconds: i64) -> String {
        let at = u64::try_from(app.now().await + seconds).unwrap();
        self.totp.generate(at).to_string()
    }

    /// Returns six digits that are not a code within a minute of now.
    pub async fn wrong_code(&self, app: &TestApp) -> String {
        let mut near = vec![];
        for seconds in [-60, -30, 0, 30, 60] {
            near.push(self.code_in(app, seconds).await);
        }
        let all = (0..10).map(|digit| format!("{digit}").repeat(6));
        all.into_iter().find(|code| !near.contains(code)).unwrap()
    }
}
