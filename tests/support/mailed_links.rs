//! Links in mails that act on an account.

use serde_json::{Value, json};
use shared::mail::LinkedPage;

use crate::{Reply, TestApp};

impl TestApp {
    /// Returns the token of the newest link for a new password that was mailed to an address.
    pub async fn reset_token(&self, to: &str) -> String {
        self.mailed_token(to, LinkedPage::ResetPassword).await
    }

    /// Returns the token of the link for an owner who did not make a change, in the newest mail with such a link.
    pub async fn not_me_token(&self, to: &str) -> String {
        self.mailed_token(to, LinkedPage::NotMe).await
    }

    /// Returns the token of the newest link to a page that was mailed to an address.
    pub async fn mailed_token(&self, to: &str, page: LinkedPage) -> String {
        let mails = self.mails(to).await;
        let mut tokens = mails.iter().filter_map(|mail| token_in(mail, page));
        tokens.next().expect("a mail with the link")
    }

    /// Sets a new password with the token of a link.
    pub async fn reset_with_link(&self, token: &str, new: &str) -> Reply {
        let body = json!({"token": token, "new_password": new});
        self.visitor().post("/v1/password/reset", body).await
    }

    /// Says with the token of a link that a change was not made by the owner.
    pub async fn report_not_me(&self, token: &str) -> Reply {
        self.visitor().post("/v1/account/not-me", json!({"token": token})).await
    }
}

/// Returns the token of the link to a page in a mail.
pub fn token_in(mail: &Value, page: LinkedPage) -> Option<String> {
    let text = mail["text"].as_str().unwrap();
    let (_, token) = text.split_once(&format!("{}?token=", page.path()))?;
    token.split_whitespace().next().map(str::to_owned)
}
