//! Tests of `GET /v1/tokens`.

use serde_json::json;
use tests::TestApp;
use tests::tokens::{create_token, list_tokens, revoke_token};

#[tokio::test]
async fn own_tokens_are_listed_in_order_and_masked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let eve = app.sign_up("eve").await;
    eve.token("hers").await;
    let now = app.now().await;
    let mut values = Vec::new();
    for number in 1..=12 {
        let body = json!({"token_name": format!("t{number}"), "expires_in_days": 30});
        values.push(create_token(&ada, body).await.expect(200).json());
    }
    revoke_token(&ada, &json!(2)).await.expect(200);
    let list = ada.get("/v1/tokens").await.expect(200);
    assert_eq!(list.keys(), ["data", "next_cursor"]);
    for made in &values {
        assert!(!list.text.contains(made["token"].as_str().unwrap()));
    }
    let all = list_tokens(&ada).await;
    let ids: Vec<_> = all.iter().map(|token| token["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=12).collect::<Vec<_>>());
    let token = values[1]["token"].as_str().unwrap();
    let expected = json!({
        "id": 2, "client_id": "ada@example.com", "token_name": "t2",
        "masked": format!("aius_…{}", &token[token.len() - 4..]), "created_at": now,
        "last_used_at": null, "expires_at": now + 30 * 24 * 60 * 60, "revoked_at": now,
        "scopes": values[1]["scopes"], "allowed_ips": null,
    });
    assert_eq!(all[1], expected);
    assert_eq!(all[0]["revoked_at"], json!(null));
    let (mut paged, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = ada.get(&format!("/v1/tokens?limit=5{cursor}")).await.expect(200).json();
        paged.extend(page["data"].as_array().unwrap().clone());
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        let theirs = eve.get(&format!("/v1/tokens?limit=5{cursor}")).await;
        theirs.expect_error(400, "INVALID_CURSOR");
    }
    assert_eq!((paged, pages), (all, 3));
}
