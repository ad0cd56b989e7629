//! The principal for whom an upload is completed: a caller, or a job that a caller has enqueued.

use std::time::Duration;

use super::Artifact;
use super::upload::upload_event;
use crate::activity::{Actor, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::organizations::Organization;
use crate::organizations::authorize::Authorized;
use crate::projects::authorize::LoadedScope;
use crate::requester::Requester;

/// How long S3 may take for the copy in a request. It is tried once, because another copy would exceed the request's
/// time.
const REQUEST_COPY_TIMEOUT: Duration = Duration::from_secs(6);

/// How long S3 may take for the copy in a step of a job, which ends before the worker's `Timeout` in `template.yaml`.
const JOB_COPY_TIMEOUT: Duration = Duration::from_secs(40);

/// The principal for whom an upload is completed.
pub(super) enum Authority<'a> {
    /// A caller who may upload to the scope.
    Caller(&'a Caller, &'a Authorized),
    /// A job, for the caller who enqueued it.
    Job { organization: &'a Organization, actor: &'a Actor, requester: &'a Requester },
}

impl Authority<'_> {
    /// Adds checks to `tx` that the version may still be added.
    pub(super) fn recheck(&self, tx: &mut Tx<'_>, loaded: &LoadedScope) -> Result<()> {
        match (self, loaded) {
            (Self::Caller(_, authorized), _) => authorized.recheck(tx),
            (Self::Job { organization, .. }, LoadedScope::Project(_)) => {
                organization.require_exists(tx)
            }
            // The change of the scope checks the organization.
            (Self::Job { .. }, LoadedScope::Organization(_)) => Ok(()),
        }
    }

    /// Creates the event of the upload.
    pub(super) fn event(&self, ctx: &Context, artifact: &Artifact) -> AuditEvent {
        match self {
            Self::Caller(caller, authorized) => {
                upload_event(ctx, &caller.requester, authorized.principal.actor(), artifact)
            }
            Self::Job { actor, requester, .. } => {
                upload_event(ctx, requester, (*actor).clone(), artifact)
            }
        }
    }

    /// Returns how long S3 may take for the copy.
    pub(super) fn copy_timeout(&self) -> Duration {
        match self {
            Self::Caller(..) => REQUEST_COPY_TIMEOUT,
            Self::Job { .. } => JOB_COPY_TIMEOUT,
        }
    }
}
