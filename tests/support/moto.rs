//! A moto server, as `tests/services/moto.rs` uses it.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use local::{ExternalSes, StackOptions};
use serde_json::Value;
use shared::random::{Random, SystemRandom};

use crate::{TestApp, service_url};

/// A moto with a sender that nobody else has.
pub struct Moto {
    url: String,
    client: reqwest::Client,
    address: String,
}

/// A mail that moto received: its own record, and the request that brought it.
pub struct ReceivedMail {
    /// moto's own record of the mail.
    pub record: Value,
    /// The parameters of the request.
    pub request: BTreeMap<String, String>,
}

impl Moto {
    /// Connects to the moto at `MOTO_URL`, with a sender that it does not know yet.
    pub async fn start() -> Self {
        let random: &dyn Random = &SystemRandom;
        let address = format!("no-reply@{}.example", random.identifier());
        let moto = Self { url: service_url("MOTO_URL"), client: reqwest::Client::new(), address };
        // Its own record has only one of a mail's two bodies.
        moto.post("/moto-api/recorder/start-recording", String::new()).await;
        moto
    }

    /// Starts a stack whose mail goes to moto.
    pub async fn app(&self) -> TestApp {
        let ses = ExternalSes { url: self.url.clone(), sender: self.sender() };
        TestApp::start_with_options(StackOptions { ses: Some(ses), ..StackOptions::default() })
            .await
    }

    fn sender(&self) -> String {
        format!("AIUS <{}>", self.address)
    }

    /// Verifies the sender, which an operator does once before the service may send.
    pub async fn verify_sender(&self) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "VerifyEmailIdentity")
            .append_pair("EmailAddress", &self.address);
        self.post("/", form.finish()).await;
    }

    async fn post(&self, path: &str, form: String) {
        let scope = "20250101/us-east-1/email/aws4_request";
        let answer = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential=local/{scope}"))
            .body(form);
        answer.send().await.expect("moto answers").error_for_status().unwrap();
    }

    async fn get(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        let answer = answer.expect("moto answers").error_for_status().unwrap();
        answer.text().await.unwrap()
    }

    /// Returns the mails from this sender that moto took, by recipient; each got one.
    pub async fn taken(&self) -> BTreeMap<String, ReceivedMail> {
        let mut requests = self.requests().await;
        let data: Value = serde_json::from_str(&self.get("/moto-api/data.json").await).unwrap();
        let records = data["ses"]["Message"].as_array().cloned().unwrap_or_default();
        let mut taken = BTreeMap::new();
        for record in records.into_iter().filter(|record| record["source"] == self.sender()) {
            let [to] = record["destinations"]["ToAddresses"].as_array().unwrap().as_slice() else {
                panic!("not one recipient: {record}");
            };
            let to = to.as_str().unwrap().to_owned();
            let at = requests
                .iter()
                .position(|request| request["Destination.ToAddresses.member.1"] == to)
                .expect("a request to each recipient");
            let request = requests.swap_remove(at);
            assert!(taken.insert(to, ReceivedMail { record, request }).is_none());
        }
        taken
    }

    /// Returns the requests to send a mail from this sender, as they came in.
    pub async fn requests(&self) -> Vec<BTreeMap<String, String>> {
        let recording = self.get("/moto-api/recorder/download-recording").await;
        // Requests of the same moment may stand on one line.
        let recorded = serde_json::Deserializer::from_str(&recording).into_iter::<Value>();
        let requests = recorded.map(|request| {
            let request = request.unwrap();
            let body = BASE64.decode(request["body"].as_str().unwrap().as_bytes()).unwrap();
            form_urlencoded::parse(&body).into_owned().collect::<BTreeMap<_, _>>()
        });
        requests.filter(|request| request.get("Source") == Some(&self.sender())).collect()
    }
}
