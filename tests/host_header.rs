//! Links and addresses in mail come from configuration.

use serde_json::json;
use tests::{PASSWORD, World, code_in};

#[tokio::test]
async fn host_header_changes_no_byte_of_a_mail() {
    let world = World::start().await;
    let mut mails = Vec::new();
    for (number, (name, value)) in [
        ("x-nothing", "x"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "https://evil.example/"),
        ("referer", "https://evil.example/"),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("ada{number}@example.com");
        let body = json!({"email": email, "name": "Ada", "password": PASSWORD});
        let visitor = world.visitor().with_header(name, value).with_header("user-agent", value);
        visitor.post("/v1/register", body).await.expect(200);
        let mail = &world.mails(&email).await[0];
        let code = code_in(mail);
        let bytes = ["from", "subject", "text", "html"].map(|part| {
            mail[part].as_str().unwrap().replace(&code, "CODE").replace(&origin_of(mail), "ORIGIN")
        });
        assert!(!bytes.concat().contains("evil"), "{name}");
        mails.push(bytes);
    }
    assert!(mails.iter().all(|mail| mail == &mails[0]), "{mails:#?}");
}

/// When and from which address the code was asked for, as the mail says it.
fn origin_of(mail: &serde_json::Value) -> String {
    let text = mail["text"].as_str().unwrap();
    text.split("asked for on ").nth(1).unwrap().split(" with ").next().unwrap().to_owned()
}
