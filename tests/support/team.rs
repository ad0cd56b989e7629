//! An organization with a person in each role.

use shared::organizations::Role;

use crate::members::{create_team, sign_up_member};
use crate::{Person, TestApp};

/// An organization on a plan with enough seats, and four people who stand in different relations to it.
pub struct Team {
    /// The owner, `ada@example.com`.
    pub owner: Person,
    /// An admin, `bob@example.com`.
    pub admin: Person,
    /// A member without further rights, `eve@example.com`.
    pub member: Person,
    /// A person who does not belong to the organization, `stranger@example.com`.
    pub stranger: Person,
    /// The id of the organization.
    pub client: String,
}

impl Team {
    /// Signs up the four people and creates the organization, which is named `Acme Corp`.
    pub async fn create(app: &TestApp) -> Self {
        let owner = app.sign_up("ada").await;
        let client = create_team(app, &owner).await;
        Self {
            admin: sign_up_member(app, &client, "bob", Role::Admin).await,
            member: sign_up_member(app, &client, "eve", Role::Member).await,
            stranger: app.sign_up("stranger").await,
            owner,
            client,
        }
    }
}
