//! The measured functions, and a typical request to each.

use serde_json::{Value, json};

use crate::account::Account;

/// The name of the bare function that the others are compared with.
pub(crate) const FLOOR: &str = "bench-floor";

/// A function of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Auth,
    Billing,
    Clients,
    Dashboard,
    Passkeys,
    Projects,
    Tokens,
    Webhooks,
    Worker,
}

impl Function {
    /// All functions by name.
    pub(crate) const ALL: [Self; 9] = [
        Self::Auth,
        Self::Billing,
        Self::Clients,
        Self::Dashboard,
        Self::Passkeys,
        Self::Projects,
        Self::Tokens,
        Self::Webhooks,
        Self::Worker,
    ];

    /// Finds a function by its name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Returns the name of the package and of its binary.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Billing => "billing",
            Self::Clients => "clients",
            Self::Dashboard => "dashboard",
            Self::Passkeys => "passkeys",
            Self::Projects => "projects",
            Self::Tokens => "tokens",
            Self::Webhooks => "webhooks",
            Self::Worker => "worker",
        }
    }

    /// Returns the most that start and zip may be in relation to the bare function.
    pub(crate) fn goals(self) -> Goals {
        let start = match self {
            Self::Auth | Self::Clients | Self::Tokens | Self::Projects | Self::Dashboard => 1.3,
            Self::Billing | Self::Webhooks | Self::Worker | Self::Passkeys => 1.6,
        };
        // With Stripe's or S3's client.
        let zip = match self {
            Self::Billing | Self::Webhooks | Self::Worker | Self::Projects | Self::Dashboard => 2.0,
            Self::Auth | Self::Clients | Self::Tokens | Self::Passkeys => 1.6,
        };
        Goals { start, zip }
    }

    /// Returns a typical event of the function, and what it is.
    pub(crate) fn request(self, account: &Account) -> Request {
        let session = Some(("cookie", format!("__Host-aius_session={}", account.session)));
        let token = Some(("authorization", format!("Bearer {}", account.token)));
        let client = &account.organization;
        match self {
            Self::Auth => Request::get("/v1/me", "", session),
            Self::Billing => Request::get(&format!("/v1/clients/{client}/credits"), "", session),
            Self::Clients => Request::get("/v1/clients", "", token),
            Self::Dashboard => Request::get("/account/profile", "", session),
            Self::Passkeys => Request::get("/v1/passkeys", "", session),
            Self::Projects => Request::get("/v1/projects", &format!("org_id={client}"), token),
            Self::Tokens => Request::get("/v1/token", "", token),
            // Refused by its signature, which is checked first.
            Self::Webhooks => Request::http("POST", "/v1/webhooks/stripe", "", None, "{}"),
            Self::Worker => {
                Request { what: "an empty batch".to_owned(), event: json!({"Records": []}) }
            }
        }
    }
}

/// The most that a figure may be in relation to the bare function.
pub(crate) struct Goals {
    pub(crate) start: f64,
    pub(crate) zip: f64,
}

/// An event of a function.
pub(crate) struct Request {
    /// What it is, such as `GET /v1/me`.
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
