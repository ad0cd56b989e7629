//! `/v1/email/undo`: the old address back.

use serde_json::json;
use tests::{PASSWORD, Person, World};

use crate::routes::change_email::{login, moved, undo};

#[tokio::test]
async fn stale_sessions_undoing_restores_the_address_and_ends_all_sessions() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let token = moved(&world, &ada, "eve@example.org").await;
    let elsewhere = login(&world, "eve@example.org").await.expect(200);
    let elsewhere = Person::from_session(&world.visitor(), "eve@example.org", &elsewhere);
    world.advance(7 * 24 * 3600 - 3600).await;
    undo(&world, &token).await.expect(200);
    for session in [&ada, &elsewhere] {
        session.get("/v1/me").await.expect_error(401, "invalid session");
    }
    login(&world, "ada@example.com").await.expect(200);
    login(&world, "eve@example.org").await.expect(401);
    undo(&world, &token).await.expect_error(400, "INVALID_CODE");
    // The address that the account left is free at once.
    let body = json!({"email": "eve@example.org", "name": "Eve", "password": PASSWORD});
    world.visitor().post("/v1/register", body).await.expect(200);
}

#[tokio::test]
async fn an_undo_is_good_for_seven_days() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let token = moved(&world, &ada, "ada@example.org").await;
    for bad in [".", "x", &token[..token.len() - 1]] {
        let reply = world.visitor().post("/v1/email/undo", json!({"token": bad})).await;
        reply.expect_error(400, "INVALID_CODE");
    }
    for none in [json!({}), json!({"token": ""})] {
        let none = world.visitor().post("/v1/email/undo", none).await;
        none.expect_error(400, "MISSING_TOKEN");
    }
    // Until then nobody else gets the old address, not even unproven.
    let body = json!({"email": "ada@example.com", "name": "Eve", "password": PASSWORD});
    let taken = world.visitor().post("/v1/register", body.clone()).await;
    taken.expect_error(409, "EMAIL_ALREADY_EXISTS");
    world.advance(7 * 24 * 3600).await;
    undo(&world, &token).await.expect_error(400, "INVALID_CODE");
    world.visitor().post("/v1/register", body).await.expect(200);
}

/// Whoever took over an account moves it twice, so that the second notice goes to them.
#[tokio::test]
async fn undoing_voids_the_changes_that_came_after() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let owners = moved(&world, &ada, "eve1@example.org").await;
    world.advance(60).await;
    let eves = moved(&world, &ada, "eve2@example.org").await;
    undo(&world, &owners).await.expect(200);
    undo(&world, &eves).await.expect_error(400, "INVALID_CODE");
    login(&world, "ada@example.com").await.expect(200);
    // Not even after the owner has moved on.
    let ada = ada.sign_in(&world).await;
    for new in ["ada1@example.org", "ada2@example.org"] {
        world.advance(60).await;
        moved(&world, &ada, new).await;
    }
    undo(&world, &eves).await.expect_error(400, "INVALID_CODE");
    login(&world, "ada2@example.org").await.expect(200);
}

#[tokio::test]
async fn one_goes_back_to_an_address_of_before() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let first = moved(&world, &ada, "ada@example.org").await;
    world.advance(60).await;
    moved(&world, &ada, "ada@example.com").await;
    login(&world, "ada@example.com").await.expect(200);
    undo(&world, &first).await.expect(200);
    login(&world, "ada@example.com").await.expect(200);
    let body = json!({"email": "ada@example.com", "name": "Eve", "password": PASSWORD});
    world.visitor().post("/v1/register", body).await.expect(409);
}

#[tokio::test]
async fn scanner_burns_link_nothing_but_a_post_undoes() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let token = moved(&world, &ada, "ada@example.org").await;
    let visitor = world.visitor();
    for path in ["/v1/email/undo", "/api/v1/email/undo"] {
        // What a scanner sends: no browser and no scanner sends what follows a `#`.
        let page = visitor.get(path).await.expect(200);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'unsafe-inline'"));
        assert!(policy.contains("connect-src 'self'; frame-ancestors 'none'"), "{policy}");
        visitor.get(&format!("{path}?token={token}")).await.expect(200);
        visitor.send(reqwest::Method::HEAD, &format!("{path}?token={token}"), None).await;
    }
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], "ada@example.org");
    undo(&world, &token).await.expect(200);
}
