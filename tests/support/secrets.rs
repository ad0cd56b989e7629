//! The secrets of a stack.

use serde_json::Value;
use shared::secrets::PerSecret;

use crate::TestApp;

/// Changes one of the secrets, selected by `id`, and advances the clock by five minutes, after which every function
/// has read it.
pub async fn put_secret(
    app: &TestApp,
    id: impl FnOnce(&PerSecret<String>) -> Option<&String>,
    change: impl FnOnce(&mut Value),
) {
    store_secret(app, id, change).await;
    app.advance_clock(300).await;
}

/// Changes one of the secrets, selected by `id`.
pub async fn store_secret(
    app: &TestApp,
    id: impl FnOnce(&PerSecret<String>) -> Option<&String>,
    change: impl FnOnce(&mut Value),
) {
    let client = aws_sdk_secretsmanager::Client::new(app.stack().sdk());
    let id = id(&app.stack().context().config.secret_ids).unwrap();
    let secret = client.get_secret_value().secret_id(id).send().await.unwrap();
    let mut secret: Value = serde_json::from_str(secret.secret_string().unwrap()).unwrap();
    change(&mut secret);
    let put = client.put_secret_value().secret_id(id).secret_string(secret.to_string());
    put.send().await.unwrap();
}
