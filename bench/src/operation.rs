//! The requests of the load.

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::{Client, RequestBuilder};
use serde_json::json;

use crate::account::{Account, PASSWORD};
use crate::network;

/// A request that is sent again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Checks the session of a signed-in user.
    SessionCheck,
    /// Checks an API key of an organization.
    KeyCheck,
    /// Lists a user's organizations.
    ListOrganizations,
    /// Spends credits, each connection those of an organization of its own.
    SpendCredits,
    /// Signs in with an email address and a password.
    SignIn,
    /// Signs up with an address that has no account.
    SignUp,
}

impl Operation {
    /// All operations, in the order in which they are measured.
    pub(crate) const ALL: [Self; 6] = [
        Self::SessionCheck,
        Self::KeyCheck,
        Self::ListOrganizations,
        Self::SpendCredits,
        Self::SignIn,
        Self::SignUp,
    ];

    /// Returns the name of the operation, for readers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SessionCheck => "session check",
            Self::KeyCheck => "key check",
            Self::ListOrganizations => "list of organizations",
            Self::SpendCredits => "debit",
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
        }
    }

    /// Returns the method and the path of the request.
    pub(crate) fn call(self) -> &'static str {
        match self {
            Self::SessionCheck => "GET /v1/me",
            Self::KeyCheck => "GET /v1/token",
            Self::ListOrganizations => "GET /v1/clients",
            Self::SpendCredits => "POST /v1/clients/{client_id}/usage",
            Self::SignIn => "POST /v1/login",
            Self::SignUp => "POST /v1/register",
        }
    }

    /// Returns the row of `docs/COSTS.md` with the cost of the call.
    pub(crate) fn cost_label(self) -> &'static str {
        match self {
            Self::SignUp => "POST /v1/register: new address",
            Self::SessionCheck
            | Self::KeyCheck
            | Self::ListOrganizations
            | Self::SpendCredits
            | Self::SignIn => self.call(),
        }
    }

    /// Returns a request of the account to the stack with that URL.
    pub(crate) fn request(self, http: &Client, base: &str, account: &Account) -> RequestBuilder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let get = |path: &str| http.get(format!("{base}{path}"));
        let post = |path: &str| network::from_new_address(http.post(format!("{base}{path}")));
        match self {
            Self::SessionCheck => get("/v1/me").header("cookie", account.cookie()),
            Self::KeyCheck => get("/v1/token").bearer_auth(&account.key),
            Self::ListOrganizations => get("/v1/clients").bearer_auth(&account.token),
            Self::SpendCredits => post(&format!("/v1/clients/{}/usage", account.organization))
                .bearer_auth(&account.key)
                .header("idempotency-key", format!("bench-{number}"))
                .json(&json!({"credits": 0.000_001, "description": "Bench"})),
            Self::SignIn => {
                post("/v1/login").json(&json!({"email": account.email, "password": PASSWORD}))
            }
            Self::SignUp => post("/v1/register").json(&json!({
                "email": format!("new-{number}@example.com"),
                "name": "Bench",
                "password": PASSWORD,
            })),
        }
    }
}
