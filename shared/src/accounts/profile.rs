//! Changing the profile fields of a user.

use super::User;
use super::profile_fields::{Phone, ProfileText};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::Result;
use crate::sessions::{AuthenticatedSession, reload_user};
use crate::values::{Name, Timezone};

/// A change of the profile. `None` leaves a field unchanged, and `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// Name of the person, which can't be cleared.
    pub name: Option<Name>,
    /// The phone number, in the form of E.164.
    pub phone: Option<Option<Phone>>,
    /// The IANA time zone, such as `Europe/Berlin`.
    pub timezone: Option<Option<Timezone>>,
    /// The company that the person works for.
    pub company: Option<Option<ProfileText>>,
    /// What the person does there.
    pub job_title: Option<Option<ProfileText>>,
}

impl ProfileChange {
    /// Returns the names of the changed fields. The activity log records no values, which are private.
    fn fields(&self) -> Vec<&'static str> {
        let all = [
            ("name", self.name.is_some()),
            ("phone", self.phone.is_some()),
            ("timezone", self.timezone.is_some()),
            ("company", self.company.is_some()),
            ("job_title", self.job_title.is_some()),
        ];
        all.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
    }

    fn apply(&self, user: User) -> User {
        let change = self.clone();
        User {
            name: change.name.unwrap_or(user.name),
            phone: change.phone.unwrap_or(user.phone),
            timezone: change.timezone.unwrap_or(user.timezone),
            company: change.company.unwrap_or(user.company),
            job_title: change.job_title.unwrap_or(user.job_title),
            ..user
        }
    }
}

/// Changes the given profile fields and returns the changed user. Concurrent changes of different fields
/// both succeed.
///
/// # Errors
/// [`Error::InvalidSession`](crate::error::Error::InvalidSession) if the session has ended meanwhile.
pub async fn change_profile(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    change: &ProfileChange,
) -> Result<User> {
    let fields = change.fields();
    if fields.is_empty() {
        return Ok(signed_in.user.clone());
    }
    let fields = &fields.join(", ");
    let attempt = |before: User| async move {
        let mut tx = ctx.table.transaction();
        let user = change.apply(before).store(&mut tx)?;
        let entry =
            AuditEvent::for_account(ctx, &signed_in.requester, Action::ProfileChanged, &user.id);
        tx.commit(entry.with_detail("fields", fields)).await?;
        Ok(user)
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}
