//! Extractors for the submission of a form.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use shared::context::Context;
use shared::error::Error;
use shared::idempotency::IdempotencyKey;
use shared::requester::Requester;

use super::fields::Fields;
use super::form_state::FormState;
use crate::pages::{PageContext, PageError, Visitor};

/// The submission of a form by a signed-in person.
pub(crate) struct Submission {
    /// The person who submits the form.
    pub(crate) visitor: Visitor,
    /// The submitted fields.
    pub(crate) fields: Arc<Fields>,
    /// The form's action.
    pub(crate) action: String,
}

/// The submission of a form by a browser that need not have a session.
pub(crate) struct PublicSubmission {
    /// The context of the page that answers.
    pub(crate) page: PageContext,
    /// The address and device that the request came from.
    pub(crate) requester: Requester,
    /// The submitted fields.
    pub(crate) fields: Arc<Fields>,
    /// The form's action.
    pub(crate) action: String,
}

impl FromRequestParts<Context> for Submission {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self, PageError> {
        let (fields, action) = submitted(parts)?;
        Ok(Self { visitor: Visitor::from_request_parts(parts, ctx).await?, fields, action })
    }
}

impl FromRequestParts<Context> for PublicSubmission {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self, PageError> {
        let (fields, action) = submitted(parts)?;
        let page = PageContext::from_request_parts(parts, ctx).await?;
        let requester = Requester::from_request_parts(parts, ctx).await?;
        Ok(Self { page, requester, fields, action })
    }
}

/// Returns the fields that the layer around all pages has read and checked, and the form's action.
fn submitted(parts: &Parts) -> Result<(Arc<Fields>, String), PageError> {
    let fields = parts.extensions.get::<Arc<Fields>>();
    let fields = fields.ok_or_else(|| Error::internal("the form was not read"))?;
    Ok((Arc::clone(fields), parts.uri.path().to_owned()))
}

impl Submission {
    /// Returns the key under which a repeated submission of the same page's form is recognized.
    pub(crate) fn idempotency_key(&self) -> IdempotencyKey {
        let owner = self.visitor.caller.credential.user().map(ToString::to_string);
        idempotency_key(&owner.unwrap_or_default(), &self.fields, &self.action)
    }

    /// Returns the form to show again after an error that the person can mend.
    ///
    /// # Errors
    /// Any other error, for which there is a page of its own.
    pub(crate) fn refused(&self, error: Error) -> Result<FormState, PageError> {
        refused(&self.action, &self.fields, error)
    }
}

impl Submission {
    /// Returns the form to show again if a value was changed after the form was shown, for instance in another tab. The
    /// form's field `before_<name>` has the value that was shown; `current` has the present values.
    pub(crate) fn changed_elsewhere(&self, current: &[(&str, &str)]) -> Option<FormState> {
        let is_changed = |(name, now): &&(&str, &str)| {
            let before = format!("before_{name}");
            let (before, typed) =
                (self.fields.optional(&before).unwrap_or_default(), self.fields.get(name));
            self.fields.has(&format!("before_{name}"))
                && before != *now
                && typed != *now
                && typed != before
        };
        let (name, now) = current.iter().find(is_changed)?;
        let now = if now.is_empty() { "empty".to_owned() } else { format!("“{now}”") };
        let message = format!(
            "This was changed elsewhere in the meantime. It is {now} now, and you typed “{}”. Save again to keep yours.",
            self.fields.get(name)
        );
        Some(FormState::with_message(&self.action, &self.fields, Some(name), message))
    }
}

impl PublicSubmission {
    /// Returns the key under which a repeated submission of the same page's form is recognized.
    pub(crate) fn idempotency_key(&self) -> IdempotencyKey {
        let owner = format!("network {}", self.requester.network());
        idempotency_key(&owner, &self.fields, &self.action)
    }

    /// Returns the form to show again after an error that the person can mend.
    ///
    /// # Errors
    /// Any other error, for which there is a page of its own.
    pub(crate) fn refused(&self, error: Error) -> Result<FormState, PageError> {
        refused(&self.action, &self.fields, error)
    }
}

fn idempotency_key(owner: &str, fields: &Fields, action: &str) -> IdempotencyKey {
    let Some(key) = fields.optional("idempotency_key") else { return IdempotencyKey::none() };
    let files = fields
        .files()
        .map(|file| (file.name.as_str(), HEXLOWER.encode(&Sha256::digest(&file.bytes))));
    let typed = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.typed())
        .extend_pairs(files)
        .finish();
    // All forms of a page have the same nonce.
    let key = format!("{key} {action}");
    IdempotencyKey::new(owner, &key, &format!("POST {action}"), &typed)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a person can mend every other error")]
fn refused(action: &str, fields: &Fields, error: Error) -> Result<FormState, PageError> {
    match error {
        Error::InvalidSession
        | Error::SessionRequired
        | Error::PendingDeletion
        | Error::OrganizationSuspended
        | Error::ReauthRequired
        | Error::NotFound
        | Error::Internal(_) => Err(PageError::from(error)),
        other => {
            shared::http::log_error(&other);
            Ok(FormState::refused(action, fields, &other))
        }
    }
}
