//! Tests of `GET` and `POST /v1/clients` and of `GET` and `PATCH /v1/clients/{client_id}`.

use insta::assert_snapshot;
use serde_json::json;
use shared::dynamo::Condition;
use tests::time::HOUR;
use tests::{TestApp, count_successes, race, race_size};

#[tokio::test]
async fn the_default_organization_is_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sign_up("eve").await;
    // Only one's own.
    let reply = ada.get("/v1/clients").await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "data": [
        {
          "created_at": "[now]",
          "deletion_scheduled_at": null,
          "id": "[client]",
          "is_default": true,
          "name": "ada",
          "plan": "free",
          "require_two_factor": false,
          "role": "owner"
        }
      ],
      "next_cursor": null
    }
    "#);
}

/// Signs up a person with `count` organizations besides the default one.
async fn sign_up_with_organizations(app: &TestApp, who: &str, count: usize) -> tests::Person {
    use shared::clock::Timestamp;
    use shared::ids::OrganizationId;
    use shared::organizations::{Member, Organization, Role};
    use shared::values::Name;

    let person = app.sign_up(who).await;
    let ctx = app.stack().context();
    let id = person.id().await;
    for number in 0..count {
        let since = Timestamp::from_seconds(ctx.now().seconds() + i64::try_from(number).unwrap());
        let name = Name::parse(&format!("Organization {number}")).unwrap();
        let client = Organization::new(OrganizationId::generate(&*ctx.random), name, &id, since);
        let client_id = client.id.clone();
        let member = Member { client_id, user_id: id.clone(), role: Role::Owner, joined_at: since };
        assert!(ctx.table.put(&client, Condition::Absent).await.unwrap());
        assert!(ctx.table.put(&member.to_listing(since), Condition::Absent).await.unwrap());
    }
    person
}

#[tokio::test]
async fn pages_are_ordered_without_duplicates_or_gaps() {
    let app = TestApp::start().await;
    let ada = sign_up_with_organizations(&app, "ada", 200).await;
    let mut expected: Vec<_> = std::iter::once("ada".to_owned())
        .chain((0..200).map(|n| format!("Organization {n}")))
        .collect();
    // The new organizations follow the existing ones, which were created one per second.
    app.advance_clock(300).await;
    for limit in [3, 7, 50, 200] {
        let (mut names, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let reply = ada.get(&format!("/v1/clients?limit={limit}{cursor}")).await.expect(200);
            let page = reply.json();
            let data = page["data"].as_array().unwrap().clone();
            assert!(data.len() <= limit);
            names.extend(data.iter().map(|client| client["name"].as_str().unwrap().to_owned()));
            if pages == 0 {
                // An organization that is created while the pages are read is the last.
                ada.create_client(&format!("Made at {limit}")).await;
                expected.push(format!("Made at {limit}"));
                app.advance_clock(1).await;
            }
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(names, expected, "limit {limit}");
        assert_eq!(pages, expected.len().div_ceil(limit), "limit {limit}");
    }
    // The default page size is 50.
    let page = ada.get("/v1/clients").await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_cursor_is_encrypted_and_bound_to_its_list() {
    let app = TestApp::start().await;
    let (ada, eve) = (
        sign_up_with_organizations(&app, "ada", 2).await,
        sign_up_with_organizations(&app, "eve", 2).await,
    );
    let page = ada.get("/v1/clients?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    ada.get(&format!("/v1/clients?cursor={cursor}")).await.expect(200);
    let theirs = eve.get(&format!("/v1/clients?cursor={cursor}")).await;
    theirs.expect_error(400, "INVALID_CURSOR");
    let mut changed = cursor.clone();
    let last = if changed.pop() == Some('A') { 'B' } else { 'A' };
    changed.push(last);
    for bad in ["", "x", "seed.x", &changed, &cursor[..cursor.len() / 2], "%00", "%ff"] {
        let reply = ada.get(&format!("/v1/clients?cursor={bad}")).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn limit_is_a_number_from_1_to_200() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for bad in ["0", "201", "-1", "1.5", "x", "", "99999999999999999999"] {
        let reply = ada.get(&format!("/v1/clients?limit={bad}")).await;
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("limit"), "{bad}");
    }
    ada.get("/v1/clients?limit=1&limit=2").await.expect_error(400, "INVALID_FIELD");
    let twice = ada.get("/v1/clients?cursor=x&cursor=x").await;
    twice.expect_error(400, "INVALID_CURSOR");
    ada.get("/v1/clients?limit=200&unknown=x").await.expect(200);
}

#[tokio::test]
async fn the_creator_owns_the_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.advance_clock(60).await;
    let made = ada.post("/v1/clients", json!({"name": " Acme  Corp ", "owner_id": "eve"})).await;
    assert_snapshot!(app.snapshot(&made).await, @r#"
    200
    {
      "created_at": "[now]",
      "id": "[client]",
      "name": "Acme  Corp",
      "owner_id": "ada@example.com"
    }
    "#);
    let made = made.json();
    let id = made["id"].as_str().unwrap();
    let seen = ada.get(&format!("/v1/clients/{id}")).await;
    assert_snapshot!(app.snapshot(&seen).await, @r#"
    200
    {
      "created_at": "[now]",
      "has_api_keys": false,
      "id": "[client]",
      "is_default": false,
      "members": 1,
      "name": "Acme  Corp",
      "owner_id": "ada@example.com",
      "plan": "free",
      "require_two_factor": false,
      "role": "owner"
    }
    "#);
    assert_eq!(seen.json()["id"], id);
    let list = ada.get("/v1/clients").await.expect(200).json();
    let names: Vec<_> = list["data"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
    assert_eq!(names, ["ada", "Acme  Corp"], "the default one first");
    let log = app.items(&format!("ACTIVITY#CLIENT#{id}#"), "").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["action"]["S"], "client.created");
}

#[tokio::test]
async fn a_name_is_one_line_of_at_most_100_characters() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let path = format!("/v1/clients/{client}");
    for (body, code) in [
        (json!({}), "MISSING_NAME"),
        (json!({"name": null}), "MISSING_NAME"),
        (json!({"name": "  "}), "MISSING_NAME"),
        (json!({"name": 7}), "INVALID_FIELD"),
        (json!({"name": "a\nb"}), "INVALID_FIELD"),
        (json!({"name": "x".repeat(101)}), "INVALID_FIELD"),
    ] {
        ada.post("/v1/clients", body.clone()).await.expect_error(400, code);
        ada.patch(&path, body).await.expect_error(400, code);
    }
    assert_eq!(app.items("CLIENT#", "META").await.len(), 2);
}

#[tokio::test]
async fn a_rename_updates_one_row_and_logs_the_old_name() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, shared::organizations::Role::Member).await;
    let path = format!("/v1/clients/{client}");
    let renamed = ada.patch(&path, json!({"name": "Acme Corp"})).await.expect(200).json();
    assert_eq!((&renamed["name"], &renamed["members"]), (&json!("Acme Corp"), &json!(2)));
    let list = bob.get("/v1/clients").await.json();
    assert_eq!(list["data"][1]["name"], "Acme Corp", "at once, for everybody");
    // The current name changes nothing.
    ada.patch(&path, json!({"name": "Acme Corp"})).await.expect(200);
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    let renamings: Vec<_> = log.iter().filter(|e| e["action"]["S"] == "client.renamed").collect();
    assert_eq!(renamings.len(), 1);
    let details = &renamings[0]["details"]["M"];
    assert_eq!(
        (&details["before"]["S"], &details["after"]["S"]),
        (&json!("Acme"), &json!("Acme Corp"))
    );
    assert_eq!(renamings[0]["user_id"]["S"], ada.id().await.as_str());
}

#[tokio::test]
async fn concurrent_renames_leave_one_name_and_a_complete_log() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let path = format!("/v1/clients/{client}");
    let replies = race(race_size(), |number| {
        let (ada, path) = (ada.clone(), path.clone());
        async move { ada.patch(&path, json!({"name": format!("Acme {number}")})).await }
    })
    .await;
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&replies).await;
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    let change = |entry: &serde_json::Value| {
        let text = |name: &str| entry["details"]["M"][name]["S"].as_str().unwrap().to_owned();
        (text("before"), text("after"))
    };
    let renamings: Vec<_> =
        log.iter().filter(|e| e["action"]["S"] == "client.renamed").map(change).collect();
    assert!(count_successes(&replies).contains(&renamings.len()));
    let mut changes: std::collections::BTreeMap<_, _> = renamings.iter().cloned().collect();
    assert_eq!(changes.len(), renamings.len(), "each from another name");
    let mut name = "Acme".to_owned();
    while let Some(next) = changes.remove(&name) {
        name = next;
    }
    assert!(changes.is_empty(), "one after the other");
    assert_eq!(ada.get(&path).await.json()["name"], name);
}

