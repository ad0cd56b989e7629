//! Every page of the dashboard, with something on each.

use serde_json::{Value, json};
use shared::organizations::Role;

use crate::account_deletion::{delete_account, sign_in_to_deleted_account};
use crate::api_keys::create_key;
use crate::billing_scenario::subscribe_and_list_invoices;
use crate::form_answers::{ANSWERS_TO_GUESTS, ANSWERS_TO_THE_OWNER, FormAnswer, PROOF_PROMPT};
use crate::invitations::{invite, read_invitation_token};
use crate::members::sign_up_member;
use crate::notifications::set_preferences;
use crate::passkeys::{PasskeyAuthenticator, add_passkey};
use crate::runs::{finish_run, start_run};
use crate::tokens::create_token;
use crate::{Authenticator, Chromium, PageReply, PageVisitor, Person, TestApp, price};

/// The API reference, which shows the operations that have a word. With all of them, axe-core takes too long.
pub const API_REFERENCE: &str = "/docs?q=passkeys";

/// Pages of people who are signed out. `tests/checks/page_list.rs` compares the patterns of all pages with the routes.
const SIGNED_OUT: &[&str] = &[
    API_REFERENCE,
    "/account/sign-up",
    "/account/sign-in",
    "/account/verify-email?email=ada@example.com",
    "/account/two-factor",
    "/account/forgot-password",
    "/account/reset-password",
    "/account/reset-password?token=x",
    "/account/undo-email?token=x",
    "/account/not-me?token=x",
    "/account/invitations/accept?token={token}",
];

/// Pages of the owner of the organizations.
///
/// `{client_id}` is the organization with a plan, files and keys, `{team_client_id}` the one with another member.
const OWNER: &[&str] = &[
    "/account/profile",
    "/account/profile/delete",
    "/account/security",
    "/account/security/two-factor/turn-off",
    "/account/security/recovery-codes",
    "/account/security/passkeys/add",
    "/account/security/passkeys/{passkey_id}/remove",
    "/account/connections",
    "/account/connections/google/disconnect",
    "/account/notifications",
    "/account/notifications/slack/remove",
    "/account/tokens",
    "/account/tokens/{token_id}/revoke",
    "/account/device",
    "/account/device/approved",
    "/account/device/denied",
    "/account/api-keys",
    "/account/activity",
    "/account/organizations",
    "/account/organizations/{client_id}",
    "/account/organizations/{client_id}/projects",
    "/account/organizations/{client_id}/projects/{project_id}",
    "/account/organizations/{client_id}/projects/{project_id}/brief",
    "/account/organizations/{client_id}/projects/{project_id}/runs",
    "/account/organizations/{client_id}/projects/{project_id}/delete",
    "/account/organizations/{client_id}/artifacts",
    "/account/organizations/{client_id}/artifacts/{artifact_id}",
    "/account/organizations/{client_id}/artifacts/{artifact_id}/delete",
    "/account/organizations/{client_id}/team",
    "/account/organizations/{client_id}/team/invitations/{invitation_id}/revoke",
    "/account/organizations/{team_client_id}/team/members/{user_id}/remove",
    "/account/organizations/{team_client_id}/team/transfer",
    "/account/organizations/{client_id}/api-keys",
    "/account/organizations/{client_id}/api-keys/{key_id}/rotate",
    "/account/organizations/{client_id}/api-keys/{key_id}/revoke",
    "/account/organizations/{client_id}/usage",
    "/account/organizations/{client_id}/billing",
    "/account/organizations/{client_id}/billing/transactions",
    "/account/organizations/{client_id}/billing/cancel",
    "/account/organizations/{client_id}/billing/plan?price_id={price_id}",
    "/account/organizations/{client_id}/billing/cards/{payment_method_id}/remove",
    "/account/organizations/{client_id}/activity",
    "/account/organizations/{client_id}/settings",
    "/account/organizations/{client_id}/settings/delete",
];

/// Pages of a member without two-factor authentication.
const MEMBER: &[&str] =
    &["/account/security/two-factor", "/account/organizations/{team_client_id}/team/leave"];

/// Pages of a person whose account is scheduled for deletion.
const DELETED: &[&str] = &["/account/restore"];

/// How the pattern of a page about one organization begins.
const ORGANIZATION: &str = "/account/organizations/{client_id}";

