//! The local Google is an OpenID provider that follows the standards and Google's documentation,
//! also in what it refuses.

use serde_json::json;
use tests::google_simulator::{GoogleFixture, STATE, ada_account, encode_form, parameter};

#[tokio::test]
async fn the_discovery_document_names_what_is_served() {
    let google = GoogleFixture::start().await;
    let path = "/local/google/.well-known/openid-configuration";
    let document = google.visitor.get(path).await.expect(200).json();
    let issuer = format!("{}/local/google", google.app.url());
    assert_eq!(document["issuer"], issuer);
    assert_eq!(google.client.issuer, issuer);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/certs"),
    ] {
        assert_eq!(document[name], format!("{issuer}{path}"));
        // The endpoint exists, although it may refuse an empty request.
        assert_ne!(google.visitor.get(&format!("/local/google{path}")).await.status, 404, "{path}");
    }
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
    assert_eq!(document["code_challenge_methods_supported"], json!(["plain", "S256"]));
}

#[tokio::test]
async fn the_page_lists_the_accounts_and_can_be_canceled() {
    let google = GoogleFixture::start().await;
    let other = json!({"sub": "7", "email": "eve@example.com", "email_verified": false,
        "name": "<script>alert(1)</script>"});
    google.create_account(other).await.expect(200);
    for changes in [
        [("login_hint", "")].as_slice(),
        &[("login_hint", "stranger@example.com")],
        &[("login_hint", ""), ("prompt", "select_account consent")],
    ] {
        let page = google.authorize(changes).await.expect(200);
        assert!(page.text.contains("ada@example.com") && page.text.contains("Cancel"));
        assert!(!page.text.contains("<script"), "{}", page.text);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    // OpenID Connect requires that the request may also be a form.
    let form = encode_form(&google.authorization_request(&[("login_hint", "")]));
    google.post_form("/local/google/authorize", &google.visitor, form).await.expect(200);

    let params = google.redirect_params(&google.choose_account(&[("account", "7")]).await);
    assert_eq!(parameter(&params, "state").as_deref(), Some(STATE));
    let reply =
        google.redeem_code(&parameter(&params, "code").unwrap(), &[]).await.expect(200).json();
    let token_claims = google.verify_id_token(reply["id_token"].as_str().unwrap()).await.unwrap();
    assert_eq!(
        (&token_claims["sub"], &token_claims["email_verified"]),
        (&json!("7"), &json!(false))
    );

    let params = google.redirect_params(&google.choose_account(&[("cancel", "1")]).await);
    assert_eq!(parameter(&params, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&params, "state").as_deref(), Some(STATE));
    assert_eq!(parameter(&params, "code"), None);
    google.choose_account(&[("account", "none")]).await.expect(400);
}

#[tokio::test]
async fn an_account_is_added_on_the_page() {
    let google = GoogleFixture::start().await;
    let bad = google.choose_account(&[("new_email", "nobody")]).await.expect(400);
    assert!(bad.text.contains("role=\"alert\""), "{}", bad.text);
    let new = [("new_email", "new@example.com"), ("new_name", "New"), ("new_verified", "1")];
    let params = google.redirect_params(&google.choose_account(&new).await);
    let reply =
        google.redeem_code(&parameter(&params, "code").unwrap(), &[]).await.expect(200).json();
    let token_claims = google.verify_id_token(reply["id_token"].as_str().unwrap()).await.unwrap();
    let list = google.visitor.get("/local/google/accounts").await.expect(200).json();
    let added = list["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        added,
        json!({"sub": token_claims["sub"], "email": "new@example.com",
        "email_verified": true, "hd": "example.com", "name": "New"})
    );
    // The same email selects the same account again.
    google.redirect_params(&google.choose_account(&new).await);
    assert_eq!(google.visitor.get("/local/google/accounts").await.json(), list);

    let other_origin = google.visitor.clone().with_header("origin", "https://evil.example");
    let body = encode_form(&google.authorization_request(&[("new_email", "x@example.com")]));
    google
        .post_form("/local/google/authorize/choice", &other_origin, body.clone())
        .await
        .expect(403);
    let address = google.app.stack().address();
    let same_origin = google.visitor.clone().with_header("origin", &format!("http://{address}"));
    google.post_form("/local/google/authorize/choice", &same_origin, body).await.expect(302);
}

#[tokio::test]
async fn an_invalid_redirect_uri_or_client_gets_no_redirect() {
    let google = GoogleFixture::start().await;
    let callback = google.callback_url();
    let longer = format!("{callback}/");
    for (changes, status, error) in [
        ([("client_id", "somebody-else")], 401, "invalid_client"),
        ([("client_id", "")], 400, "invalid_request"),
        ([("redirect_uri", "")], 400, "invalid_request"),
        ([("redirect_uri", "https://evil.example/")], 400, "redirect_uri_mismatch"),
        ([("redirect_uri", longer.as_str())], 400, "redirect_uri_mismatch"),
    ] {
        let reply = google.authorize(&changes).await.expect(status);
        assert_eq!(reply.header("location"), None);
        assert!(reply.text.contains(error), "{}", reply.text);
        let body = encode_form(
            &google.authorization_request(&[changes.as_slice(), &[("account", "7")]].concat()),
        );
        let reply = google.post_form("/local/google/authorize/choice", &google.visitor, body).await;
        assert_eq!((reply.status, reply.header("location")), (status, None));
    }
    let twice = [("redirect_uri", callback.as_str()), ("redirect_uri", "https://evil.example/")];
    google.authorize(&twice).await.expect(400);
}

#[tokio::test]
async fn other_invalid_requests_redirect_with_an_error() {
    let google = GoogleFixture::start().await;
    for (changes, error) in [
        ([("response_type", "")].as_slice(), "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("scope", "")], "invalid_request"),
        (&[("scope", "email profile")], "invalid_scope"),
        (&[("scope", "openid drive")], "invalid_scope"),
        (&[("nonce", "n-1"), ("nonce", "n-2")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "S512")], "invalid_request"),
        (&[("request", "x.y.z")], "request_not_supported"),
        (&[("request_uri", "https://x.example/")], "request_uri_not_supported"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "none"), ("login_hint", "")], "account_selection_required"),
        (&[("prompt", "none"), ("login_hint", "x@example.com")], "login_required"),
    ] {
        let params = google.redirect_params(&google.authorize(changes).await);
        assert_eq!(parameter(&params, "error").as_deref(), Some(error), "{changes:?}");
        assert_eq!(parameter(&params, "state").as_deref(), Some(STATE), "{changes:?}");
        assert_eq!(parameter(&params, "code"), None, "{changes:?}");
    }
    let params = google.redirect_params(&google.authorize(&[("prompt", "none")]).await);
    assert!(parameter(&params, "code").is_some());
}

