//! An HTTP response with assertions.

use std::str::FromStr;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An HTTP response with its whole body.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status of the response.
    pub status: u16,
    /// Headers of the response.
    pub headers: HeaderMap,
    /// Body of the response, as text.
    pub text: String,
}

impl Reply {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a body") }
    }

    /// Asserts the status and returns the reply.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Asserts the status and the error code, or the error text where the contract has a text.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text);
        self
    }

    /// Parses the body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        // Unlike `serde_json::from_str`, which is generic, this is compiled in its own crate, with optimization.
        let parsed: Result<Value, _> = self.text.parse();
        parsed.unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// Returns the error code of the body, or its error text.
    #[track_caller]
    pub fn code(&self) -> String {
        let detail = &self.json()["detail"];
        detail["code"].as_str().or(detail.as_str()).unwrap_or("no error").to_owned()
    }

    /// Returns the value of a header that is there exactly once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let first = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(first)
    }

    /// Reads the DynamoDB cost of the request from the response header.
    pub fn cost(&self) -> Cost {
        let header = self.header("x-local-dynamodb").unwrap_or_default();
        Cost {
            calls: number(header, "calls"),
            trips: number(header, "trips"),
            rcu: number(header, "rcu"),
            wcu: number(header, "wcu"),
        }
    }

    /// Returns the number of DynamoDB calls of the request, and the number of sequential round trips.
    pub fn calls_and_trips(&self) -> (u32, u32) {
        let Cost { calls, trips, .. } = self.cost();
        (calls, trips)
    }

    /// Returns the field names of the JSON body in alphabetical order.
    pub fn keys(&self) -> Vec<String> {
        keys(&self.json())
    }
}

fn number<T: FromStr>(header: &str, name: &str) -> T {
    let mut parts = header.split(';').filter_map(|part| part.split_once('='));
    let found = parts.find(|(part, _)| *part == name).and_then(|(_, number)| number.parse().ok());
    found.unwrap_or_else(|| panic!("no {name} in {header:?}"))
}

/// The DynamoDB cost of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The number of calls.
    pub calls: u32,
    /// The number of sequential round trips.
    pub trips: u32,
    /// The read capacity units.
    pub rcu: f64,
    /// The write capacity units.
    pub wcu: f64,
}

/// Returns the field names of a JSON object in alphabetical order.
pub fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}
