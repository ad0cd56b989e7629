//! Records that an operator looked at an account or an organization.

use super::subject::Subject;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::support_case::SupportCase;

/// Writes into the log of the subject that an operator looked at it.
///
/// # Errors
/// `NotFound` if the subject does not exist, so that nothing is shown that was not recorded.
pub async fn record_view(ctx: &Context, subject: &Subject, case: &SupportCase) -> Result<()> {
    let key = match subject {
        Subject::User(user) => keys::user(user),
        Subject::Organization(organization) => keys::organization(organization),
    };
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        // An event in the log of an erased account would never be erased.
        tx.check(&key, &Condition::Exists, AttemptError::from(Error::NotFound))?;
        let action = Action::ViewedBySupport;
        tx.commit(AuditEvent::for_support(ctx, &subject.scope(), case, action)).await
    })
    .await
}
