//! `POST /account/tokens`: creates a personal token, and shows its value once.

use askama::Template;
use axum::extract::State;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::idempotency::Replayable;
use shared::ids::OrganizationId;
use shared::organizations::switcher::load_page_user;
use shared::tokens::create::{CreatedToken, NewToken, create};
use shared::values::Name;

use super::PATH;
use super::page::{show_first, token_command};
use crate::forms::{BearerFields, Submission};
use crate::pages::{AccountPage, Frame, NavigationItem, PageResult, html};

#[derive(Template)]
#[template(path = "account/tokens/value.html")]
struct ValuePage<'a> {
    frame: &'a Frame,
    token: &'a CreatedToken,
    /// The line for the shell.
    export: String,
    command: String,
}

/// Creates a token.
pub(crate) async fn create_token(State(ctx): State<Context>, submission: Submission) -> PageResult {
    // Nothing that can fail comes after the change, because the value is shown only once.
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match create_as_typed(&ctx, &submission).await {
        Ok(created) => {
            let item = NavigationItem::Account(AccountPage::Tokens);
            let frame = Frame::of_user(&ctx, &submission.visitor.page, user, item).await;
            let frame = frame.with_title("Token created");
            let command = token_command(ctx.config.origin());
            let token = &created.response;
            let export = format!("export AIUS_TOKEN={}", token.token.reveal());
            html(&ValuePage { frame: &frame, token, export, command })
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_first(&ctx, &submission.visitor.with_form(PATH, state)).await
        }
    }
}

async fn create_as_typed(
    ctx: &Context,
    submission: &Submission,
) -> Result<Replayable<CreatedToken>> {
    let fields = &submission.fields;
    let name = Name::parse_field("token_name", fields.get("token_name"))?;
    let only = |id| {
        let invalid = || Error::invalid_field("client_id", "choose one of your organizations");
        OrganizationId::parse(id).ok_or_else(invalid)
    };
    let BearerFields { scopes, allowed_ips, lifetime } = BearerFields::parse(fields)?;
    let new = NewToken {
        name: name.ok_or(Error::MissingTokenName)?,
        account: None,
        client_id: fields.optional("client_id").map(only).transpose()?,
        scopes,
        allowed_ips,
        lifetime,
    };
    create(ctx, &submission.visitor.caller, &submission.idempotency_key(), &new).await
}
