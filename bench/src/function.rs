//! The measured functions, and a typical request to each.

use serde_json::{Value, json};

use crate::account::Account;
use crate::error::Result;

/// The name of the bare function that the others are compared with.
pub(crate) const FLOOR: &str = "bench-floor";

/// A function of the service, by the name of its package and binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Function(&'static str);

impl Function {
    /// Returns all functions of `template.yaml` by name.
    pub(crate) fn all() -> Result<Vec<Self>> {
        Ok(local::function_binaries()?.into_iter().map(Self).collect())
    }

    /// Returns the name of the package and of its binary.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    /// Returns the largest allowed ratios of start time and zip size to those of the bare function.
    pub(crate) fn goals(self) -> Goals {
        let start = match self.0 {
            "billing" | "webhooks" | "worker" | "passkeys" => 1.6,
            _ => 1.3,
        };
        // The first group includes the client of Stripe or S3.
        let zip = match self.0 {
            "billing" | "webhooks" | "worker" | "projects" | "dashboard" => 2.0,
            _ => 1.6,
        };
        Goals { start, zip }
    }

    /// Returns a typical event of the function, and what it is.
    ///
    /// # Errors
    /// If the function has none here.
    pub(crate) fn request(self, account: &Account) -> Result<Request> {
        let session = Some(("cookie", account.cookie()));
        let token = Some(("authorization", format!("Bearer {}", account.token)));
        let client = &account.organization;
        Ok(match self.0 {
            "auth" => Request::get("/v1/me", "", session),
            "billing" => Request::get(&format!("/v1/clients/{client}/credits"), "", session),
            "clients" => Request::get("/v1/clients", "", token),
            "dashboard" => Request::get("/account/profile", "", session),
            "passkeys" => Request::get("/v1/passkeys", "", session),
            "projects" => Request::get("/v1/projects", &format!("org_id={client}"), token),
            "tokens" => Request::get("/v1/token", "", token),
            // Refused by its signature, which is checked first.
            "webhooks" => Request::http("POST", "/v1/webhooks/stripe", "", None, "{}"),
            // Refused without a reason, before a read.
            "admin" => Request { what: "a refused call".to_owned(), event: json!({"action": {}}) },
            "worker" => {
                Request { what: "an empty batch".to_owned(), event: json!({"Records": []}) }
            }
            name => return Err(format!("no request to the function {name} is known").into()),
        })
    }
}

/// The largest allowed ratios of a function's start time and zip size to those of the bare function.
pub(crate) struct Goals {
    pub(crate) start: f64,
    pub(crate) zip: f64,
}

/// An event that a measured function is sent.
pub(crate) struct Request {
    /// The name of the request for readers, such as `GET /v1/me`.
    pub(crate) what: String,
    /// The event as Lambda delivers it.
    pub(crate) event: Value,
}

impl Request {
    fn get(path: &str, query: &str, header: Option<(&str, String)>) -> Self {
        Self::http("GET", path, query, header, "")
    }

    /// Returns an event of API Gateway in payload format 2.0.
    pub(crate) fn http(
        method: &str,
        path: &str,
        query: &str,
        header: Option<(&str, String)>,
        body: &str,
    ) -> Self {
        let mut headers = json!({
            "accept": "*/*",
            "content-type": "application/json",
            "host": "aius.co",
            "user-agent": "bench",
            "x-forwarded-for": "203.0.113.24",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        });
        let mut cookies = json!([]);
        match header {
            Some(("cookie", cookie)) => cookies = json!([cookie]),
            Some((name, value)) => headers[name] = json!(value),
            None => {}
        }
        let event = json!({
            "version": "2.0",
            "routeKey": format!("ANY {path}"),
            "rawPath": path,
            "rawQueryString": query,
            "cookies": cookies,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "bench",
                "domainName": "aius.co",
                "domainPrefix": "aius",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.24",
                    "userAgent": "bench",
                },
                "requestId": "DicTZVCko6ZyXAw=",
                "routeKey": format!("ANY {path}"),
                "stage": "$default",
                "time": "12/Mar/2026:19:03:58 +0000",
                "timeEpoch": 1_773_342_238_417_i64,
            },
            "body": body,
            "isBase64Encoded": false,
        });
        Self { what: format!("{method} {path}"), event }
    }
}
