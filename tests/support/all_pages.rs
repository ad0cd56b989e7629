//! Every page of the dashboard, with something on each.

use serde_json::json;

use crate::api_keys::create_key;
use crate::billing_scenario::subscribe_and_list_invoices;
use crate::invitations::invite_and_read_token;
use crate::runs::{finish_run, start_run};
use crate::tokens::create_token;
use crate::{Person, TestApp, price};

/// The plan whose page shows what a change to it costs.
const PREVIEWED_PLAN: &str = "pro";

/// A person whose pages all show something, and the paths of the pages.
pub struct AllPages {
    /// The owner of an organization with a subscription, a project, files, runs, keys and an open invitation.
    pub owner: Person,
    /// The organization's id.
    pub client: String,
    /// The project's id.
    pub project: String,
    /// The id of the card that pays for the plan.
    pub card: String,
    /// The token of the invitation.
    pub invitation: String,
}

impl AllPages {
    /// Signs up the person and fills the pages.
    pub async fn fill(app: &TestApp) -> Self {
        let owner = app.sign_up("ada").await;
        let client = owner.create_client("Acme Corp").await;
        subscribe_and_list_invoices(app, &owner, &client).await;
        let project = owner.create_project(&client, "Churn analysis").await;
        let brief = json!({"content": "# Goal\n\nFind out **why** customers leave."});
        let path = format!("/v1/projects/{project}/brief");
        owner.visitor.send_json(reqwest::Method::PUT, &path, &brief).await.expect(200);
        owner.visitor.upload(&client, Some(&project), "reports/churn.csv", b"month,churn\n").await;
        let run = start_run(&owner, &project, "scheduled").await;
        let end = json!({"status": "failed", "summary": "2 of 10 checks failed"});
        finish_run(&owner, &run, end).await.expect(200);
        create_key(&owner, &client, "ci").await.expect(200);
        create_token(&owner, json!({"token_name": "laptop"})).await.expect(200);
        let invitation = invite_and_read_token(app, &owner, &client, "grace@example.com").await;
        let methods = format!("/v1/clients/{client}/payment-methods");
        let methods = owner.get(&methods).await.expect(200).json();
        let card = methods["data"][0]["id"].as_str().unwrap().to_owned();
        Self { owner, client, project, card, invitation }
    }

    /// Returns a path of a page with the names of its values in their place.
    pub fn pattern(&self, path: &str) -> String {
        path.replace(&self.client, "{client_id}")
            .replace(&self.project, "{project_id}")
            .replace(&self.card, "{payment_method_id}")
            .replace(&self.invitation, "{token}")
            .replace(&price(PREVIEWED_PLAN), "{price_id}")
    }

    /// Returns the paths of the pages for people who are signed out.
    pub fn signed_out(&self) -> Vec<String> {
        let invitation = format!("invitations/accept?token={}", self.invitation);
        let pages = [
            "sign-up",
            "sign-in",
            "verify-email?email=ada@example.com",
            "two-factor",
            "forgot-password",
            "reset-password",
            "reset-password?token=x",
            "undo-email?token=x",
            "not-me?token=x",
            &invitation,
        ];
        pages.map(|page| format!("/account/{page}")).into()
    }

    /// Returns the paths of the pages for the person, those of the account first.
    pub fn signed_in(&self) -> Vec<String> {
        let account = [
            "profile",
            "profile/delete",
            "security",
            "security/two-factor",
            "security/passkeys/add",
            "connections",
            "notifications",
            "tokens",
            "device",
            "device/approved",
            "device/denied",
            "api-keys",
            "activity",
            "organizations",
        ];
        let preview = format!("/billing/plan?price_id={}", price(PREVIEWED_PLAN));
        let remove_card = format!("/billing/cards/{}/remove", self.card);
        let organization = [
            "",
            "/projects",
            "/artifacts",
            "/team",
            "/api-keys",
            "/usage",
            "/billing",
            "/billing/transactions",
            "/billing/cancel",
            &preview,
            &remove_card,
            "/activity",
            "/settings",
        ];
        let account = account.iter().map(|page| format!("/account/{page}"));
        let base = format!("/account/organizations/{}", self.client);
        let organization = organization.iter().map(|page| format!("{base}{page}"));
        let project = format!("{base}/projects/{}", self.project);
        let project = ["", "/brief", "/runs", "/delete"].map(|page| format!("{project}{page}"));
        account.chain(organization).chain(project).collect()
    }
}
