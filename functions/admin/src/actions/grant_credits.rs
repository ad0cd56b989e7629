//! `grant_credits`: grants credits to an organization, or takes some back.

use serde::Deserialize;
use serde_json::{Number, Value};
use shared::billing::ledger::SupportKey;
use shared::context::Context;
use shared::credits::Credits;
use shared::error::{Error, Result};
use shared::operators::adjust_credits::{CreditAdjustment, adjust_credits};
use shared::support_case::SupportCase;

use super::conversions::{parse_id, to_json};

/// Parameters of `grant_credits`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the organization that gets the credits.
    client_id: String,
    /// The credits; negative to take them back. At most six decimal places.
    credits: Number,
    /// The idempotency key of the adjustment. The ticket if absent.
    #[serde(default)]
    key: Option<String>,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if a parameter is malformed. Otherwise the errors of [`adjust_credits`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let why = "must be a number with at most six decimal places";
    let credits = Credits::parse(&params.credits.to_string());
    let adjustment = CreditAdjustment {
        organization_id: parse_id("client_id", &params.client_id)?,
        credits: credits.ok_or_else(|| Error::invalid_field("credits", why))?,
        key: parse_key(params.key.as_deref(), &case.ticket)?,
    };
    to_json(adjust_credits(ctx, &adjustment, case).await?)
}

/// Parses the idempotency key, or the ticket in its place.
fn parse_key(key: Option<&str>, ticket: &str) -> Result<SupportKey> {
    match key {
        Some(key) => SupportKey::parse(key),
        None => SupportKey::parse(ticket).map_err(|_| {
            let why = "must be printable ASCII; send a `key` if the ticket has other characters";
            Error::invalid_field("ticket", why)
        }),
    }
}
