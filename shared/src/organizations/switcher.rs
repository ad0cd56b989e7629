//! The organizations that every page of the dashboard offers its user to switch between.

use super::{ListedOrganization, Organization, Role};
use crate::billing::Plan;
use crate::billing::stripe_account::StripeAccount;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Credential, authenticate};
use crate::dynamo::{ListQuery, PageRequest, query};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::sessions::AuthenticatedSession;

/// Maximum number of organizations in the switcher. A user with more finds them in the list of organizations.
pub const MAX_SWITCHER_ENTRIES: u16 = 50;

/// The user of a page, and the organizations that they belong to.
#[derive(Clone, Debug)]
pub struct PageUser {
    /// The session of the signed-in user.
    pub signed_in: AuthenticatedSession,
    listed: Vec<ListedOrganization>,
}

/// An organization in the switcher.
#[derive(Clone, Debug)]
pub struct SwitcherEntry {
    /// The organization's id.
    pub id: OrganizationId,
    /// The organization's name.
    pub name: String,
    /// The role of the user.
    pub role: Role,
    /// The organization's plan.
    pub plan: Plan,
    /// Whether it is the user's default organization.
    pub is_default: bool,
    /// When the organization was created.
    pub created_at: Timestamp,
    /// Whether the last payment of the subscription failed.
    pub is_payment_failed: bool,
    /// Whether an operator has suspended it.
    pub is_suspended: bool,
}

/// Authenticates the user of a page, and lists their organizations in the same round trip.
///
/// # Errors
///
/// * [`Error::InvalidSession`] if the session has ended or expired.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::PendingDeletion`] if the account is scheduled for erasure.
pub async fn load_page_user(ctx: &Context, caller: &Caller) -> Result<PageUser> {
    let Credential::Session(token) = &caller.credential else {
        return Err(Error::SessionRequired);
    };
    let page = PageRequest { limit: MAX_SWITCHER_ENTRIES, cursor: None };
    let listed = ListQuery::new(keys::user(&token.user).pk, keys::LISTED_ORGANIZATIONS);
    let listed = query(ctx, &listed, &page);
    let (authenticated, listed) = tokio::join!(authenticate(ctx, caller, &[]), listed);
    let signed_in = authenticated?.0.into_session()?;
    Ok(PageUser { signed_in, listed: listed?.data })
}

impl PageUser {
    /// Reads names, plans and failed payments of the user's organizations, in one round trip. Leaves deleted
    /// organizations out.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if the table cannot be read.
    pub async fn load_switcher(&self, ctx: &Context) -> Result<Vec<SwitcherEntry>> {
        let ids: Vec<_> = self.listed.iter().map(|listed| &listed.client_id).collect();
        let wanted: Vec<_> =
            ids.iter().flat_map(|id| [keys::organization(id), keys::stripe_account(id)]).collect();
        let mut found = ctx.table.batch_get_any(&wanted).await?;
        let mut entries = Vec::with_capacity(self.listed.len());
        for listed in &self.listed {
            let organization =
                found.take::<Organization>(&keys::organization(&listed.client_id))?;
            let account = found.take::<StripeAccount>(&keys::stripe_account(&listed.client_id))?;
            let Some(organization) = organization.filter(Organization::exists) else { continue };
            let subscription = account.and_then(|account| account.subscription);
            entries.push(SwitcherEntry {
                role: listed.role,
                plan: organization.plan,
                is_default: organization.is_default_of(&listed.user_id),
                created_at: organization.created_at,
                is_payment_failed: subscription
                    .is_some_and(|subscription| subscription.status.is_payment_failed()),
                is_suspended: organization.suspension.is_some(),
                name: organization.name.to_string(),
                id: organization.id,
            });
        }
        Ok(entries)
    }
}
