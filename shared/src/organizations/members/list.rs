//! Lists the members of an organization.

use super::MemberView;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Key, ListQuery, Page, PageRequest, query};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Member;
use crate::organizations::authorize::authorize;
use crate::organizations::invitations::Invitation;
use crate::organizations::rights::Right;
use crate::organizations::user_lookup::load_users;

/// Lists the members in a stable order. After the last member, callers who may manage members also
/// see the open invitations.
///
/// Takes two round trips: the caller is read together with the members, then names and invitations
/// are read.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::NoAccess`] if the caller is not a member.
/// * [`Error::InvalidCursor`] if the cursor is not from this list, or points into invitations that
///   the caller may not see.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<MemberView>> {
    let authorized = authorize(ctx, caller, id, Right::View, &[]);
    let invitations = ListQuery::new(keys::organization(id).pk, keys::INVITATIONS);
    if invitations.has_cursor(ctx, page).await {
        let (authorized, pending) = tokio::join!(authorized, query(ctx, &invitations, page));
        if !authorized?.0.role.has_right(Right::ManageMembers) {
            return Err(Error::InvalidCursor);
        }
        let pending: Page<Invitation> = pending?;
        let views = pending_views(ctx, &pending);
        return Ok(pending.with_data(views));
    }
    let members = ListQuery::new(invitations.pk.clone(), keys::MEMBERS);
    let (authorized, members) = tokio::join!(authorized, query(ctx, &members, page));
    let (can_manage, members) = (authorized?.0.role.has_right(Right::ManageMembers), members?);
    let members: Page<Member> = members;
    let pending = async {
        if can_manage && members.next_cursor.is_none() {
            let room = usize::from(page.limit).saturating_sub(members.data.len());
            first_invitations(ctx, id, &invitations, u16::try_from(room).unwrap_or_default()).await
        } else {
            Ok(Page { data: Vec::new(), next_cursor: members.next_cursor.clone() })
        }
    };
    let ids = members.data.iter().map(|member| &member.user_id);
    let (users, pending) = tokio::try_join!(load_users(ctx, ids), pending)?;
    let active =
        |member: &Member| MemberView::active(member, users.get(&member.user_id), can_manage);
    let mut all: Vec<_> = members.data.iter().map(active).collect();
    all.extend(pending_views(ctx, &pending));
    Ok(pending.with_data(all))
}

/// Reads the invitations that fit on the page of the last members. Without room for any, it returns
/// a cursor to the first invitation.
async fn first_invitations(
    ctx: &Context,
    id: &OrganizationId,
    invitations: &ListQuery,
    room: u16,
) -> Result<Page<Invitation>> {
    let first = PageRequest { limit: room.max(1), cursor: None };
    let found: Page<Invitation> = query(ctx, invitations, &first).await?;
    if room > 0 || found.data.is_empty() {
        return Ok(found);
    }
    // No invitation has this key, and all have a greater one.
    let start = Key::new(keys::organization(id).pk, keys::INVITATIONS);
    let beginning = invitations.first_cursor(ctx, &start).await?;
    Ok(Page { data: Vec::new(), next_cursor: Some(beginning) })
}

/// Converts the invitations that have not expired. DynamoDB deletes expired items late.
fn pending_views(ctx: &Context, page: &Page<Invitation>) -> Vec<MemberView> {
    let live = page.data.iter().filter(|invitation| invitation.is_live(ctx.now()));
    live.map(MemberView::pending).collect()
}
