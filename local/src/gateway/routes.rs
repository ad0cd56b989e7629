//! Selects the route of a request as API Gateway does.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use std::collections::BTreeMap;

use crate::template::Template;

/// The key of the route for requests that match no other.
const DEFAULT_ROUTE: &str = "$default";

/// All routes of the template.
#[derive(Debug, Default)]
pub(super) struct Routes {
    routes: Vec<Route>,
    default: Option<Route>,
}

/// A route of the HTTP API.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The method. `None` matches any method.
    method: Option<String>,
    path: String,
    /// The route key: `GET /v1/me` or `$default`.
    key: String,
    segments: Vec<Segment>,
    function: String,
}

/// A segment of a path pattern.
#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// `{name}`: matches one segment.
    Variable(String),
    /// `{name+}`: matches all remaining segments.
    Greedy(String),
}

/// The route of a request, with the values of its variables.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'r> {
    pub(super) route: &'r Route,
    pub(super) parameters: BTreeMap<&'r str, String>,
}

impl Routes {
    /// Reads the routes of the template.
    ///
    /// # Errors
    /// A message if API Gateway would refuse a route.
    pub(super) fn from_template(template: &Template) -> Result<Self, String> {
        let mut routes = Self::default();
        for function in &template.functions {
            for route in &function.routes {
                routes.add(&route.method, &route.path, &function.binary)?;
            }
        }
        Ok(routes)
    }

    fn add(&mut self, method: &str, path: &str, function: &str) -> Result<(), String> {
        let route = Route::parse(method, path, function)?;
        if path == DEFAULT_ROUTE {
            return match self.default.replace(route) {
                None => Ok(()),
                Some(_) => Err("there are two $default routes".to_owned()),
            };
        }
        if let Some(same) = self.routes.iter().find(|other| other.conflicts_with(&route)) {
            return Err(format!("the routes {} and {} are the same", same.key(), route.key()));
        }
        self.routes.push(route);
        Ok(())
    }

    /// Finds the route of a request. `path` is percent-decoded.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<Target<'_>> {
        let target = |route| -> Option<Target<'_>> {
            let parameters = Route::match_path(route, path)?;
            Some(Target { route, parameters })
        };
        let routes = self.routes.iter().filter(|route| route.accepts_method(method));
        routes.filter_map(target).min_by_key(|target| target.route.preference()).or_else(|| {
            let route = self.default.as_ref()?;
            Some(Target { route, parameters: BTreeMap::new() })
        })
    }
}

impl Route {
    fn parse(method: &str, path: &str, function: &str) -> Result<Self, String> {
        let error = |why: &str| Err(format!("the route {method} {path}: {why}"));
        let segments = if path == DEFAULT_ROUTE {
            if method != "ANY" {
                return error("$default must have the method ANY");
            }
            Vec::new()
        } else {
            let Some(rest) = path.strip_prefix('/') else {
                return error("a path must start with a slash");
            };
            rest.split('/').map(Segment::parse).collect()
        };
        let before_last = segments.split_last().map_or(&[][..], |(_, before)| before);
        if before_last.iter().any(|segment| matches!(segment, Segment::Greedy(_))) {
            return error("a greedy variable must come last");
        }
        let key = if path == DEFAULT_ROUTE { path.to_owned() } else { format!("{method} {path}") };
        Ok(Self {
            method: (method != "ANY").then(|| method.to_owned()),
            path: path.to_owned(),
            key,
            segments,
            function: function.to_owned(),
        })
    }

    /// Returns the pattern as in the template.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name of the binary that serves the route.
    pub(super) fn function(&self) -> &str {
        &self.function
    }