#[tokio::test]
async fn accounts_are_listed_and_replaced_by_sub() {
    let google = GoogleFixture::start().await;
    let renamed = json!({"sub": ada_account()["sub"], "email": "countess@example.com",
        "email_verified": false, "name": null});
    google.create_account(renamed.clone()).await.expect(200);
    let list = google.visitor.get("/local/google/accounts").await.expect(200).json();
    let all = list["data"].as_array().unwrap();
    // Two sample accounts exist from the start.
    assert_eq!(all.len(), 3, "{list}");
    assert!(all.contains(&renamed) && !all.contains(&ada_account()));
    for bad in [
        json!({}),
        json!([]),
        json!({"sub": "", "email": "a@example.com", "email_verified": true, "name": "A"}),
        json!({"sub": "1", "email": "nobody", "email_verified": true, "name": "A"}),
        json!({"sub": "1", "email": "a@example.com", "email_verified": "yes", "name": "A"}),
        json!({"sub": "1", "email": "a@example.com", "email_verified": true, "nme": "A"}),
    ] {
        let reply = google.create_account(bad.clone()).await.expect(400);
        assert!(reply.json()["detail"].is_string(), "{bad}");
    }
    let outside = google.visitor.clone().with_header("host", "evil.example");
    outside.get("/local/google/accounts").await.expect(403);
    outside.get("/local/google/certs").await.expect(403);
}
