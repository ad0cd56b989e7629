//! `GET /account/organizations`

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::billing::Plan;
use shared::context::Context;
use shared::dynamo::{DEFAULT_PAGE_SIZE, Page, PageRequest};
use shared::error::Error;
use shared::organizations::Role;
use shared::organizations::invitations::list_own::{OwnInvitation, list_own};
use shared::organizations::list::{OrganizationRow, OrganizationSummary, list, list_with_balances};

use super::PATH;
use crate::organizations::role_label;
use crate::pages::{
    AccountPage, Frame, ListRequest, Loaded, NavigationItem, PageQuery, PageResult, Pager,
    SearchField, Visitor, credits_text, grouped, html,
};

#[derive(Template)]
#[template(path = "account/organizations/page.html")]
struct OrganizationsPage<'a> {
    frame: &'a Frame,
    organizations: Loaded<Page<OrganizationRow>>,
    search: SearchField,
    deleted: Loaded<Page<OrganizationSummary>>,
    /// The invitations that wait; none before the person has verified their address.
    invitations: Loaded<Vec<OwnInvitation>>,
    pager: Pager,
    origin: &'a str,
}

/// Shows the organizations.
pub(crate) async fn organizations_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    show(&ctx, &visitor, &query.searchable_list(DEFAULT_PAGE_SIZE)).await
}

/// Shows the first page of the list, with a form to show again.
pub(super) async fn show_first(ctx: &Context, visitor: &Visitor) -> PageResult {
    show(ctx, visitor, &ListRequest::first(DEFAULT_PAGE_SIZE)).await
}

async fn show(ctx: &Context, visitor: &Visitor, request: &ListRequest) -> PageResult {
    let (caller, item) = (&visitor.caller, NavigationItem::Account(AccountPage::Organizations));
    let first = PageRequest { limit: DEFAULT_PAGE_SIZE, cursor: None };
    let (frame, organizations, deleted, invitations) = tokio::join!(
        Frame::load(ctx, visitor, item),
        list_with_balances(ctx, caller, &request.page),
        list(ctx, caller, true, &request.page),
        list_own(ctx, caller, &first),
    );
    let frame = frame?;
    let invitations = match invitations {
        Err(Error::EmailNotVerified) => Ok(Vec::new()),
        other => other.map(|page| page.data),
    };
    let mut organizations = Loaded::new("The list of organizations", organizations)?;
    let search = request.search(organizations.ready_mut(), |row| vec![row.summary.name.as_str()]);
    let next_cursor = organizations.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(PATH, &[], request, next_cursor);
    let page = html(&OrganizationsPage {
        frame: &frame,
        deleted: Loaded::new("The list of deleted organizations", deleted)?,
        invitations: Loaded::new("The list of invitations", invitations)?,
        organizations,
        search,
        pager,
        origin: ctx.config.origin(),
    })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

impl OrganizationsPage<'_> {
    /// Returns the label of the role that an invitation offers.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn offered_role(&self, invitation: &OwnInvitation) -> &'static str {
        role_label(Role::from(invitation.role))
    }

    /// Returns the balance of an organization in words.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn balance(&self, row: &OrganizationRow) -> String {
        row.balance.map(credits_text).unwrap_or_default()
    }

    /// Returns what an organization is for, and what it starts with.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn create_help(&self) -> String {
        format!(
            "Separates teams or engagements: projects, members, API keys and billing of its own. It starts on the Free \
             plan without credits: the {} free ones come once, with your account.",
            grouped(Plan::Free.limits().credits.into())
        )
    }

    /// Returns the command that creates an organization.
    fn command(&self) -> String {
        format!(
            "curl {}/v1/clients -H \"Authorization: Bearer $AIUS_TOKEN\" -H \"Content-Type: application/json\" \
             -d '{{\"name\": \"Acme Corp\"}}'",
            self.origin
        )
    }
}