#[tokio::test]
async fn an_idempotency_key_creates_one_organization() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let keyed =
        |person: &tests::Person| person.visitor.clone().with_header("idempotency-key", "one");
    let replies = race(race_size().min(20), |_| {
        let at = keyed(&ada);
        async move { at.post("/v1/clients", json!({"name": "Acme"})).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    // A request that was answered with 503 is sent again.
    let last = keyed(&ada).post("/v1/clients", json!({"name": "Acme"})).await.expect(200);
    assert!(replies.iter().all(|r| r.status == 503 || r.status == 200 && r.text == last.text));
    assert_eq!(app.items("CLIENT#", "META").await.len(), 3);
    let again = keyed(&ada).post("/v1/clients", json!({"name": "Acme"})).await.expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let another = keyed(&ada).post("/v1/clients", json!({"name": "Bcme"})).await;
    another.expect_error(409, "IDEMPOTENCY_CONFLICT");
    // The same key of another user is another key.
    let theirs = keyed(&eve).post("/v1/clients", json!({"name": "Bcme"})).await.expect(200);
    assert_eq!(theirs.header("idempotent-replayed"), None);
    // An ended session does not get the recorded response.
    ada.post("/v1/logout", json!({})).await.expect(200);
    let late = keyed(&ada).post("/v1/clients", json!({"name": "Acme"})).await;
    late.expect_error(401, "invalid session");
}

#[tokio::test]
async fn an_account_creates_sixty_organizations_an_hour() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    // The test starts at a full hour so that the hour does not end within it.
    app.advance_to_next(HOUR).await;
    for number in 0..60 {
        ada.create_client(&format!("Organization {number}")).await;
    }
    let refused = ada.post("/v1/clients", json!({"name": "One more"})).await;
    let refused = refused.expect_error(429, "RATE_LIMITED");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(app.items("CLIENT#", "META").await.len(), 61);
    // The limit counts by account and ends with the hour.
    app.sign_up("eve").await.create_client("Hers").await;
    app.advance_clock(3600).await;
    ada.create_client("One more").await;
}
