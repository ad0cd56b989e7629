//! The tokens that the local Google issues for a code, and the defects that tests order for the
//! next token.

use data_encoding::BASE64;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use local::GoogleAccess;
use reqwest::Method;
use serde_json::{Value, json};
use tests::google_simulator::{
    CHALLENGE, GoogleFixture, STATE, VERIFIER, ada_account, claims, encode_form, parameter,
    with_changes,
};

#[tokio::test]
async fn a_sign_in_with_pkce_and_nonce_gets_a_valid_id_token() {
    let google = GoogleFixture::start().await;
    let params = google.redirect_params(&google.authorize(&[]).await);
    assert_eq!(parameter(&params, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&params, "iss"), Some(google.client.issuer.clone()));
    let reply = google.redeem_code(&parameter(&params, "code").unwrap(), &[]).await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let body = reply.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let scope = body["scope"].as_str().unwrap();
    assert!(scope.split(' ').any(|name| name == "openid"), "{scope}");

    let token = body["id_token"].as_str().unwrap();
    let now = google.app.now().await;
    let expected = json!({
        "iss": google.client.issuer,
        "azp": google.client.client_id,
        "aud": google.client.client_id,
        "sub": ada_account()["sub"],
        "email": "ada@example.com",
        "email_verified": true,
        "hd": "example.com",
        "name": "Ada King Lovelace",
        "given_name": "Ada King",
        "family_name": "Lovelace",
        "at_hash": claims(token)["at_hash"],
        "nonce": "n-1",
        "iat": now,
        "exp": now + 3600,
    });
    assert_eq!(google.verify_id_token(token).await.unwrap(), expected);
    assert_eq!(expected["at_hash"].as_str().unwrap().len(), 22);

    let bearer = google.visitor.clone().with_bearer(body["access_token"].as_str().unwrap());
    let user_info = bearer.get("/local/google/userinfo").await.expect(200).json();
    for name in ["sub", "email", "email_verified", "name", "given_name", "family_name"] {
        assert_eq!(user_info[name], expected[name], "{name}");
    }
    google.app.advance_clock(3600).await;
    let late = bearer.get("/local/google/userinfo").await.expect(401);
    assert_eq!(late.json()["error"], "invalid_token");
    assert!(late.header("www-authenticate").unwrap().starts_with("Bearer "));
}

#[tokio::test]
async fn the_id_token_has_only_the_claims_of_the_scopes() {
    let google = GoogleFixture::start().await;
    let code = google.obtain_code(&[("scope", "openid"), ("nonce", "")]).await;
    let reply = google.redeem_code(&code, &[]).await.expect(200).json();
    let token_claims = google.verify_id_token(reply["id_token"].as_str().unwrap()).await.unwrap();
    assert_eq!(tests::keys(&token_claims), ["at_hash", "aud", "azp", "exp", "iat", "iss", "sub"]);
}

