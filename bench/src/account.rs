//! An account that the measured requests use, made through the API of the local stack.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::error::Result;
use crate::network;

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct-horse-9";

/// How often the outbox is asked for a mail, and how many times.
const MAIL_POLL_INTERVAL: Duration = Duration::from_millis(50);
const MAX_MAIL_POLLS: usize = 200;

/// An account with an organization, a personal token and an API key of the organization.
pub(crate) struct Account {
    /// The email address that the account signs in with.
    pub(crate) email: String,
    /// The value of the session's cookie.
    pub(crate) session: String,
    /// The personal token of the account, which is sent as a bearer token.
    pub(crate) token: String,
    /// The API key of the account's organization, which is sent as a bearer token.
    pub(crate) key: String,
    /// The id of the account's organization.
    pub(crate) organization: String,
}

impl Account {
    /// Signs up at the stack with that URL, verifies the address, and makes a token and an API key.
    pub(crate) async fn create(base: &str, email: &str) -> Result<Self> {
        let http = Client::new();
        let post = |path: String| network::from_new_address(http.post(format!("{base}{path}")));
        let body = json!({"email": email, "name": "Bench", "password": PASSWORD});
        send(post("/v1/register".to_owned()).json(&body)).await?;
        let body = json!({"email": email, "code": mailed_code(&http, base, email).await?});
        let verified = send(post("/v1/verify-email".to_owned()).json(&body)).await?;
        let session = text(&verified, "session_token")?;
        let signed_in = |path: String| post(path).header("cookie", cookie(&session));
        let made = send(signed_in("/v1/tokens".to_owned()).json(&json!({"token_name": "bench"})));
        let token = text(&made.await?, "token")?;
        let organizations = http.get(format!("{base}/v1/clients")).bearer_auth(&token);
        let organization = text(&send(organizations).await?["data"][0], "id")?;
        let path = format!("/v1/clients/{organization}/api-keys");
        let key = text(&send(signed_in(path).json(&json!({"name": "bench"}))).await?, "key")?;
        Ok(Self { email: email.to_owned(), session, token, key, organization })
    }

    /// Returns the `Cookie` header of the account's session.
    pub(crate) fn cookie(&self) -> String {
        cookie(&self.session)
    }
}

fn cookie(session: &str) -> String {
    format!("__Host-aius_session={session}")
}

async fn send(request: RequestBuilder) -> Result<Value> {
    let response = request.send().await?;
    let (path, status) = (response.url().path().to_owned(), response.status());
    let body = response.text().await?;
    if !status.is_success() {
        return Err(format!("{path} was answered with {status}: {body}").into());
    }
    Ok(serde_json::from_str(&body)?)
}

async fn mailed_code(http: &Client, base: &str, email: &str) -> Result<String> {
    for _ in 0..MAX_MAIL_POLLS {
        let mails = http.get(format!("{base}/local/mail?to={email}")).send().await?.text().await?;
        if let Some((before, _)) = mails.split_once(" is your") {
            let start = before.len().saturating_sub(6);
            return Ok(before.get(start..).ok_or("no code in the mail")?.to_owned());
        }
        tokio::time::sleep(MAIL_POLL_INTERVAL).await;
    }
    Err("no mail with a code arrived".into())
}

fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value[name].as_str().ok_or_else(|| format!("the answer has no {name}"))?.to_owned())
}
