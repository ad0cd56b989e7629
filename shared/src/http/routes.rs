//! The macro that lists a function's routes.

/// Lists the routes of a function, each as `METHOD "/path" => handler;`.
///
/// Defines the router under the given name, and beside it:
///
/// - `ROUTES`: method and path of each route.
/// - `openapi()`: the OpenAPI document, which has a path item for each handler. Only tests call it, so
///   the linker leaves it and all schemas out of the binaries.
///
/// A handler's `#[utoipa::path]` states its method and path again. `tests/checks/openapi.rs` compares the
/// document with `ROUTES`.
#[macro_export]
macro_rules! routes {
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $router:ident() -> Router<$state:ty>;
        $($method:ident $path:literal => $($handler:ident)::+;)*
    ) => {
        $(#[$attribute])*
        $visibility fn $router() -> ::axum::Router<$state> {
            ::axum::Router::new()$(.route(
                $path,
                ::axum::routing::on(::axum::routing::MethodFilter::$method, $($handler)::+),
            ))*
        }

        /// Method and path of each route that the OpenAPI document describes.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        /// Returns the OpenAPI document of the function's routes, for tests.
        pub fn openapi() -> ::utoipa::openapi::OpenApi {
            #[derive(::utoipa::OpenApi)]
            #[openapi(paths($($($handler)::+),*))]
            struct Document;

            <Document as ::utoipa::OpenApi>::openapi()
        }
    };
}
