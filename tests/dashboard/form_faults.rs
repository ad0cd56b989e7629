//! What forms answer while DynamoDB fails.

use serde_json::Value;
use tests::all_pages::AllPages;
use tests::api_keys::list_keys;
use tests::faults::PERMANENTLY;
use tests::form_answers::FormAnswer;
use tests::tokens::list_tokens;
use tests::{Fault, FaultProxy, PASSWORD, PageReply, PageVisitor, Person, TestApp};

/// More calls than any form makes.
const MAX_CALLS: usize = 30;

/// Returns a form that is accepted, and leads to another page.
const fn accepted(
    page: &'static str,
    action: &'static str,
    typed: &'static [(&'static str, &'static str)],
) -> FormAnswer {
    FormAnswer { page, action, typed, status: 303, says: "" }
}

/// A form whose answer shows the value of a personal token once.
const TOKEN_FORM: FormAnswer = FormAnswer {
    page: "/account/tokens",
    action: "/account/tokens",
    typed: &[("token_name", "phone")],
    status: 200,
    says: "Token created",
};

/// A form whose answer shows the value of an API key once.
const KEY_FORM: FormAnswer = FormAnswer {
    page: "/account/organizations/{client_id}/api-keys",
    action: "/account/organizations/{client_id}/api-keys",
    typed: &[("name", "deploy")],
    status: 200,
    says: "API key created",
};

/// A form whose answer shows the new value of an API key once.
const ROTATION_FORM: FormAnswer = FormAnswer {
    page: "/account/organizations/{client_id}/api-keys/{key_id}/rotate",
    action: "/account/organizations/{client_id}/api-keys/{key_id}/rotate",
    typed: &[],
    status: 200,
    says: "API key rotated",
};

/// Forms of the account that are accepted.
const ACCOUNT_FORMS: &[FormAnswer] = &[
    accepted("/account/profile", "/account/profile/name", &[("name", "Ada King")]),
    accepted("/account/profile", "/account/profile/details", &[("company", "Engines")]),
    accepted("/account/notifications", "/account/notifications", &[]),
    accepted("/account/organizations", "/account/organizations", &[("name", "Engines")]),
    TOKEN_FORM,
];

/// Forms of an organization that are accepted.
const ORGANIZATION_FORMS: &[FormAnswer] = &[
    accepted(
        "/account/organizations/{client_id}/settings",
        "/account/organizations/{client_id}/settings/name",
        &[("name", "Acme Engines")],
    ),
    accepted(
        "/account/organizations/{client_id}/projects",
        "/account/organizations/{client_id}/projects/create",
        &[("name", "Forecast")],
    ),
    accepted(
        "/account/organizations/{client_id}/projects/{project_id}",
        "/account/organizations/{client_id}/projects/{project_id}/details",
        &[("description", "Who leaves, and why")],
    ),
    accepted(
        "/account/organizations/{client_id}/projects/{project_id}/brief",
        "/account/organizations/{client_id}/projects/{project_id}/brief",
        &[("content", "# Goal")],
    ),
    KEY_FORM,
    ROTATION_FORM,
];

