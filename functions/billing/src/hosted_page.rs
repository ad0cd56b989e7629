//! The input of the calls that create a page at Stripe: checkout, top-up, portal and card set-up.

use axum::extract::{FromRequest, FromRequestParts, Request};
use serde::de::DeserializeOwned;
use shared::billing::hosted_pages::HostedPageRequest;
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::Result;
use shared::http::{self, CallerBody, Id, IdempotentBody, Rejection, SessionCaller};
use shared::idempotency::IdempotencyKey;
use shared::ids::OrganizationId;

/// A session's call for a page of the organization in the path, with a body that is not checked yet.
pub(crate) struct HostedPageInput<T> {
    caller: Caller,
    organization_id: OrganizationId,
    body: CallerBody<T>,
}

/// A call for a page with checked parameters.
pub(crate) struct HostedPageCall<P> {
    /// The parameters of the page.
    pub(crate) params: P,
    caller: Caller,
    organization_id: OrganizationId,
    idempotency_key: IdempotencyKey,
}

impl<T: DeserializeOwned> FromRequest<Context> for HostedPageInput<T> {
    type Rejection = Rejection;

    async fn from_request(request: Request, ctx: &Context) -> http::Result<Self> {
        let (mut parts, body) = request.into_parts();
        let SessionCaller(caller) = SessionCaller::from_request_parts(&mut parts, ctx).await?;
        let Id(organization_id) = Id::<OrganizationId>::from_request_parts(&mut parts, ctx).await?;
        let request = Request::from_parts(parts, body);
        let body = <CallerBody<T> as FromRequest<Context>>::from_request(request, ctx).await?;
        Ok(Self { caller, organization_id, body })
    }
}

impl<T> HostedPageInput<T> {
    /// Converts the body with `parse`.
    ///
    /// # Errors
    /// Those of [`CallerBody::parse`].
    pub(crate) async fn parse<P>(
        self,
        parse: impl FnOnce(T) -> Result<P>,
    ) -> http::Result<HostedPageCall<P>> {
        let Self { caller, organization_id, body } = self;
        let IdempotentBody { body: params, idempotency_key } = body.parse(parse).await?;
        Ok(HostedPageCall { params, caller, organization_id, idempotency_key })
    }
}

impl<P> HostedPageCall<P> {
    /// Returns the request without its parameters.
    pub(crate) fn request(&self) -> HostedPageRequest<'_> {
        HostedPageRequest {
            caller: &self.caller,
            organization_id: &self.organization_id,
            idempotency_key: &self.idempotency_key,
        }
    }
}
