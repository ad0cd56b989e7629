//! Somebody's authenticator app.

use serde_json::json;
use totp_rs::Totp;

use crate::{Visitor, World};

/// An app that took in the URL of `/2fa/setup`.
pub struct Authenticator {
    totp: Totp,
    /// The recovery codes that its owner wrote down.
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    /// An app that scanned that URL.
    pub fn scan(otpauth_url: &str) -> Self {
        Self { totp: Totp::from_url(otpauth_url).expect("an otpauth URL"), recovery_codes: vec![] }
    }

    /// As [`Authenticator::set_up`], with the recovery codes inside; the clock has moved on to the code
    /// after the one that is spent.
    pub async fn enabled(world: &World, signed_in: &Visitor) -> Self {
        let (mut app, recovery_codes) = Self::set_up(world, signed_in).await;
        app.recovery_codes = recovery_codes;
        world.advance(30).await;
        app
    }

    /// An app whose first code turned the second factor on, for somebody who is signed in; and their
    /// recovery codes. That code is spent.
    pub async fn set_up(world: &World, signed_in: &Visitor) -> (Self, Vec<String>) {
        let setup = signed_in.post("/v1/2fa/setup", json!({})).await.expect(200).json();
        let app = Self::scan(setup["otpauth_url"].as_str().unwrap());
        let code = app.code(world).await;
        let enabled =
            signed_in.post("/v1/2fa/enable", json!({"code": code})).await.expect(200).json();
        let codes = enabled["recovery_codes"].as_array().unwrap();
        (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    /// The code that it shows now.
    pub async fn code(&self, world: &World) -> String {
        self.code_in(world, 0).await
    }

    /// The code that it shows so many seconds from now.
    pub async fn code_in(&self, world: &World, seconds: i64) -> String {
        let at = u64::try_from(world.now().await + seconds).unwrap();
        self.totp.generate(at).to_string()
    }

    /// Six digits that it doesn't show anywhere near now.
    pub async fn wrong_code(&self, world: &World) -> String {
        let mut near = vec![];
        for seconds in [-60, -30, 0, 30, 60] {
            near.push(self.code_in(world, seconds).await);
        }
        let all = (0..10).map(|digit| format!("{digit}").repeat(6));
        all.into_iter().find(|code| !near.contains(code)).unwrap()
    }
}
