//! The routes of a function.
//!
//! A start of a function creates none of its handlers: the routes are a constant table, and the router of a path is
//! created by the first request to it. Creating all routers would take a quarter of the dashboard's start.

use std::cmp::Ordering;
use std::sync::Arc;

use axum::Router;
use axum::routing::MethodRouter;

/// Lists the routes of a function, each as `METHOD "/path" => handler;`.
///
/// Defines a function that returns the [`Routes`] under the given name, and beside it:
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
        $visibility:vis fn $router:ident() -> Routes<$state:ty>;
        $($method:ident $path:literal => $($handler:ident)::+;)*
    ) => {
        $(#[$attribute])*
        $visibility fn $router() -> $crate::http::Routes<$state> {
            const TABLE: &[$crate::http::Route<$state>] = &[$($crate::http::Route::new(
                $path,
                || ::axum::routing::on(::axum::routing::MethodFilter::$method, $($handler)::+),
            )),*];
            $crate::http::Routes::new(::core::env!("CARGO_PKG_NAME"), TABLE)
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

/// A path and its handlers.
pub struct Route<S: 'static> {
    path: &'static str,
    handlers: fn() -> MethodRouter<S>,
}

impl<S> Route<S> {
    /// Creates a route. In its path, `{name}` is one segment and `{*name}` is the rest, as in axum. `handlers` creates
    /// the handlers by method.
    pub const fn new(path: &'static str, handlers: fn() -> MethodRouter<S>) -> Self {
        Self { path, handlers }
    }
}

/// The routes of a function.
pub struct Routes<S: 'static> {
    service: &'static str,
    groups: Vec<Group<S>>,
}

/// Routes with the same layers.
struct Group<S: 'static> {
    routes: &'static [Route<S>],
    layers: Vec<Arc<Layer<S>>>,
}

/// Adds a layer to a router.
type Layer<S> = dyn Fn(Router<S>) -> Router<S> + Send + Sync;

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Creates routes without layers. `service` is the name of the function's crate.
    pub fn new(service: &'static str, routes: &'static [Route<S>]) -> Self {
        Self { service, groups: vec![Group { routes, layers: Vec::new() }] }
    }

    /// Returns the name of the function's crate, such as `auth`.
    pub(super) const fn service(&self) -> &'static str {
        self.service
    }

    /// Adds a layer around the routes that were added so far. `layer` is called once for each requested path.
    #[must_use]
    pub fn layer(mut self, layer: impl Fn(Router<S>) -> Router<S> + Send + Sync + 'static) -> Self {
        let layer: Arc<Layer<S>> = Arc::new(layer);
        for group in &mut self.groups {
            group.layers.push(layer.clone());
        }
        self
    }

    /// Adds the routes of `other`.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.groups.extend(other.groups);
        self
    }

    /// Returns the pattern of a path, such as `/v1/clients/{client_id}`. If several patterns match, the first segment
    /// in which they differ decides: a literal comes before a variable, and a variable before the rest of the path.
    pub(super) fn pattern(&self, path: &str) -> Option<&'static str> {
        let routes = self.groups.iter().flat_map(|group| group.routes);
        let patterns = routes.map(|route| route.path).filter(|pattern| path_matches(pattern, path));
        patterns.min_by(|left, right| precedence(left, right))
    }

    /// Creates the router of a pattern, which has no other routes.
    pub(super) fn router(&self, pattern: &str) -> Router<S> {
        let mut router = Router::new();
        for group in &self.groups {
            let routes = group.routes.iter().filter(|route| route.path == pattern);
            let of_group = routes
                .fold(Router::new(), |router, route| router.route(route.path, (route.handlers)()));
            if of_group.has_routes() {
                let layers = group.layers.iter();
                router = router.merge(layers.fold(of_group, |router, layer| layer(router)));
            }
        }
        router
    }
}

/// Returns whether a path matches a pattern, in which `{…}` stands for a segment and `{*…}` for the rest.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut rest) = (pattern.split('/'), Some(path));
    loop {
        let Some(wanted) = pattern.next() else {
            return rest.is_none();
        };
        let Some(path) = rest else {
            return false;
        };
        if wanted.starts_with("{*") {
            return !path.is_empty();
        }
        let (given, after) =
            path.split_once('/').map_or((path, None), |(given, after)| (given, Some(after)));
        // As in axum, only the last segment may not be empty.
        let is_match = match wanted.starts_with('{') {
            true => !given.is_empty() || after.is_some(),
            false => wanted == given,
        };
        if !is_match {
            return false;
        }
        rest = after;
    }
}

/// Compares two patterns that match the same path.
fn precedence(left: &str, right: &str) -> Ordering {
    let kind = |segment: &str| match segment {
        rest if rest.starts_with("{*") => 2,
        variable if variable.starts_with('{') => 1,
        _ => 0,
    };
    left.split('/').map(kind).cmp(right.split('/').map(kind))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::MatchedPath;
    use axum::http::Request;
    use axum::routing::{get, post};
    use proptest::prelude::*;
    use tower::ServiceExt;

    use super::*;

    async fn matched(path: MatchedPath) -> String {
        path.as_str().to_owned()
    }

    const TABLE: &[Route<()>] = &[
        Route::new("/", || get(matched)),
        Route::new("/a", || get(matched)),
        Route::new("/a", || post(matched)),
        Route::new("/a/b", || get(matched)),
        Route::new("/a/{x}", || get(matched)),
        Route::new("/a/b/c", || get(matched)),
        Route::new("/a/{x}/c/d", || get(matched)),
        Route::new("/a/{x}/{y}", || get(matched)),
        Route::new("/c/d", || get(matched)),
        Route::new("/c/{*rest}", || get(matched)),
        Route::new("/b/{x}/c", || get(matched)),
        Route::new("/{*rest}", || get(matched)),
    ];

    fn all_in_one() -> Router {
        TABLE
            .iter()
            .fold(Router::new(), |router, route| router.route(route.path, (route.handlers)()))
    }

    async fn pattern_of_axum(path: &str) -> Option<String> {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = all_in_one().oneshot(request).await.unwrap();
        let found = response.status() == 200;
        let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        found.then(|| String::from_utf8(body.to_vec()).unwrap())
    }

    proptest! {
        #[test]
        fn routes_are_chosen_as_by_axum(
            segments in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", "", "%7B"]), 0..5),
        ) {
            let path = format!("/{}", segments.join("/"));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let expected = runtime.block_on(pattern_of_axum(&path));
            let routes = Routes::new("test", TABLE);
            prop_assert_eq!(routes.pattern(&path), expected.as_deref(), "{}", path);
        }
    }

    #[test]
    fn patterns_match_whole_segments() {
        assert!(path_matches("/v1/clients/{id}", "/v1/clients/client_x"));
        for path in ["/v1/clients", "/v1/clients/", "/v1/clients/x/y", "/v1/other/x"] {
            assert!(!path_matches("/v1/clients/{id}", path), "{path}");
        }
    }

    #[tokio::test]
    async fn methods_of_one_path_are_one_router() {
        let router = || Routes::new("test", TABLE).router("/a");
        for (method, status) in [("GET", 200), ("HEAD", 200), ("POST", 200), ("PUT", 405)] {
            let request = Request::builder().method(method).uri("/a").body(Body::empty()).unwrap();
            let response = router().with_state(()).oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{method}");
        }
        let request = Request::get("/a/b").body(Body::empty()).unwrap();
        assert_eq!(router().with_state(()).oneshot(request).await.unwrap().status(), 404);
    }
}
