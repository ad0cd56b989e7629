//! What the OpenAPI documents of all functions have in common.

use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::{ErrorBody, SESSION_COOKIE};

/// The frame that every function's operations are merged into.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "AIUS account service",
        version = "1",
        description = "Accounts and organizations (clients) of AIUS.\n\n\
            JSON in and out; times are whole seconds since 1970 UTC. Every path also answers under \
            `/api`: the public base is `https://aius.co/api`. Errors are \
            `{\"detail\":{\"code\",\"message\"}}`, and `{\"detail\":\"…\"}` where a credential was \
            refused; program against `code`. Unknown fields are ignored, a field sent twice is \
            refused. Every answer carries `x-request-id`."
    ),
    servers((url = "/", description = "This deployment")),
    components(schemas(ErrorBody)),
    modifiers(&Credentials)
)]
pub struct Frame;

struct Credentials;

impl utoipa::Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            SESSION_COOKIE,
            "A signed-in session: the cookie that signing in sets, or `session_token` in its place",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("aius_…")
            .description(Some("An API token"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
