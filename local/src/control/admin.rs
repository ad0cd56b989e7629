//! The endpoint `/local/admin`, which runs actions of operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use local_support::ControlResult;
use serde_json::Value;

use super::ControlState;
use crate::function_context::FunctionContexts;
use crate::invocation::create_invocation;
use crate::template::Template;

/// The binary of the function that operators invoke.
pub(crate) const ADMIN: &str = "admin";

/// `POST`: invokes the function `admin` with the body as its input, and returns its answer, as `aws lambda invoke`
/// does.
pub(super) async fn invoke(
    State(state): State<Arc<ControlState>>,
    body: Result<Json<Value>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(input) = body?;
    let invocation = create_invocation(&*state.admin.random, input);
    Ok(Json(::admin::handle(&state.admin, invocation).await))
}

/// Returns the context of the function, with only its rights.
///
/// # Errors
/// A message if the template has no such function.
pub(crate) fn context(
    template: &Template,
    contexts: FunctionContexts<'_>,
) -> Result<shared::context::Context, String> {
    let function = template.functions.iter().find(|function| function.binary == ADMIN);
    let function = function.ok_or_else(|| format!("no function with the binary {ADMIN}"))?;
    Ok(contexts.create(function))
}
