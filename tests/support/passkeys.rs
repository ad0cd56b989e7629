//! A software authenticator for passkeys, by an independent library, and the calls that register and use them.

use std::pin::Pin;

use data_encoding::BASE64URL_NOPAD;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::hash::Sha256Backend;
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::crypto::{CryptoBackend, SecretKeyT};
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use serde_json::{Value, json};
use url::Url;

use crate::{Person, Reply, TestApp, Visitor};

/// Position of the flags in authenticator data (WebAuthn Level 3, 6.1). The hash of the RP id comes first.
pub const FLAGS: usize = 32;

/// The flag that the user was verified.
pub const USER_VERIFIED: u8 = 0x04;

/// The flag that the passkey is synced now.
pub const BACKED_UP: u8 = 0x10;

/// A browser with an authenticator that keeps one passkey, which has a signature counter.
pub struct PasskeyAuthenticator {
    origin: Url,
    passkey: Option<Passkey>,
}

/// The parts of a response that a forged browser or authenticator can change.
pub struct ResponseParts {
    /// What the browser says: type, challenge and origin.
    pub client_data: Value,
    /// What the authenticator says: RP id, flags and counter.
    pub authenticator_data: Vec<u8>,
}

/// A user who agrees to everything and passes each verification.
struct WillingUser;

impl UserValidationMethod for WillingUser {
    type PasskeyItem = Passkey;

    fn check_user<'a, 'life0, 'async_trait>(
        &'life0 self,
        _hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Pin<Box<dyn Future<Output = Result<UserCheck, Ctap2Error>> + Send + 'async_trait>>
    where
        'a: 'async_trait,
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { Ok(UserCheck { presence, verification }) })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

impl PasskeyAuthenticator {
    /// Creates an empty authenticator in a browser that shows a page of the app.
    pub fn new(app: &TestApp) -> Self {
        Self::at(&app.visitor().site())
    }

    /// Creates an empty authenticator in a browser that shows a page of another origin.
    pub fn at(origin: &str) -> Self {
        Self { origin: origin.parse().expect("an origin"), passkey: None }
    }

    /// Copies the authenticator with its passkey and counter.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { origin: self.origin.clone(), passkey: self.passkey.clone() }
    }

    /// Sets the signature counter of the passkey; `None` for an authenticator without a counter.
    pub fn set_counter(&mut self, counter: Option<u32>) {
        self.passkey.as_mut().expect("a passkey").counter = counter;
    }

    /// Answers the options of a registration with a new passkey, which replaces the one it has.
    pub async fn create(&mut self, options: &Value) -> Value {
        let request = serde_json::from_value(options.clone()).expect("options of a registration");
        let mut client = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let created = client.register(&self.origin, request, DefaultClientData).await;
        let created = created.unwrap_or_else(|error| panic!("{error:?}"));
        self.passkey = client.authenticator().store().clone();
        encode_bytes(serde_json::to_value(created).unwrap())
    }

    /// Answers the options of a sign-in with the passkey.
    pub async fn get(&mut self, options: &Value) -> Value {
        let request = serde_json::from_value(options.clone()).expect("options of a sign-in");
        let mut client = Client::new(self.authenticator()).allows_insecure_localhost(true);
        let signed = client.authenticate(&self.origin, request, DefaultClientData).await;
        let signed = signed.unwrap_or_else(|error| panic!("{error:?}"));
        self.passkey = client.authenticator().store().clone();
        encode_bytes(serde_json::to_value(signed).unwrap())
    }

    /// Changes a response and signs it again, as a forged browser or authenticator does.
    pub fn alter(&self, response: &Value, change: impl FnOnce(&mut ResponseParts)) -> Value {
        let mut altered = response.clone();
        let fields = &mut altered["response"];
        let client_data = serde_json::from_slice(&decode(&fields["clientDataJSON"])).unwrap();
        let authenticator_data = decode(&fields["authenticatorData"]);
        let mut parts = ResponseParts { client_data, authenticator_data };
        change(&mut parts);
        let client_data = parts.client_data.to_string();
        fields["clientDataJSON"] = encode(client_data.as_bytes());
        fields["authenticatorData"] = encode(&parts.authenticator_data);
        if fields["signature"].is_null() {
            // A registration without attestation is not signed.
            fields["attestationObject"] = encode(&attestation_object(&parts.authenticator_data));
        } else {
            let hash = hash(client_data.as_bytes());
            fields["signature"] =
                encode(&self.sign(&[&parts.authenticator_data[..], &hash].concat()));
        }
        altered
    }

    fn sign(&self, data: &[u8]) -> Vec<u8> {
        let key = &self.passkey.as_ref().expect("a passkey").key;
        let key = <RustCryptoBackend as CryptoBackend>::SecretKey::from_cose_key(key);
        key.expect("a private key").sign(data)
    }

    fn authenticator(&self) -> Authenticator<Option<Passkey>, WillingUser, RustCryptoBackend> {
        let (id, passkey) = (Aaguid::new_empty(), self.passkey.clone());
        let mut authenticator = Authenticator::new(id, passkey, WillingUser, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        authenticator
    }
}