    /// Returns the route key: `GET /v1/me` or `$default`.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    fn accepts_method(&self, method: &str) -> bool {
        self.method.as_deref().is_none_or(|own| own == method)
    }

    /// Returns the values of the variables, or `None` if the path does not match.
    fn match_path(&self, path: &str) -> Option<BTreeMap<&str, String>> {
        let path = path.strip_prefix('/')?;
        // Most routes differ in a literal, which is found before anything is allocated.
        let mut pairs = self.segments.iter().zip(path.split('/'));
        if pairs.any(|(segment, text)| matches!(segment, Segment::Literal(own) if own != text)) {
            return None;
        }
        let mut remaining = path.split('/');
        let mut parameters = BTreeMap::new();
        for segment in &self.segments {
            let next = remaining.next()?;
            match segment {
                Segment::Literal(text) if text == next => {}
                Segment::Literal(_) => return None,
                // A variable never matches an empty segment.
                Segment::Variable(_) | Segment::Greedy(_) if next.is_empty() => return None,
                Segment::Variable(name) => {
                    parameters.insert(name.as_str(), next.to_owned());
                }
                Segment::Greedy(name) => {
                    let all: Vec<_> = std::iter::once(next).chain(remaining.by_ref()).collect();
                    parameters.insert(name.as_str(), all.join("/"));
                }
            }
        }
        remaining.next().is_none().then_some(parameters)
    }

    /// Returns the rank of a route; the lowest matching route is selected. Full matches come before greedy ones,
    /// then literals before variables from the left, then routes that name the method.
    fn preference(&self) -> (bool, Vec<u8>, bool) {
        let ranks: Vec<_> = self.segments.iter().map(Segment::rank).collect();
        let greedy = matches!(self.segments.last(), Some(Segment::Greedy(_)));
        (greedy, ranks, self.method.is_none())
    }

    fn conflicts_with(&self, other: &Self) -> bool {
        let is_same = |segments: (&Segment, &Segment)| match segments {
            (Segment::Literal(own), Segment::Literal(other)) => own == other,
            (own, other) => own.rank() == other.rank(),
        };
        self.method == other.method
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(is_same)
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            None => Self::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Variable(name.to_owned()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(all: &[(&str, &str)]) -> Routes {
        let mut routes = Routes::default();
        for (method, path) in all {
            routes.add(method, path, "f").unwrap();
        }
        routes
    }

    fn key(routes: &Routes, method: &str, path: &str) -> Option<String> {
        routes.find(method, path).map(|target| target.route.key().to_owned())
    }

    /// The example in API Gateway's documentation, and the results that it gives.
    #[test]
    fn the_most_specific_route_is_chosen() {
        let routes = routes(&[
            ("GET", "/pets/dog/1"),
            ("GET", "/pets/dog/{id}"),
            ("GET", "/pets/{proxy+}"),
            ("ANY", "/{proxy+}"),
            ("ANY", "$default"),
        ]);
        for (request, expected) in [
            (("GET", "/pets/dog/1"), "GET /pets/dog/1"),
            (("GET", "/pets/dog/2"), "GET /pets/dog/{id}"),
            (("GET", "/pets/cat/1"), "GET /pets/{proxy+}"),
            (("POST", "/test/5"), "ANY /{proxy+}"),
            (("GET", "/"), "$default"),
        ] {
            let (method, path) = request;
            assert_eq!(key(&routes, method, path).as_deref(), Some(expected), "{request:?}");
        }
    }

    #[test]
    fn method_case_and_trailing_slash_distinguish_routes() {
        let routes = routes(&[("GET", "/v1/me"), ("ANY", "/v1/any"), ("GET", "/v1/any")]);
        assert_eq!(key(&routes, "POST", "/v1/me"), None);
        assert_eq!(key(&routes, "HEAD", "/v1/me"), None);
        assert_eq!(key(&routes, "GET", "/v1/me/"), None);
        assert_eq!(key(&routes, "GET", "/v1/ME"), None);
        assert_eq!(key(&routes, "GET", "/v1/any").as_deref(), Some("GET /v1/any"));
        assert_eq!(key(&routes, "PUT", "/v1/any").as_deref(), Some("ANY /v1/any"));
    }

    #[test]
    fn variables_have_the_values_of_their_segments() {
        let routes = routes(&[("GET", "/c/{id}/m/{user}"), ("GET", "/f/{rest+}")]);
        let parameters = |path| routes.find("GET", path).map(|target| target.parameters);
        assert_eq!(
            parameters("/c/a b/m/d"),
            Some(BTreeMap::from([("id", "a b".to_owned()), ("user", "d".to_owned())]))
        );
        assert_eq!(parameters("/f/x/y/"), Some(BTreeMap::from([("rest", "x/y/".to_owned())])));
        assert_eq!(parameters("/c//m/d"), None);
        assert_eq!(parameters("/f/"), None);
    }

    #[test]
    fn routes_that_api_gateway_refuses_are_errors() {
        let mut routes = routes(&[("GET", "/c/{id}"), ("ANY", "$default")]);
        for (method, path) in [
            ("GET", "/c/{name}"),
            ("ANY", "$default"),
            ("GET", "$default"),
            ("GET", "c"),
            ("GET", "/{all+}/x"),
        ] {
            assert!(routes.add(method, path, "f").is_err(), "{method} {path}");
        }
    }

    #[test]
    fn the_service_s_routes_are_accepted() {
        let routes = Routes::from_template(Template::load().unwrap()).unwrap();
        assert_eq!(key(&routes, "POST", "/v1/login").as_deref(), Some("ANY /v1/login"));
        assert_eq!(key(&routes, "GET", "/nowhere").as_deref(), Some("$default"));
    }
}
