//! The actions of operators for customers. The function has no route: only principals of the AWS account that
//! may invoke it reach it, with `ops/admin`. Each call names an operator, a ticket and a reason.
//!
//! The input is `{"operator", "ticket", "reason", "action": {"name", …}}`, and the answer `{"result": …}` or
//! `{"error": {"code", "message"}}`.

mod actions;

use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::cause::caused_by;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::support_case::SupportCase;
use tracing::Instrument;

use actions::Action;

/// The input of the function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(default)]
    operator: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    action: Value,
}

/// Handles an invocation by Lambda. Every log line of the invocation has its `request_id`, and so have the mails, jobs
/// and copied events that it causes.
pub async fn handle(ctx: &Context, invocation: LambdaEvent<Value>) -> Value {
    // The level of an error, so that the span exists at every `LogLevel`.
    let span = tracing::error_span!("invocation", request_id = invocation.context.request_id);
    let answer = answer(ctx, invocation.payload);
    caused_by(Some(invocation.context.request_id), answer).instrument(span).await
}

/// Runs the action of an input and returns the answer. An error is answered as `{"error": …}`.
async fn answer(ctx: &Context, input: Value) -> Value {
    match run(ctx, input).await {
        Ok(result) => json!({"result": result}),
        Err(error) => {
            shared::http::log_error(&error);
            let code = shared::http::error_code(&error);
            json!({"error": {"code": code, "message": error.to_string()}})
        }
    }
}

async fn run(ctx: &Context, input: Value) -> Result<Value> {
    let Input { operator, ticket, reason, action } =
        serde_json::from_value(input).map_err(|error| unreadable(&error))?;
    let case = SupportCase::parse(&operator, &ticket, &reason)?;
    let name = action["name"].as_str().unwrap_or_default().to_owned();
    let result = match serde_json::from_value::<Action>(action) {
        Ok(action) => action.run(ctx, &case).await,
        // Logged as a refused call as well.
        Err(error) => Err(unreadable(&error)),
    };
    let outcome = if result.is_ok() { "done" } else { "refused" };
    let SupportCase { operator, ticket, reason } = &case;
    tracing::info!(action = name, operator, ticket, reason, outcome, "an operator acted");
    result
}

/// Says in plain words why an input cannot be read, with the name of the parameter where serde states it.
fn unreadable(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    // This is the wording of serde's derive.
    let named = |prefix: &str| text.strip_prefix(prefix)?.split('`').next();
    if let Some(parameter) = named("missing field `") {
        return Error::invalid_field(parameter, "must be given");
    }
    if let Some(parameter) = named("unknown field `") {
        return Error::invalid_field(parameter, "is not a parameter");
    }
    Error::invalid_field("input", shared::http::type_rule(&text))
}
