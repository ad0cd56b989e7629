//! Invocations of the functions that get no HTTP request.

use lambda_runtime::LambdaEvent;
use shared::random::Random;

/// Creates an invocation with an id of its own, as Lambda does.
pub(crate) fn create_invocation<T>(random: &dyn Random, payload: T) -> LambdaEvent<T> {
    let mut context = lambda_runtime::Context::default();
    context.request_id = random.identifier();
    LambdaEvent::new(payload, context)
}
