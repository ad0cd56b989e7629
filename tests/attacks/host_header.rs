//! Links and addresses in mails come from the configuration.

use serde_json::json;
use tests::{PASSWORD, TestApp, code_in};

#[tokio::test]
async fn host_header_does_not_change_mails() {
    let app = TestApp::start().await;
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
        let visitor = app.visitor().with_header(name, value).with_header("user-agent", value);
        visitor.post("/v1/register", body).await.expect(200);
        let mail = &app.mails(&email).await[0];
        let code = code_in(mail);
        let verify = json!({"email": email, "code": code});
        let session = visitor.post("/v1/verify-email", verify).await.expect(200).json();
        let session = session["session_token"].as_str().unwrap().to_owned();
        let change = json!({"current_password": PASSWORD, "new_password": "another-horse-7"});
        visitor.with_session(&session).post("/v1/me/password", change).await.expect(200);
        // The second mail holds a link, and the third one a link with a token.
        let new = format!("new{number}@example.com");
        let password = "another-horse-7";
        let change = json!({"new_email": new, "password": password});
        let signed_in = app.visitor().with_header(name, value).with_header("user-agent", value);
        let signed_in = signed_in.with_session(&session);
        signed_in.post("/v1/me/email", change).await.expect(200);
        let confirm = json!({"code": app.code(&new).await});
        signed_in.post("/v1/me/email/confirm", confirm).await.expect(200);
        let mut both = app.mails(&email).await;
        let notice = both.remove(0)["text"].as_str().unwrap().to_owned();
        let undo = format!("{}/account/undo-email?token=usr_", app.url());
        assert!(notice.contains(&undo) && !notice.contains("evil"), "{notice}");
        let not_me = format!("{}/account/not-me?token=usr_", app.url());
        assert!(both[0]["text"].as_str().unwrap().contains(&not_me));
        for mail in both {
            let bytes = ["from", "subject", "text", "html"].map(|part| {
                let text = join_lines(&mail[part]);
                let in_link = email.replace('@', "%40");
                let text = text.replace(&code, "CODE").replace(&email, "EMAIL");
                let text = text.replace(&in_link, "EMAIL");
                let [time, address] = read_request_origin(&mail);
                hide_tokens(&text.replace(&time, "TIME").replace(&address, "ADDRESS"))
            });
            assert!(!bytes.concat().contains("evil"), "{name}");
            mails.push((mail["subject"].as_str().unwrap().replace(&code, "CODE"), bytes));
        }
    }
    for mail in mails.chunks(2) {
        assert_eq!(mail, &mails[..2]);
    }
}

/// Reads the time and the address of the request from a mail.
fn read_request_origin(mail: &serde_json::Value) -> [String; 2] {
    let text = join_lines(&mail["text"]);
    let (time, rest) = text.split_once(" When: ").unwrap().1.split_once(" IP address: ").unwrap();
    [time.to_owned(), rest.split_once(" Device: ").unwrap().0.to_owned()]
}

/// Replaces the tokens of links.
fn hide_tokens(text: &str) -> String {
    let mut parts = text.split("?token=usr_");
    let first = parts.next().unwrap().to_owned();
    let end = |part: &str| part.find([' ', '"', '<']).unwrap_or(part.len());
    parts.fold(first, |hidden, part| format!("{hidden}?token=TOKEN{}", &part[end(part)..]))
}

/// Joins the lines of a mail text, because line breaks depend on the length of the requester's address.
fn join_lines(text: &serde_json::Value) -> String {
    text.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}
