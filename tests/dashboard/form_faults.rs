//! What forms answer while DynamoDB fails.

use tests::all_pages::AllPages;
use tests::faults::PERMANENTLY;
use tests::form_answers::FormAnswer;
use tests::{Fault, FaultProxy, PASSWORD, PageVisitor, Person, TestApp};

/// More calls than any form makes.
const MAX_CALLS: usize = 30;

/// A form that is accepted, and leads to another page.
const fn accepted(
    page: &'static str,
    action: &'static str,
    typed: &'static [(&'static str, &'static str)],
) -> FormAnswer {
    FormAnswer { page, action, typed, status: 303, says: "" }
}

/// Forms of the account that are accepted.
const ACCOUNT_FORMS: &[FormAnswer] = &[
    accepted("/account/profile", "/account/profile/name", &[("name", "Ada King")]),
    accepted("/account/profile", "/account/profile/details", &[("company", "Engines")]),
    accepted("/account/notifications", "/account/notifications", &[]),
    accepted("/account/organizations", "/account/organizations", &[("name", "Engines")]),
    FormAnswer {
        page: "/account/tokens",
        action: "/account/tokens",
        typed: &[("token_name", "phone")],
        status: 200,
        says: "Token created",
    },
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
    FormAnswer {
        page: "/account/organizations/{client_id}/api-keys",
        action: "/account/organizations/{client_id}/api-keys",
        typed: &[("name", "deploy")],
        status: 200,
        says: "API key created",
    },
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

/// A form that is refused after its link was looked for.
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
            let texts = answer.texts("h1, p, li");
            let is_said = texts.iter().any(|text| text.contains("can't be reached"));
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