/// The token of a link that was never mailed: an account's id and 32 bytes.
const UNKNOWN_TOKEN: (&str, &str) =
    ("token", "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

/// Forms of people who are signed out, with a link that does not work.
const LINK_FORMS: &[FormAnswer] = &[
    dead_link(
        "/account/reset-password?token=x",
        "/account/reset-password",
        &[UNKNOWN_TOKEN, ("new_password", PASSWORD)],
    ),
    dead_link("/account/undo-email?token=x", "/account/undo-email", &[UNKNOWN_TOKEN]),
    dead_link("/account/not-me?token=x", "/account/not-me", &[UNKNOWN_TOKEN]),
];

/// The form of a person whose account is scheduled for deletion.
const RESTORE_FORM: FormAnswer = accepted("/account/restore", "/account/restore", &[]);

/// Returns a form that is refused after its link was looked for.
const fn dead_link(
    page: &'static str,
    action: &'static str,
    typed: &'static [(&'static str, &'static str)],
) -> FormAnswer {
    FormAnswer { page, action, typed, status: 400, says: "This link was used" }
}

/// An app whose DynamoDB can fail, with all pages.
struct FormFaults {
    engine: FaultProxy,
    app: TestApp,
    pages: AllPages,
}

impl FormFaults {
    async fn start() -> Self {
        let engine = FaultProxy::start().await;
        let app = TestApp::start_on(&engine).await;
        let pages = AllPages::fill(&app).await;
        Self { engine, app, pages }
    }

    /// Submits a form while each of its calls fails in turn, and all later ones with it. Asserts that it says what
    /// cannot be reached until it gets through.
    async fn fail_each_call(&self, person: Option<&Person>, form: &FormAnswer) {
        let mut browser = PageVisitor::of(&self.app, person);
        let action = self.pages.path(form.action);
        let page = browser.open(&self.pages.path(form.page)).await.expect(200);
        for calls in 0.. {
            assert!(calls < MAX_CALLS, "{} makes too many calls", form.action);
            // The worker handles what the form has written, with calls of its own.
            self.app.wait_for_worker().await;
            self.engine.inject(Fault::Broken, calls, PERMANENTLY);
            let answer = browser.submit_without_redirect(&page, &action, form.typed).await;
            self.engine.clear_fault();
            let what = format!("{} after {calls} calls: {}", form.action, answer.text());
            let is_said = says_what_is_unavailable(&answer);
            if answer.reply.status == form.status && !is_said {
                assert!(calls > 0, "{what}");
                assert!(answer.text().contains(form.says), "{what}");
                return;
            }
            // Once the change is made, a part of the page that shows it may still be unavailable.
            let is_expected = answer.reply.status == 503 || answer.reply.status == form.status;
            assert!(is_expected && is_said, "{}: {what}", answer.reply.status);
        }
    }

    /// Lists the tokens of the owner and the API keys of the organization.
    async fn list_credentials(&self) -> [Vec<Value>; 2] {
        let AllPages { owner, client, .. } = &self.pages;
        [list_tokens(owner).await, list_keys(owner, client).await]
    }

    /// Submits a form while each of its calls fails in turn, and all later ones with it. Asserts that the answer shows
    /// the new value whenever there is one.
    async fn keep_each_value(&self, form: &FormAnswer) {
        let mut browser = PageVisitor::signed_in(&self.app, &self.pages.owner);
        let action = self.pages.path(form.action);
        let mut has_part_failed = false;
        for calls in 0.. {
            assert!(calls < MAX_CALLS, "{} makes too many calls", form.action);
            let page = browser.open(&self.pages.path(form.page)).await.expect(200);
            let before = self.list_credentials().await;
            self.app.wait_for_worker().await;
            self.engine.inject(Fault::Broken, calls, PERMANENTLY);
            let answer = browser.submit_without_redirect(&page, &action, form.typed).await;
            self.engine.clear_fault();
            let is_changed = self.list_credentials().await != before;
            let what = format!("{} after {calls} calls: {}", form.action, answer.text());
            assert_eq!(answer.texts("#value").len(), usize::from(is_changed), "{what}");
            assert_eq!(answer.reply.status == 200, is_changed, "{what}");
            let is_said = says_what_is_unavailable(&answer);
            has_part_failed |= is_changed && is_said;
            if is_changed && !is_said {
                assert!(has_part_failed, "no part of {} failed after the change", form.action);
                return;
            }
        }
    }
}

fn says_what_is_unavailable(answer: &PageReply) -> bool {
    answer.texts("h1, p, li").iter().any(|text| text.contains("can't be reached"))
}

#[tokio::test]
async fn a_new_value_is_shown_if_a_later_call_fails() {
    let faults = FormFaults::start().await;
    for form in [TOKEN_FORM, KEY_FORM, ROTATION_FORM] {
        faults.keep_each_value(&form).await;
    }
}

#[tokio::test]
async fn no_form_of_an_account_answers_500_when_a_call_fails() {
    let faults = FormFaults::start().await;
    for form in ACCOUNT_FORMS {
        faults.fail_each_call(Some(&faults.pages.owner), form).await;
    }
}

#[tokio::test]
async fn no_organization_form_answers_500_when_a_call_fails() {
    let faults = FormFaults::start().await;
    for form in ORGANIZATION_FORMS {
        faults.fail_each_call(Some(&faults.pages.owner), form).await;
    }
}

#[tokio::test]
async fn no_form_of_a_guest_answers_500_when_a_call_fails() {
    let faults = FormFaults::start().await;
    for form in LINK_FORMS {
        faults.fail_each_call(None, form).await;
    }
    faults.fail_each_call(Some(&faults.pages.deleted), &RESTORE_FORM).await;
}
