//! The account that the measured requests use, made through the API of the local stack.

use std::time::Duration;

use local::Stack;
use reqwest::Client;
use serde_json::{Value, json};

use crate::error::Result;

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "correct-horse-9";

/// How often the outbox is asked for a mail, and how many times.
const MAIL_POLL_INTERVAL: Duration = Duration::from_millis(50);
const MAX_MAIL_POLLS: usize = 100;

/// An account with an organization and a personal token.
pub(crate) struct Account {
    /// The value of the session's cookie.
    pub(crate) session: String,
    /// The personal token.
    pub(crate) token: String,
    /// The id of its organization.
    pub(crate) organization: String,
}

impl Account {
    /// Signs up, verifies the address and makes a token.
    pub(crate) async fn create(stack: &Stack) -> Result<Self> {
        let (http, base) = (Client::new(), stack.url());
        let body = json!({"email": EMAIL, "name": "Bench", "password": PASSWORD});
        post(&http, &format!("{base}/v1/register"), None, &body).await?;
        let code = mailed_code(&http, base).await?;
        let body = json!({"email": EMAIL, "code": code});
        let verified = post(&http, &format!("{base}/v1/verify-email"), None, &body).await?;
        let session = text(&verified, "session_token")?;
        let body = json!({"token_name": "bench"});
        let made = post(&http, &format!("{base}/v1/tokens"), Some(&session), &body).await?;
        let token = text(&made, "token")?;
        let organizations = http.get(format!("{base}/v1/clients")).bearer_auth(&token).send();
        let organizations: Value = organizations.await?.error_for_status()?.json().await?;
        let organization = text(&organizations["data"][0], "id")?;
        Ok(Self { session, token, organization })
    }
}

async fn post(http: &Client, url: &str, session: Option<&str>, body: &Value) -> Result<Value> {
    let mut request = http.post(url).json(body);
    if let Some(session) = session {
        request = request.header("cookie", format!("__Host-aius_session={session}"));
    }
    Ok(request.send().await?.error_for_status()?.json().await?)
}

async fn mailed_code(http: &Client, base: &str) -> Result<String> {
    for _ in 0..MAX_MAIL_POLLS {
        let mails = http.get(format!("{base}/local/mail?to={EMAIL}")).send().await?.text().await?;
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
