//! Going to Google and coming back, redirect by redirect, as a browser would.

use reqwest::Url;
use serde_json::{Value, json};

use crate::{Reply, Visitor, World};

/// A sign-in on its way: what one browser keeps, and where it was sent.
#[derive(Clone, Debug)]
pub struct AtGoogle {
    /// Who it is.
    pub visitor: Visitor,
    /// The session that the browser has, if any.
    pub session: Option<String>,
    /// The value of the cookie `__Host-aius_google`.
    pub flow: String,
    /// Google's page.
    pub url: Url,
}

impl AtGoogle {
    /// Asks for `/v1/auth/google` with that query.
    pub async fn begin(visitor: &Visitor, session: Option<&str>, query: &str) -> Self {
        let path = format!("/v1/auth/google?{query}");
        let reply = browser(visitor, None, session).get(&path).await.expect(302);
        Self::sent(visitor, session, &reply)
    }

    /// As the reply says that sends a browser to Google.
    fn sent(visitor: &Visitor, session: Option<&str>, reply: &Reply) -> Self {
        let url = Url::parse(reply.header("location").expect("a location")).unwrap();
        let flow = cookie(reply, "__Host-aius_google").expect("the flow's cookie");
        Self { visitor: visitor.clone(), session: session.map(str::to_owned), flow, url }
    }

    /// Says yes at the local Google, whose account the `login_hint` named: the path to come back to.
    pub async fn agree(&self) -> String {
        let path = format!("{}?{}", self.url.path(), self.url.query().unwrap());
        path_of(self.visitor.get(&path).await.expect(302).header("location").unwrap())
    }

    /// Comes back, with both cookies.
    pub async fn come_back(&self, path: &str) -> Reply {
        let session = self.session.as_deref();
        browser(&self.visitor, Some(&self.flow), session).get(path).await
    }

    /// All the rest of the way.
    pub async fn finish(&self) -> Reply {
        self.come_back(&self.agree().await).await
    }

    /// A parameter that Google was given.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// A browser with these cookies.
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

/// The value of a cookie that a reply sets; `None` where it doesn't, or clears it.
pub fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let all = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut values = all.filter_map(|cookie| cookie.strip_prefix(&format!("{name}=")));
    let value = values.next()?.split(';').next().unwrap().to_owned();
    assert!(values.next().is_none(), "{name} is set twice");
    (!value.is_empty()).then_some(value)
}

/// The session that a reply gives.
pub fn session_of(reply: &Reply) -> Option<String> {
    cookie(reply, "__Host-aius_session")
}

impl World {
    /// Somebody has an account at Google, with that address; its `sub` is made of the address unless
    /// given.
    pub async fn google_account(&self, email: &str, verified: bool) {
        let name = email.split('@').next().unwrap();
        let sub = format!("sub-{name}");
        self.google_account_of(json!({"sub": sub, "email": email, "email_verified": verified,
            "name": format!("{name} at Google")}))
            .await;
    }

    /// The same, in Google's words.
    pub async fn google_account_of(&self, account: Value) {
        self.visitor().post("/local/google/accounts", account).await.expect(200);
    }

    /// Says what is to be wrong with Google's next ID token.
    pub async fn next_google_token(&self, changes: Value) {
        self.visitor().post("/local/google/next-token", changes).await.expect(200);
    }

    /// Signs in with the Google account of that address, whatever comes of it.
    pub async fn google_sign_in(&self, visitor: &Visitor, email: &str) -> Reply {
        AtGoogle::begin(visitor, None, &format!("login_hint={email}")).await.finish().await
    }

    /// All the rest of the way after the reply that sends somebody to Google.
    pub async fn google_back(&self, sent: &Reply) -> Reply {
        AtGoogle::sent(&self.visitor(), None, sent).finish().await
    }

    /// Connects the Google account of that address to the account of a session.
    pub async fn google_link(&self, visitor: &Visitor, session: &str, email: &str) -> Reply {
        let query = format!("link=1&login_hint={email}");
        AtGoogle::begin(visitor, Some(session), &query).await.finish().await
    }
}
