//! Events of one second are listed in their order, newest first.

use serde_json::{Value, json};
use shared::dynamo::{Key, Update};
use tests::{Person, TestApp};

/// Gets all events of a list with an action, from pages of three.
async fn list_events(person: &Person, path: &str, action: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("{path}?limit=3{cursor}")).await.expect(200).json();
        all.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    all.into_iter().filter(|event| event["action"] == action).collect()
}

#[tokio::test]
async fn events_of_one_second_are_in_order() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let mut expected = Vec::new();
    for number in 1..=12 {
        ada.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200);
        let name = format!("Acme {number}");
        ada.patch(&format!("/v1/clients/{acme}"), json!({"name": name})).await.expect(200);
        expected.insert(0, (number.to_string(), name));
    }
    let own = list_events(&ada, "/v1/me/activity", "token.created").await;
    let log = format!("/v1/clients/{acme}/activity");
    let of_organization = list_events(&ada, &log, "client.renamed").await;
    let listed = own.iter().zip(&of_organization).map(|(token, renamed)| {
        assert_eq!(token["timestamp"], own[0]["timestamp"]);
        assert_eq!(renamed["timestamp"], own[0]["timestamp"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&token["target"]), text(&renamed["details"]["after"]))
    });
    assert_eq!(listed.collect::<Vec<_>>(), expected);
}

/// Events that were written before the sequence was introduced have no number in their key.
#[tokio::test]
async fn events_without_a_sequence_are_still_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let rows = app.items(&format!("ACTIVITY#CLIENT#{acme}#"), "").await;
    let pk = rows[0]["pk"]["S"].as_str().unwrap();
    let now = app.now().await;
    let (ctx, user) = (app.stack().context(), ada.id().await);
    let mut expected = Vec::new();
    for second in 1..=7 {
        let id = format!(
            "evt_aaaaaaaaaaaaaaaaaaaaaaaaa{}",
            ["a", "e", "i", "m", "q", "u", "y"][second - 1]
        );
        let at = now - 10 + i64::try_from(second).unwrap();
        let key = Key::new(pk, format!("{at:0>12}#{id}"));
        let row = Update::new(key).set("id", &id).unwrap().set("at", at).unwrap();
        let row = row.set("scope", format!("CLIENT#{acme}")).unwrap();
        let row = row.set("action", "key.created").unwrap().set("user_id", &user).unwrap();
        let row = row.set("target", "1").unwrap().set("ip", "203.0.113.9").unwrap();
        let row = row.set("user_agent", "curl").unwrap();
        ctx.table.update::<Value>(row).await.unwrap();
        expected.insert(0, id);
    }
    // An organization's log begins with its creation.
    let created = Update::new(shared::keys::organization(&acme.parse().unwrap()));
    let created = created.set("created_at", now - 100).unwrap();
    ctx.table.update::<Value>(created).await.unwrap();
    ada.patch(&format!("/v1/clients/{acme}"), json!({"name": "New"})).await.expect(200);
    let log = format!("/v1/clients/{acme}/activity");
    let listed = list_events(&ada, &log, "key.created").await;
    let ids: Vec<_> = listed.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids, expected);
    let newest = ada.get(&format!("{log}?limit=1")).await.expect(200).json();
    assert_eq!(newest["data"][0]["action"], "client.renamed");
}