/// The plan whose page shows what a change to it costs.
const PREVIEWED_PLAN: &str = "pro";

/// The address that has an open invitation.
const INVITED: &str = "grace@example.com";

/// A page of the dashboard.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path and query with names in place of ids and values, such as `{client_id}`.
    pub pattern: String,
    /// Path and query.
    pub path: String,
}

impl Page {
    /// Returns whether the page is about one organization.
    pub fn is_of_organization(&self) -> bool {
        self.pattern.starts_with(ORGANIZATION)
    }

    /// Opens the page in Chromium, and waits for the script of the API reference.
    pub async fn show(&self, browser: &Chromium) {
        browser.goto(&self.path).await;
        if self.path == API_REFERENCE {
            browser.expect_text("List passkeys").await;
        }
    }
}

/// People whose pages all show something, and the ids in the paths of the pages.
pub struct AllPages {
    /// The owner of the organizations, with a password, Google, a passkey and two-factor authentication.
    pub owner: Person,
    /// A member of the owner's default organization, with a password alone.
    pub member: Person,
    /// A person whose account is scheduled for deletion.
    pub deleted: Person,
    /// The id of the owner's organization with a subscription, a project, files, runs, keys and an open invitation.
    pub client: String,
    authenticator: Authenticator,
    /// The names in patterns of paths, and what stands in their place.
    ids: Vec<(&'static str, String)>,
}

impl AllPages {
    /// Signs up the people and fills the pages.
    pub async fn fill(app: &TestApp) -> Self {
        let owner = app.sign_up("ada").await;
        let (authenticator, passkey) = add_ways_to_sign_in(app, &owner).await;
        let team = owner.default_client().await;
        let member = sign_up_member(app, &team, "bob", Role::Member).await;
        let deleted = app.sign_up("carol").await;
        delete_account(&deleted).await;
        let deleted = sign_in_to_deleted_account(app, &deleted).await;
        let client = owner.create_client("Acme Corp").await;
        subscribe_and_list_invoices(app, &owner, &client).await;
        let methods = format!("/v1/clients/{client}/payment-methods");
        let methods = owner.get(&methods).await.expect(200).json();
        let mut ids = vec![
            ("client_id", client.clone()),
            ("team_client_id", team),
            ("user_id", member.id().await.to_string()),
            ("passkey_id", passkey),
            ("price_id", price(PREVIEWED_PLAN)),
            ("payment_method_id", id_in(&methods["data"][0])),
        ];
        ids.extend(add_content(&owner, &client).await);
        ids.extend(add_credentials(app, &owner, &client).await);
        Self { owner, member, deleted, client, authenticator, ids }
    }

    /// Returns the pages by the person who opens them; `None` is a person who is signed out.
    pub fn by_person(&self) -> [(Option<&Person>, Vec<Page>); 4] {
        let pages = |patterns: &[&str]| -> Vec<Page> {
            patterns.iter().map(|pattern| self.page(pattern)).collect()
        };
        [
            (None, pages(SIGNED_OUT)),
            (Some(&self.owner), pages(OWNER)),
            (Some(&self.member), pages(MEMBER)),
            (Some(&self.deleted), pages(DELETED)),
        ]
    }

