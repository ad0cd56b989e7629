//! Requests to the local Google.

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode_header};
use local::GoogleAccess;
use reqwest::Url;
use serde_json::{Value, json};

use crate::{Reply, TestApp, Visitor};

/// The PKCE code verifier of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The PKCE code challenge of [`VERIFIER`].
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A state with characters that a URL must escape.
pub const STATE: &str = "a state/with+signs&more";

/// A stack and a visitor of its Google.
pub struct GoogleFixture {
    /// The stack whose simulator is called.
    pub app: TestApp,
    /// The OpenID Connect client of the product.
    pub client: GoogleAccess,
    /// A visitor of the Google simulator.
    pub visitor: Visitor,
}

/// Names and values of a query or form.
pub type Parameters = Vec<(String, String)>;

impl GoogleFixture {
    /// Starts a stack whose Google has the account ada@example.com.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let (client, visitor) = (app.stack().google().clone(), app.visitor());
        let google = Self { app, client, visitor };
        google.create_account(ada_account()).await.expect(200);
        google
    }

    /// Creates or replaces an account.
    pub async fn create_account(&self, account: Value) -> Reply {
        self.visitor.post("/local/google/accounts", account).await
    }

    /// Changes the next ID token that Google issues.
    pub async fn alter_next_token(&self, changes: Value) -> Reply {
        self.visitor.post("/local/google/next-token", changes).await
    }

    /// Returns the redirect URI of the service.
    pub fn callback_url(&self) -> String {
        format!("{}/api/v1/auth/google/callback", self.app.url())
    }

    /// Returns the parameters of an authorization request with some changes; an empty value omits a
    /// parameter.
    pub fn authorization_request(&self, changes: &[(&str, &str)]) -> Parameters {
        let usual = [
            ("client_id", self.client.client_id.as_str()),
            ("redirect_uri", &self.callback_url()),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("state", STATE),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("login_hint", "ada@example.com"),
        ];
        with_changes(&usual, changes)
    }

    /// Sends an authorization request.
    pub async fn authorize(&self, changes: &[(&str, &str)]) -> Reply {
        let query = encode_form(&self.authorization_request(changes));
        self.visitor.get(&format!("/local/google/authorize?{query}")).await
    }

    /// Submits a choice on the page that lists the accounts.
    pub async fn choose_account(&self, choice: &[(&str, &str)]) -> Reply {
        let body =
            encode_form(&self.authorization_request(&[&[("login_hint", "")], choice].concat()));
        self.post_form("/local/google/authorize/choice", &self.visitor, body).await
    }

    /// Obtains an authorization code for Ada.
    pub async fn obtain_code(&self, changes: &[(&str, &str)]) -> String {
        let params = self.redirect_params(&self.authorize(changes).await);
        parameter(&params, "code").expect("a code")
    }

    /// Returns the parameters with which a response redirects to the service.
    #[track_caller]
    pub fn redirect_params(&self, reply: &Reply) -> Parameters {
        assert_eq!(reply.status, 302, "{}", reply.text);
        let target = Url::parse(reply.header("location").unwrap()).unwrap();
        assert_eq!(target.as_str().split('?').next().unwrap(), self.callback_url());
        target.query_pairs().into_owned().collect()
    }

    /// Redeems a code at the token endpoint.
    pub async fn redeem_code(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.callback_url()),
            ("code_verifier", VERIFIER),
            ("client_id", &self.client.client_id),
            ("client_secret", &self.client.client_secret),
        ];
        let body = encode_form(&with_changes(&usual, changes));
        self.post_form("/local/google/token", &self.visitor, body).await
    }

    /// Posts a form.
    pub async fn post_form(&self, path: &str, at: &Visitor, body: String) -> Reply {
        at.post_raw(path, "application/x-www-form-urlencoded", body).await
    }

    /// Obtains the ID token of a flow without special parameters.
    pub async fn obtain_id_token(&self) -> String {
        let reply = self.redeem_code(&self.obtain_code(&[]).await, &[]).await.expect(200);
        reply.json()["id_token"].as_str().unwrap().to_owned()
    }

    /// Fetches the published signing key.
    pub async fn fetch_key(&self) -> Jwk {
        let reply = self.visitor.get("/local/google/certs").await.expect(200);
        let mut keys: JwkSet = serde_json::from_str(&reply.text).unwrap();
        assert_eq!(keys.keys.len(), 1);
        keys.keys.remove(0)
    }

    /// Verifies an ID token as a careful client would and returns its claims.
    ///
    /// # Errors
    /// If the signature, the issuer or the audience is wrong.
    pub async fn verify_id_token(&self, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
        let key = self.fetch_key().await;
        assert_eq!(decode_header(token)?.kid, key.common.key_id);
        let mut validation = Validation::new(Algorithm::RS256);
        // The clock of the stack differs from the machine's, so the tests check the times themselves.
        validation.validate_exp = false;
        validation.set_issuer(&[&self.client.issuer]);
        validation.set_audience(&[&self.client.client_id]);
        let key = DecodingKey::from_jwk(&key)?;
        jsonwebtoken::decode(token, &key, &validation).map(|token| token.claims)
    }
}

/// Returns the account of Ada.
pub fn ada_account() -> Value {
    json!({"sub": "10769150350006150715113082367", "email": "ada@example.com",
        "email_verified": true, "hd": "example.com", "name": "Ada King Lovelace"})
}

/// Returns parameters with some changes; an empty value omits a parameter.
pub fn with_changes(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Parameters {
    let mut all: Parameters = Vec::new();
    for (name, value) in usual.iter().filter(|(name, _)| get_str(changes, name).is_none()) {
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    for (name, value) in changes.iter().filter(|(_, value)| !value.is_empty()) {
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    all
}

/// Reads a borrowed parameter.
pub fn get_str<'p>(parameters: &[(&str, &'p str)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
}

/// Reads a parameter.
pub fn parameter(parameters: &Parameters, name: &str) -> Option<String> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// Encodes parameters as a form.
pub fn encode_form(parameters: &Parameters) -> String {
    let url = Url::parse_with_params("http://x/", parameters).unwrap();
    url.query().unwrap_or_default().to_owned()
}

/// Reads the claims of a token without verifying it.
pub fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}
