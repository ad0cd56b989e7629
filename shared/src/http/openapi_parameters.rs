//! Parameters that many operations share, for the OpenAPI document.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Object, Required};

use crate::dynamo::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};
use crate::idempotency::{MAX_KEY_LEN, RESPONSE_TTL};

/// The `Idempotency-Key` header.
#[derive(Clone, Copy, Debug)]
pub struct IdempotencyKeyHeader;

impl IntoParams for IdempotencyKeyHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let hours = RESPONSE_TTL.as_secs() / (60 * 60);
        let description = format!(
            "A unique string for this request. Repeating the request with the same key within {hours} \
             hours returns the first response, with the header `idempotent-replayed: true`."
        );
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .max_length(Some(MAX_KEY_LEN));
        vec![parameter("Idempotency-Key", ParameterIn::Header, description, schema.build())]
    }
}

/// The query parameters `limit` and `cursor` of a list.
#[derive(Clone, Copy, Debug)]
pub struct PageParameters;

impl IntoParams for PageParameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1_usize))
            .maximum(Some(usize::from(MAX_PAGE_SIZE)));
        let cursor = ObjectBuilder::new().schema_type(Type::String);
        let size =
            format!("The maximum number of entries on the page; {DEFAULT_PAGE_SIZE} by default");
        let next = "The `next_cursor` of the previous page".to_owned();
        vec![
            parameter("limit", ParameterIn::Query, size, limit.build()),
            parameter("cursor", ParameterIn::Query, next, cursor.build()),
        ]
    }
}

fn parameter(name: &str, place: ParameterIn, description: String, schema: Object) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
