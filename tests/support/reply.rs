//! What came back.

use std::str::FromStr;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Reply {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a body") }
    }

    /// This reply, after making sure of its status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Makes sure of an error's status and code (or text, where the contract has a text).
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text);
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The code of an error, or its text.
    #[track_caller]
    pub fn code(&self) -> String {
        let detail = &self.json()["detail"];
        detail["code"].as_str().or(detail.as_str()).unwrap_or("no error").to_owned()
    }

    /// A header, if it is there exactly once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let first = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(first)
    }

    /// What the request cost at DynamoDB.
    pub fn cost(&self) -> Cost {
        let header = self.header("x-local-dynamodb").unwrap_or_default();
        Cost {
            calls: number(header, "calls"),
            trips: number(header, "trips"),
            rcu: number(header, "rcu"),
            wcu: number(header, "wcu"),
        }
    }

    /// How many calls of DynamoDB the request took, and how many of them one after the other.
    pub fn calls_and_trips(&self) -> (u32, u32) {
        let Cost { calls, trips, .. } = self.cost();
        (calls, trips)
    }

    /// The names of the body's fields, in order of the alphabet.
    pub fn keys(&self) -> Vec<String> {
        keys(&self.json())
    }
}

fn number<T: FromStr>(header: &str, name: &str) -> T {
    let mut parts = header.split(';').filter_map(|part| part.split_once('='));
    let found = parts.find(|(part, _)| *part == name).and_then(|(_, number)| number.parse().ok());
    found.unwrap_or_else(|| panic!("no {name} in {header:?}"))
}

/// What a request cost at DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Calls.
    pub calls: u32,
    /// How many of them one after the other.
    pub trips: u32,
    /// Read units.
    pub rcu: f64,
    /// Write units.
    pub wcu: f64,
}

/// The names of an object's fields, in order of the alphabet.
pub fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}
