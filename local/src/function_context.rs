//! The context of a function, with only its rights.

use aws_config::SdkConfig;
use shared::context::Context;
use shared::dynamo::Table;

use crate::aws::sdk_of_function;
use crate::template::Function;

/// Returns the context of a function. As on Lambda, it has only the keys of the secrets that the function reads, and
/// its table only allows what the function's policy allows.
pub(crate) fn function_context(ctx: &Context, sdk: &SdkConfig, function: &Function) -> Context {
    let client = aws_sdk_dynamodb::Client::new(&sdk_of_function(sdk, function));
    let mut restricted = ctx.restricted_to(function.secrets);
    restricted.table = Table::new(client, ctx.config.table_name.clone());
    restricted
}
