//! The Lambda function for passkeys.

use shared::context::Context;

shared::routes! {
    /// Returns the function's routes.
    pub fn routes() -> Router<Context>;
}