    /// Returns forms whose answer is a page of its own or an error, by the person who submits them.
    pub fn answers(&self) -> [(Option<&Person>, &'static [FormAnswer]); 2] {
        [(None, ANSWERS_TO_GUESTS), (Some(&self.owner), ANSWERS_TO_THE_OWNER)]
    }

    /// Returns a path with ids and values in place of their names.
    pub fn path(&self, pattern: &str) -> String {
        let mut path = pattern.to_owned();
        for (name, id) in &self.ids {
            path = path.replace(&format!("{{{name}}}"), id);
        }
        path
    }

    /// Opens every page, submits the forms of [`answers`](Self::answers), and opens a page that does not exist. Then
    /// ten minutes pass, and a form asks for a proof of identity. Returns all pages with what they show.
    pub async fn open_all(&self, app: &TestApp) -> Vec<(Page, PageReply)> {
        let mut shown = Vec::new();
        for (person, pages) in self.by_person() {
            let mut browser = PageVisitor::of(app, person);
            for page in pages {
                let reply = browser.open(&page.path).await.expect(200);
                let reply = reply.expect_path(page.path.split('?').next().unwrap_or_default());
                shown.push((page, reply));
            }
        }
        for (person, forms) in self.answers() {
            let mut browser = PageVisitor::of(app, person);
            for form in forms {
                shown.push((self.page(form.action), form.submit(self, &mut browser).await));
            }
        }
        let missing = self.page("/account/nowhere");
        let reply = PageVisitor::new(app).open(&missing.path).await.expect(404);
        shown.push((missing, reply));
        let mut browser = PageVisitor::signed_in(app, &self.owner);
        app.expire_proof().await;
        let prompt = PROOF_PROMPT.submit(self, &mut browser).await;
        shown.push((self.page(PROOF_PROMPT.action), prompt));
        shown
    }

    /// Signs in to a browser as one of the people, in place of the person who was signed in.
    pub async fn sign_in(&self, app: &TestApp, browser: &Chromium, person: &Person) {
        browser.forget_cookies().await;
        browser.enter_password(person).await;
        if person.email == self.owner.email {
            browser.expect_path("/account/two-factor").await;
            browser.fill("Code", &self.authenticator.code(app).await).await;
            browser.press("Sign in").await;
        }
        browser.expect_name(person).await;
    }

    fn page(&self, pattern: &str) -> Page {
        Page { pattern: route_pattern(pattern), path: self.path(pattern) }
    }
}

/// Lists the patterns of all pages. Their paths are those of the routes.
pub fn page_patterns() -> impl Iterator<Item = String> {
    let patterns = SIGNED_OUT.iter().chain(OWNER).chain(MEMBER).chain(DELETED);
    patterns.map(|pattern| route_pattern(pattern))
}

/// Returns the pattern with the names of the route.
fn route_pattern(pattern: &str) -> String {
    pattern.replace("{team_client_id}", "{client_id}")
}

/// Returns the id of an object, which is a text or a number.
fn id_in(object: &Value) -> String {
    object["id"].as_str().map_or_else(|| object["id"].to_string(), str::to_owned)
}

/// Adds Google, a passkey and two-factor authentication to an account. Returns the authenticator app and the passkey's
/// id.
async fn add_ways_to_sign_in(app: &TestApp, owner: &Person) -> (Authenticator, String) {
    app.create_google_account(&owner.email, true).await;
    let session = owner.session.clone().expect("the owner is signed in");
    app.link_google(&app.visitor(), &session, &owner.email).await.expect(302);
    let mut device = PasskeyAuthenticator::new(app);
    let passkey = add_passkey(&owner.visitor, &mut device, "Work laptop").await;
    (Authenticator::enabled(app, &owner.visitor).await, id_in(&passkey))
}

/// Creates a project with a brief, a file and a failed run.
async fn add_content(owner: &Person, client: &str) -> [(&'static str, String); 2] {
    let project = owner.create_project(client, "Churn analysis").await;
    let brief = json!({"content": "# Goal\n\nFind out **why** customers leave."});
    let path = format!("/v1/projects/{project}/brief");
    owner.visitor.send_json(reqwest::Method::PUT, &path, &brief).await.expect(200);
    let file =
        owner.visitor.upload(client, Some(&project), "reports/churn.csv", b"month,churn\n").await;
    let run = start_run(owner, &project, "scheduled").await;
    let end = json!({"status": "failed", "summary": "2 of 10 checks failed"});
    finish_run(owner, &run, end).await.expect(200);
    [("project_id", project), ("artifact_id", id_in(&file))]
}

/// Creates an API key, a token, a Slack webhook and an invitation.
async fn add_credentials(
    app: &TestApp,
    owner: &Person,
    client: &str,
) -> [(&'static str, String); 4] {
    let key = create_key(owner, client, "ci").await.expect(200).json();
    let token = create_token(owner, json!({"token_name": "laptop"})).await.expect(200).json();
    set_preferences(owner, json!({})).await;
    let invitation = invite(owner, client, INVITED).await.expect(200).json();
    [
        ("key_id", id_in(&key)),
        ("token_id", id_in(&token)),
        ("invitation_id", id_in(&invitation)),
        ("token", read_invitation_token(app, INVITED).await),
    ]
}