#[tokio::test]
async fn a_code_without_a_challenge_takes_no_verifier() {
    let google = GoogleFixture::start().await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = google.obtain_code(&without).await;
    google.redeem_code(&code, &[("code_verifier", "")]).await.expect(200);
    // A code without a challenge must not be redeemable in a flow with one (PKCE downgrade).
    let code = google.obtain_code(&without).await;
    let reply = google.redeem_code(&code, &[]).await.expect(400);
    assert_eq!(reply.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_works_once_within_ten_minutes() {
    let google = GoogleFixture::start().await;
    let code = google.obtain_code(&[]).await;
    google.redeem_code(&code, &[]).await.expect(200);
    let again = google.redeem_code(&code, &[]).await.expect(400);
    assert_eq!(again.json()["error"], "invalid_grant");

    let (early, late) = (google.obtain_code(&[]).await, google.obtain_code(&[]).await);
    google.app.advance_clock(599).await;
    google.redeem_code(&early, &[]).await.expect(200);
    google.app.advance_clock(1).await;
    let reply = google.redeem_code(&late, &[]).await.expect(400);
    assert_eq!(reply.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn the_token_endpoint_refuses_mismatched_parameters() {
    let google = GoogleFixture::start().await;
    let other_verifier = "a".repeat(43);
    for (changes, status, error) in [
        ([("code_verifier", "")].as_slice(), 400, "invalid_grant"),
        (&[("code_verifier", other_verifier.as_str())], 400, "invalid_grant"),
        // The challenge is visible to the browser and must not work as the verifier.
        (&[("code_verifier", CHALLENGE)], 400, "invalid_grant"),
        (&[("redirect_uri", "https://evil.example/")], 400, "invalid_grant"),
        (&[("redirect_uri", "")], 400, "invalid_request"),
        (&[("code", "unknown")], 400, "invalid_grant"),
        (&[("code", "")], 400, "invalid_request"),
        (&[("grant_type", "")], 400, "invalid_request"),
        (&[("grant_type", "refresh_token")], 400, "unsupported_grant_type"),
        (&[("grant_type", "authorization_code"), ("grant_type", "x")], 400, "invalid_request"),
        (&[("client_secret", "wrong")], 401, "invalid_client"),
        (&[("client_secret", "")], 401, "invalid_client"),
        (&[("client_id", "somebody-else")], 401, "invalid_client"),
        (&[("client_id", "")], 401, "invalid_client"),
    ] {
        let code = google.obtain_code(&[]).await;
        let reply = google.redeem_code(&code, changes).await.expect(status);
        assert_eq!(reply.json()["error"], error, "{changes:?}");
        assert_eq!(reply.header("www-authenticate").is_some(), status == 401, "{changes:?}");
    }
    let reply = google.visitor.post("/local/google/token", json!({})).await.expect(400);
    assert_eq!(reply.json()["error"], "invalid_request");
    google.visitor.send(Method::GET, "/local/google/token", None).await.expect(405);
}

#[tokio::test]
async fn a_client_may_authenticate_in_the_header() {
    let google = GoogleFixture::start().await;
    let GoogleAccess { client_id, client_secret, .. } = google.client.clone();
    let send = async |id: &str, secret: &str, changes: &[(&str, &str)]| {
        let basic = format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes()));
        let at = google.visitor.clone().with_header("authorization", &basic);
        let body = [&[("client_id", ""), ("client_secret", "")], changes].concat();
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", &google.obtain_code(&[]).await),
            ("redirect_uri", &google.callback_url()),
            ("code_verifier", VERIFIER),
        ];
        google
            .post_form("/local/google/token", &at, encode_form(&with_changes(&usual, &body)))
            .await
    };
    send(&client_id, &client_secret, &[]).await.expect(200);
    // RFC 6749, section 2.3.1, encodes the id and the secret as in a form.
    send(&client_id.replace('.', "%2E"), &client_secret, &[]).await.expect(200);
    let wrong = send(&client_id, "wrong", &[]).await.expect(401);
    assert_eq!(wrong.json()["error"], "invalid_client");
    assert!(wrong.header("www-authenticate").unwrap().starts_with("Basic "));
    // Credentials in the header and in the body at once are an error.
    let both = [("grant_type", "authorization_code"), ("client_secret", "x")];
    let basic = BASE64.encode(format!("{client_id}:{client_secret}").as_bytes());
    let at = google.visitor.clone().with_header("authorization", &format!("Basic {basic}"));
    let reply =
        google.post_form("/local/google/token", &at, encode_form(&with_changes(&both, &[]))).await;
    assert_eq!(reply.expect(400).json()["error"], "invalid_request");
}

#[tokio::test]
async fn an_ordered_defect_affects_only_the_next_token() {
    let google = GoogleFixture::start().await;
    for changes in [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "somebody-else"}),
        json!({"aud": ["somebody-else", "another"], "azp": "somebody-else"}),
        json!({"nonce": "another"}),
        json!({"iat": 1, "exp": 2}),
    ] {
        google.alter_next_token(changes.clone()).await.expect(200);
        let token = google.obtain_id_token().await;
        for (name, value) in changes.as_object().unwrap() {
            assert_eq!(&claims(&token)[name], value);
        }
        let right = google.verify_id_token(&google.obtain_id_token().await).await.unwrap();
        assert_eq!((&right["nonce"], &right["iss"]), (&json!("n-1"), &json!(google.client.issuer)));
    }
    google.alter_next_token(json!({"drop": ["nonce", "azp"]})).await.expect(200);
    let dropped = google.verify_id_token(&google.obtain_id_token().await).await.unwrap();
    assert!(dropped["nonce"].is_null() && dropped["azp"].is_null() && dropped["sub"].is_string());
}

#[tokio::test]
async fn an_ordered_signature_affects_only_the_next_token() {
    let google = GoogleFixture::start().await;
    google.alter_next_token(json!({"key": "other"})).await.expect(200);
    let error = google.verify_id_token(&google.obtain_id_token().await).await.unwrap_err();
    assert_eq!(error.into_kind(), jsonwebtoken::errors::ErrorKind::InvalidSignature);

    google.alter_next_token(json!({"alg": "HS256"})).await.expect(200);
    let token = google.obtain_id_token().await;
    google.verify_id_token(&token).await.unwrap_err();
    let secret = DecodingKey::from_secret(google.client.client_secret.as_bytes());
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.set_audience(&[&google.client.client_id]);
    jsonwebtoken::decode::<Value>(&token, &secret, &validation).unwrap();

    google.alter_next_token(json!({"alg": "none"})).await.expect(200);
    let token = google.obtain_id_token().await;
    let parts: Vec<_> = token.split('.').collect();
    let header = data_encoding::BASE64URL_NOPAD.decode(parts[0].as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["alg"], parts[2]), (&json!("none"), ""));

    google.alter_next_token(json!({"alg": "none"})).await.expect(200);
    google.alter_next_token(json!({})).await.expect(200);
    google.verify_id_token(&google.obtain_id_token().await).await.unwrap();
    for bad in
        [json!({"alg": "ES256"}), json!({"sub": "1"}), json!({"alg": "none", "key": "other"})]
    {
        google.alter_next_token(bad).await.expect(400);
    }
}