/// Returns the SHA-256 hash, such as of an RP id.
pub fn hash(data: &[u8]) -> [u8; 32] {
    <RustCryptoBackend as CryptoBackend>::Sha256::sha256(data)
}

/// Returns a response as browsers give it: the library writes bytes as lists of numbers, and browsers as base64url.
fn encode_bytes(value: Value) -> Value {
    match value {
        Value::Array(ref bytes) if !bytes.is_empty() && bytes.iter().all(Value::is_u64) => {
            encode(&serde_json::from_value::<Vec<u8>>(value).expect("bytes"))
        }
        Value::Object(fields) => {
            fields.into_iter().map(|(name, field)| (name, encode_bytes(field))).collect()
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            value
        }
    }
}

fn encode(data: &[u8]) -> Value {
    json!(BASE64URL_NOPAD.encode(data))
}

fn decode(field: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(field.as_str().expect("base64url").as_bytes()).expect("base64url")
}

/// Encodes an attestation object of the format `none` (WebAuthn Level 3, 6.5.4), in CBOR.
fn attestation_object(authenticator_data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(authenticator_data.len()).unwrap().to_be_bytes();
    [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"[..], &length, authenticator_data]
        .concat()
}

/// Starts a ceremony of a session: `""` for a registration, `"/reauthenticate"` for a proof of identity.
pub async fn start_ceremony(visitor: &Visitor, path: &str) -> Value {
    let path = format!("/v1/passkeys{path}/options");
    visitor.post(&path, json!({})).await.expect(200).json()
}

/// Builds the body of the call that finishes a ceremony.
pub fn ceremony_body(start: &Value, credential: &Value) -> Value {
    json!({"ceremony_id": start["ceremony_id"], "credential": credential})
}

/// Sends the response of an authenticator to a registration.
pub async fn finish_registration(visitor: &Visitor, start: &Value, credential: &Value) -> Reply {
    let mut body = ceremony_body(start, credential);
    body["name"] = json!("Laptop");
    visitor.post("/v1/passkeys", body).await
}

/// Signs up a person and adds a passkey. Returns the passkey as the API shows it, too.
pub async fn sign_up_with_passkey(
    app: &TestApp,
    who: &str,
) -> (Person, PasskeyAuthenticator, Value) {
    let person = app.sign_up(who).await;
    let mut authenticator = PasskeyAuthenticator::new(app);
    let passkey = add_passkey(&person.visitor, &mut authenticator, "Laptop").await;
    (person, authenticator, passkey)
}

/// Adds a passkey to the account of a session, and returns it as the API shows it.
pub async fn add_passkey(
    visitor: &Visitor,
    authenticator: &mut PasskeyAuthenticator,
    name: &str,
) -> Value {
    let start = start_ceremony(visitor, "").await;
    let mut body = ceremony_body(&start, &authenticator.create(&start["options"]).await);
    body["name"] = json!(name);
    visitor.post("/v1/passkeys", body).await.expect(200).json()
}

/// Starts a sign-in with a passkey; with a challenge, as the second factor.
pub async fn start_sign_in(app: &TestApp, challenge: Option<&str>) -> Value {
    let body = challenge.map_or(json!({}), |token| json!({"challenge_token": token}));
    app.visitor().post("/v1/passkeys/login/options", body).await.expect(200).json()
}

/// Sends the response of an authenticator to a sign-in, from another browser.
pub async fn finish_sign_in(app: &TestApp, start: &Value, credential: &Value) -> Reply {
    app.visitor().post("/v1/passkeys/login", ceremony_body(start, credential)).await
}

/// Signs in with a passkey from another browser.
pub async fn sign_in_with_passkey(
    app: &TestApp,
    authenticator: &mut PasskeyAuthenticator,
) -> Reply {
    let start = start_sign_in(app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    finish_sign_in(app, &start, &credential).await
}

/// Proves one's identity with a passkey.
pub async fn reauthenticate_with_passkey(
    visitor: &Visitor,
    authenticator: &mut PasskeyAuthenticator,
) -> Reply {
    let start = start_ceremony(visitor, "/reauthenticate").await;
    let credential = authenticator.get(&start["options"]).await;
    visitor.post("/v1/passkeys/reauthenticate", ceremony_body(&start, &credential)).await
}

/// Lists the passkeys of an account.
pub async fn list_passkeys(visitor: &Visitor) -> Vec<Value> {
    let list = visitor.get("/v1/passkeys").await.expect(200).json();
    list["data"].as_array().expect("a list").clone()
}

/// Removes a passkey.
pub async fn remove_passkey(visitor: &Visitor, passkey: &Value) -> Reply {
    let path = format!("/v1/passkeys/{}", passkey["id"].as_str().expect("an id"));
    visitor.send(reqwest::Method::DELETE, &path, None).await
}
