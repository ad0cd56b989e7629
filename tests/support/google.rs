//! Sign-in with Google, redirect by redirect, as a browser does it.

use reqwest::Url;
use serde_json::{Value, json};

use crate::{Reply, TestApp, Visitor};

/// A sign-in flow in progress in one browser.
#[derive(Clone, Debug)]
pub struct GoogleSignIn {
    /// The browser that signs in, with its cookies.
    pub visitor: Visitor,
    /// The session cookie of the browser, if it has one.
    pub session: Option<String>,
    /// The value of the cookie `__Host-aius_google`.
    pub flow: String,
    /// The authorization URL at Google.
    pub url: Url,
}

impl GoogleSignIn {
    /// Starts a sign-in at `/v1/auth/google` with a query.
    pub async fn begin(visitor: &Visitor, session: Option<&str>, query: &str) -> Self {
        let path = format!("/v1/auth/google?{query}");
        let reply = browser(visitor, None, session).get(&path).await.expect(302);
        Self::sent(visitor, session, &reply)
    }

    /// Continues from a response that redirects to Google.
    fn sent(visitor: &Visitor, session: Option<&str>, reply: &Reply) -> Self {
        let url = Url::parse(reply.header("location").expect("a location")).unwrap();
        let flow = cookie(reply, "__Host-aius_google").expect("the flow's cookie");
        Self { visitor: visitor.clone(), session: session.map(str::to_owned), flow, url }
    }

    /// Consents at the local Google with the account of `login_hint`; returns the callback path.
    pub async fn consent(&self) -> String {
        let path = format!("{}?{}", self.url.path(), self.url.query().unwrap());
        path_of(self.visitor.get(&path).await.expect(302).header("location").unwrap())
    }

    /// Requests the callback path with both cookies.
    pub async fn follow_callback(&self, path: &str) -> Reply {
        let session = self.session.as_deref();
        browser(&self.visitor, Some(&self.flow), session).get(path).await
    }

    /// Consents and follows the callback.
    pub async fn finish(&self) -> Reply {
        self.follow_callback(&self.consent().await).await
    }

    /// Reads a parameter of the authorization URL.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// Creates a browser with these cookies.
fn browser(visitor: &Visitor, flow: Option<&str>, session: Option<&str>) -> Visitor {
    let flow = flow.map(|flow| format!("__Host-aius_google={flow}"));
    let session = session.map(|session| format!("__Host-aius_session={session}"));
    let cookies: Vec<_> = flow.into_iter().chain(session).collect();
    if cookies.is_empty() {
        visitor.clone()
    } else {
        visitor.clone().with_header("cookie", &cookies.join("; "))
    }
}

fn path_of(location: &str) -> String {
    let url = Url::parse(location).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Returns the value of a cookie that a response sets, or `None` if it does not set or clears it.
pub fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let all = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut values = all.filter_map(|cookie| cookie.strip_prefix(&format!("{name}=")));
    let value = values.next()?.split(';').next().unwrap().to_owned();
    assert!(values.next().is_none(), "{name} is set twice");
    (!value.is_empty()).then_some(value)
}

/// Returns the session token that a response sets.
pub fn session_cookie(reply: &Reply) -> Option<String> {
    cookie(reply, "__Host-aius_session")
}

impl TestApp {
    /// Creates an account at the local Google whose `sub` is derived from the address, in the Workspace organization
    /// of the address's domain.
    pub async fn create_google_account(&self, email: &str, verified: bool) {
        let (name, domain) = email.split_once('@').unwrap();
        let sub = format!("sub-{name}");
        self.create_google_account_from(
            json!({"sub": sub, "email": email, "email_verified": verified, "hd": domain,
            "name": format!("{name} at Google")}),
        )
        .await;
    }

    /// Creates an account at the local Google from its claims.
    pub async fn create_google_account_from(&self, account: Value) {
        self.visitor().post("/local/google/accounts", account).await.expect(200);
    }

    /// Changes the next ID token that the local Google issues.
    pub async fn alter_next_google_token(&self, changes: Value) {
        self.visitor().post("/local/google/next-token", changes).await.expect(200);
    }

    /// Signs in with the Google account of an address and returns the last response.
    pub async fn sign_in_with_google(&self, visitor: &Visitor, email: &str) -> Reply {
        GoogleSignIn::begin(visitor, None, &format!("login_hint={email}")).await.finish().await
    }

    /// Finishes a sign-in from the response that redirects to Google.
    pub async fn finish_google_sign_in(&self, sent: &Reply) -> Reply {
        GoogleSignIn::sent(&self.visitor(), None, sent).finish().await
    }

    /// Connects the Google account of an address to the account of a session.
    pub async fn link_google(&self, visitor: &Visitor, session: &str, email: &str) -> Reply {
        let query = format!("link=1&login_hint={email}");
        GoogleSignIn::begin(visitor, Some(session), &query).await.finish().await
    }
}
