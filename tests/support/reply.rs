//! What came back.

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

    /// How many trips to the table the request took, one after the other.
    pub fn trips(&self) -> usize {
        let cost =
            self.header("x-local-dynamodb").unwrap_or_else(|| panic!("no cost: {}", self.text));
        let trips = cost.split(';').find_map(|part| part.strip_prefix("trips="));
        trips.and_then(|trips| trips.parse().ok()).unwrap_or_else(|| panic!("{cost}"))
    }

    /// The names of the body's fields, in order of the alphabet.
    pub fn keys(&self) -> Vec<String> {
        keys(&self.json())
    }
}

/// The names of an object's fields, in order of the alphabet.
pub fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}
