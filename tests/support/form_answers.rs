//! Forms of the dashboard whose answer is a page: most are refused, and shown again with what is wrong.

use crate::all_pages::AllPages;
use crate::{Chromium, PASSWORD, PageReply, PageVisitor};

/// A form, what is typed into it, and the page that answers. Paths are patterns, as in [`AllPages`].
pub struct FormAnswer {
    /// The page that has the form.
    pub page: &'static str,
    /// The form's action.
    pub action: &'static str,
    /// Values of fields; the other fields keep those of the page.
    pub typed: &'static [(&'static str, &'static str)],
    /// The status of the answer.
    pub status: u16,
    /// A text of the answer.
    pub says: &'static str,
}

impl FormAnswer {
    /// Creates a form that is refused with status 400.
    const fn refused(
        page: &'static str,
        action: &'static str,
        typed: &'static [(&'static str, &'static str)],
        says: &'static str,
    ) -> Self {
        Self { page, action, typed, status: 400, says }
    }

    /// Opens the page, submits the form and returns the answer.
    pub async fn submit(&self, pages: &AllPages, browser: &mut PageVisitor) -> PageReply {
        let page = browser.open(&pages.path(self.page)).await.expect(200);
        let answer = browser.submit(&page, &pages.path(self.action), self.typed).await;
        answer.expect(self.status).expect_text(self.says)
    }

    /// Opens the page in Chromium, submits the form and waits for the answer.
    pub async fn submit_in(&self, pages: &AllPages, browser: &Chromium) {
        browser.goto(&pages.path(self.page)).await;
        browser.submit_unchecked(&pages.path(self.action), self.typed).await;
        browser.expect_text(self.says).await;
    }
}

const NO_NAME: &[(&str, &str)] = &[("name", " ")];
const NO_CODE: &[(&str, &str)] = &[("code", " ")];
const NOT_AN_ADDRESS: &str = "Enter an email address that can receive mail.";
const USED_LINK: &str = "This link was used";

/// Forms of people who are signed out. The last one begins a sign-in with two factors.
pub(crate) const ANSWERS_TO_GUESTS: &[FormAnswer] = &[
    FormAnswer::refused(
        "/account/sign-up",
        "/account/sign-up",
        &[("name", "Dave"), ("email", "dave@example.com"), ("password", "short")],
        "at least 8 characters",
    ),
    FormAnswer::refused(
        "/account/verify-email?email=ada@example.com",
        "/account/verify-email",
        &[("email", "nobody@example.com"), ("code", "AAAAAA")],
        "This code is wrong or has expired.",
    ),
    FormAnswer::refused(
        "/account/forgot-password",
        "/account/forgot-password",
        &[("email", "nobody")],
        NOT_AN_ADDRESS,
    ),
    FormAnswer::refused(
        "/account/reset-password?token=x",
        "/account/reset-password",
        &[("new_password", "tr0ub4dor-and-3")],
        USED_LINK,
    ),
    FormAnswer::refused("/account/undo-email?token=x", "/account/undo-email", &[], USED_LINK),
    FormAnswer::refused("/account/not-me?token=x", "/account/not-me", &[], USED_LINK),
    FormAnswer {
        page: "/account/sign-in",
        action: "/account/sign-in",
        typed: &[("email", "nobody@example.com"), ("password", "wrong-horse-9")],
        status: 401,
        says: "The email address or the password is wrong.",
    },
    FormAnswer {
        page: "/account/sign-in",
        action: "/account/sign-in",
        typed: &[("email", "ada@example.com"), ("password", PASSWORD)],
        status: 200,
        says: "Use a recovery code",
    },
];

/// Forms of the owner of the organizations.
pub(crate) const ANSWERS_TO_THE_OWNER: &[FormAnswer] = &[
    FormAnswer::refused("/account/profile", "/account/profile/name", NO_NAME, "Enter a name."),
    FormAnswer::refused(
        "/account/profile",
        "/account/profile/email",
        &[("new_email", "nobody")],
        NOT_AN_ADDRESS,
    ),
    FormAnswer::refused(
        "/account/profile/delete",
        "/account/profile/delete",
        &[("confirm", "delete")],
        "Type DELETE in capital letters.",
    ),
    FormAnswer::refused(
        "/account/security/two-factor/turn-off",
        "/account/security/two-factor/turn-off",
        NO_CODE,
        "Enter the code.",
    ),
    FormAnswer::refused(
        "/account/security/recovery-codes",
        "/account/security/recovery-codes",
        NO_CODE,
        "Enter the code.",
    ),
    FormAnswer::refused(
        "/account/notifications",
        "/account/notifications/slack",
        &[("slack_webhook_url", "https://example.com")],
        "Paste an incoming webhook",
    ),
    FormAnswer::refused(
        "/account/tokens",
        "/account/tokens",
        &[("token_name", " ")],
        "Enter a name for the token.",
    ),
    FormAnswer::refused(
        "/account/device",
        "/account/device",
        &[("user_code", "x")],
        "The code has 8 letters",
    ),
    FormAnswer::refused(
        "/account/organizations",
        "/account/organizations",
        NO_NAME,
        "Enter a name.",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/team",
        "/account/organizations/{client_id}/team/invite",
        &[("email", "nobody")],
        NOT_AN_ADDRESS,
    ),
    FormAnswer::refused(
        "/account/organizations/{team_client_id}/team/transfer",
        "/account/organizations/{team_client_id}/team/transfer",
        &[("user_id", "")],
        "Fill in this field.",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/api-keys",
        "/account/organizations/{client_id}/api-keys",
        NO_NAME,
        "Enter a name.",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/projects",
        "/account/organizations/{client_id}/projects/create",
        NO_NAME,
        "Enter a name.",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/projects/{project_id}",
        "/account/organizations/{client_id}/projects/{project_id}/details",
        NO_NAME,
        "Enter a name.",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/settings",
        "/account/organizations/{client_id}/settings/name",
        NO_NAME,
        "Enter a name.",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/settings/delete",
        "/account/organizations/{client_id}/settings/delete",
        &[("confirm", "Acme")],
        "Must be the organization",
    ),
    FormAnswer::refused(
        "/account/organizations/{client_id}/billing",
        "/account/organizations/{client_id}/billing/top-up",
        &[("credits", "1")],
        "Must be between 500 and",
    ),
];

/// A form of the owner that asks for a proof of identity once the last one is ten minutes old.
pub const PROOF_PROMPT: FormAnswer = FormAnswer {
    page: "/account/tokens",
    action: "/account/tokens",
    typed: &[("token_name", "phone")],
    status: 401,
    says: "Confirm it is you",
};
