//! `POST /account/organizations/{client_id}/api-keys`: creates a key, and shows its value once.

use axum::extract::State;
use shared::api_keys::create::{NewKeyParams, create};
use shared::context::Context;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::switcher::load_page_user;
use shared::values::Name;

use super::keys_path;
use super::page::show_first;
use super::value_page::{value_frame, value_page};
use crate::forms::{BearerFields, Submission};
use crate::pages::{ForPage, PageResult};

/// Creates a key.
pub(crate) async fn create_key(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let created = async {
        let BearerFields { scopes, allowed_ips, lifetime } =
            BearerFields::parse(&submission.fields)?;
        let name = Name::parse(submission.fields.get("name"))?;
        let new = NewKeyParams { name, scopes, allowed_ips, lifetime };
        let (caller, key) = (&submission.visitor.caller, submission.idempotency_key());
        create(&ctx, caller, &key, &organization, &new).await
    };
    match created.await {
        Ok(created) => {
            let frame = value_frame(&ctx, &organization, &submission.visitor.page, user).await;
            let frame = frame.with_title("API key created");
            value_page(&ctx, &organization, &frame, &created.response)
        }
        Err(error) => {
            let path = keys_path(&organization);
            let state = submission.refused(error)?;
            show_first(&ctx, &organization, &submission.visitor.with_form(&path, state)).await
        }
    }
}
