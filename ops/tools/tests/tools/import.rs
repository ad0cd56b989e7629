//! `ops-tools import`: accounts, organizations and memberships.

use serde_json::{Value, json};
use shared::dynamo::{Key, retry_conflicts};
use tests::Person;

use crate::support::Workbench;

/// What Python's bcrypt makes of the password `correct-horse-9`, with `gensalt(5)`.
pub(crate) const BCRYPT: &str = "$2b$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC";

/// Makes the line of a verified account.
fn line(who: &str, organizations: &Value) -> Value {
    json!({"email": format!("{who}@example.com"), "name": who, "email_verified": true, "password_hash": BCRYPT,
        "organizations": organizations})
}

async fn sign_in(bench: &Workbench, who: &str) -> Person {
    let (email, visitor) = (format!("{who}@example.com"), bench.app.visitor());
    Person { email, visitor, session: None }.sign_in(&bench.app).await
}

/// Returns name and role of the organizations of a person.
async fn organizations(person: &Person) -> Vec<(String, String)> {
    let list = person.get("/v1/clients").await.expect(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["name"]), text(&one["role"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_and_their_members_are_imported() {
    let bench = Workbench::start().await;
    let acme = |role: &str| json!({"reference": "17", "name": "Acme", "role": role});
    let file = bench.write_lines(
        "users.jsonl",
        &[
            // The owner stands below a member.
            line("bob", &json!([acme("admin")])),
            line("ada", &json!([acme("owner"), {"name": "Ada's own", "role": "owner"}])),
            line("eve", &json!([acme("viewer"), {"name": "Nowhere", "role": "member"}])),
        ],
    );
    let dry = bench.run("auth", &["import", &file]).await.expect(1);
    dry.has_line("dry run: nothing is written; --apply imports");
    assert!(bench.app.durable_items().await.is_empty(), "a dry run writes nothing");
    let done = bench.run("auth", &["import", &file, "--apply"]).await.expect(1);
    for printed in [&dry, &done] {
        printed
            .has_line("line 3: its organization has no owner in the file, or was deleted")
            .has_line("3 accounts created")
            .has_line("2 organizations created")
            .has_line("2 memberships created")
            .has_line("1 memberships refused");
    }
    let (ada, bob, eve) =
        (sign_in(&bench, "ada").await, sign_in(&bench, "bob").await, sign_in(&bench, "eve").await);
    let names = |list: &[(String, String)]| {
        let mut names: Vec<_> = list.iter().map(|(name, role)| format!("{name}: {role}")).collect();
        names[1..].sort();
        names
    };
    assert_eq!(
        names(&organizations(&ada).await),
        ["ada: owner", "Acme: owner", "Ada's own: owner"]
    );
    assert_eq!(names(&organizations(&bob).await), ["bob: owner", "Acme: admin"]);
    assert_eq!(names(&organizations(&eve).await), ["eve: owner", "Acme: viewer"]);
    let list = ada.get("/v1/clients").await.json();
    let acme = list["data"].as_array().unwrap().iter().find(|one| one["name"] == "Acme").unwrap();
    let members = format!("/v1/clients/{}/members", acme["id"].as_str().unwrap());
    assert_eq!(ada.get(&members).await.expect(200).json()["data"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn importing_again_changes_nothing() {
    let bench = Workbench::start().await;
    let acme = |role: &str| json!([{"name": "Acme", "role": role}]);
    let lines = [line("ada", &acme("owner")), line("bob", &acme("member"))];
    let file = bench.write_lines("users.jsonl", &lines);
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
    let before = bench.app.dump().await;
    for arguments in [vec!["import", &file, "--apply"], vec!["import", &file]] {
        let again = bench.run("auth", &arguments).await.expect(0);
        again
            .has_line("2 accounts imported before")
            .has_line("1 organizations imported before")
            .has_line("1 memberships imported before");
        assert_eq!(bench.app.dump().await, before);
    }
    // Two imports at once create each account and each organization once.
    let mut more: Vec<_> =
        (0..20).map(|number| line(&format!("user{number}"), &json!([]))).collect();
    more[0]["organizations"] = json!([{"name": "Beta", "role": "owner"}]);
    // Each import writes its progress beside its file.
    let files = ["more.jsonl", "same.jsonl"].map(|name| bench.write_lines(name, &more));
    let [first, second] = files.each_ref().map(|file| ["import", file.as_str(), "--apply"]);
    let (first, second) = tokio::join!(bench.run("auth", &first), bench.run("auth", &second));
    first.expect(0);
    second.expect(0);
    assert_eq!(bench.app.items("EMAIL#", "META").await.len(), 22);
    assert_eq!(bench.app.items("USER#", "META").await.len(), 22);
    // Each of the 22 accounts has a default organization, and two organizations were imported.
    assert_eq!(bench.app.items("CLIENT#", "META").await.len(), 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_mail() {
    let bench = Workbench::start().await;
    let unverified = json!({"email": "new@example.com", "password_hash": BCRYPT});
    let file = bench.write_lines(
        "users.jsonl",
        &[
            line("ada", &json!([{"name": "Acme", "role": "owner"}])),
            line("bob", &json!([{"name": "Acme", "role": "member"}])),
            unverified,
        ],
    );
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
    for who in ["ada", "bob", "new"] {
        assert_eq!(bench.app.mails(&format!("{who}@example.com")).await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_account_stays_as_it_is() {
    let bench = Workbench::start().await;
    let ada = bench.app.sign_up("ada").await;
    let before = bench.user("ada@example.com").await;
    let file = bench.write_lines(
        "users.jsonl",
        &[
            line("ada", &json!([{"name": "Acme", "role": "owner"}])),
            line("bob", &json!([{"name": "Acme", "role": "member"}])),
        ],
    );
    let printed = bench.run("auth", &["import", &file, "--apply"]).await.expect(1);
    printed
        .has_line("line 1: kept: the address has an account, or is reserved for one")
        .has_line("line 1: organization refused: its owner's account was kept as it is")
        .has_line("line 2: its organization has no owner in the file, or was deleted")
        .has_line("1 accounts kept as they are");
    assert_eq!(bench.user("ada@example.com").await, before);
    assert_eq!(organizations(&ada).await.len(), 1);
    assert_eq!(organizations(&sign_in(&bench, "bob").await).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_lines_are_reported_with_their_reasons() {
    let bench = Workbench::start().await;
    let file = bench.path("users.jsonl");
    let long = format!(r#"{{"email":"long@example.com","name":"{}"}}"#, "x".repeat(70_000));
    let lines = [
        "not json",
        "",
        r#"{"email":"nobody"}"#,
        r#"{"email":"a@example.com","password_hash":"$2b$31$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC"}"#,
        r#"{"email":"b@example.com","password_hash":"$scrypt$ln=20,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$CewowPzzAGrQtGZRsn/Y+0S+ACZvHJ9oe4uFpW0mcLw"}"#,
        long.as_str(),
        r#"{"email":"fine@example.com","email_verified":true}"#,
        r#"{"email":"disabled@example.com","email_verified":true,"disabled":true}"#,
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let printed = bench.run("auth", &["import", &file, "--apply"]).await.expect(1);
    printed
        .has_line("line 1: it is not one JSON object with the documented fields (column 2)")
        .has_line("line 3: the address is not an email address")
        .has_line("line 4: the password hash takes too much memory or time to verify: bcrypt above cost 14")
        .has_line("line 5: the password hash takes too much memory or time to verify: scrypt above 128 MiB")
        .has_line("line 6: it is longer than 64 KiB or not UTF-8")
        .has_line("line 8: the account is disabled in the other system")
        .has_line("1 accounts created")
        .has_line("6 lines refused")
        .has_line("1 accounts created without a password");
    assert_eq!(bench.app.items("USER#", "META").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_import_goes_on_where_it_stopped() {
    let bench = Workbench::start().await;
    let lines: Vec<_> = ["ada", "bob", "eve"].map(|who| line(who, &json!([]))).into();
    let file = bench.write_lines("users.jsonl", &lines);
    let progress = bench.path("users.jsonl.progress");
    let file_len = std::fs::metadata(&file).unwrap().len();
    let interrupt = |is_clean: bool, file_len: u64| {
        let json =
            json!({"pass": "accounts", "line": 2, "is_clean": is_clean, "file_len": file_len});
        std::fs::write(&progress, json.to_string()).unwrap();
    };
    interrupt(true, file_len);
    let printed = bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
    printed.has_line("1 accounts created");
    bench.user("eve@example.com").await;
    assert_eq!(bench.app.items("USER#", "META").await.len(), 1);
    assert!(!std::path::Path::new(&progress).exists(), "the import is done");
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0).has_line("2 accounts created");

    interrupt(false, file_len);
    let printed = bench.run("auth", &["import", &file, "--apply"]).await.expect(1);
    printed
        .has_line("1 accounts imported before")
        .has_line("lines were refused or have failed before the interruption: import again");
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
    interrupt(true, file_len + 1);
    let printed = bench.run("auth", &["import", &file, "--apply"]).await.expect(1);
    let why = "the imported file has changed since the import was interrupted";
    assert!(printed.text.contains(why), "{}", printed.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_another_address_gets_no_second_account() {
    let bench = Workbench::start().await;
    let file = bench.write_lines("users.jsonl", &[line("ada", &json!([]))]);
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
    let ada = sign_in(&bench, "ada").await;
    tests::account_erasure::change_email(&bench.app, &ada, "new@example.com").await;
    // The former address is reserved for a time, and then deleted.
    let (ctx, guard) = (bench.app.stack().context(), Key::new("EMAIL#ada@example.com", "META"));
    retry_conflicts(ctx, || ctx.table.delete(&guard)).await.unwrap();
    for arguments in [vec!["import", &file], vec!["import", &file, "--apply"]] {
        let printed = bench.run("auth", &arguments).await.expect(0);
        printed.has_line("1 accounts kept as they are");
    }
    assert_eq!(bench.app.items("USER#", "META").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_authenticator_goes_on_working() {
    let bench = Workbench::start().await;
    // 20 bytes, and the 10 bytes that many systems use.
    for (who, secret) in [("ada", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), ("bob", "GEZDGNBVGY3TQOJQ")]
    {
        let mut account = line(who, &json!([]));
        account["totp_secret"] = json!(secret);
        let file = bench.write_lines("users.jsonl", &[account]);
        bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
        let body = json!({"email": format!("{who}@example.com"), "password": tests::PASSWORD});
        let reply = bench.app.visitor().post("/v1/login", body).await.expect(200).json();
        let challenge = reply["challenge_token"].as_str().expect("the second factor is asked");
        let at = u64::try_from(bench.app.now().await).unwrap();
        let totp = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_secret(
            totp_rs::Secret::new(
                if who == "ada" { &b"12345678901234567890"[..] } else { &b"1234567890"[..] }.into(),
            ),
        );
        let code = totp.build_noncompliant().generate(at).to_string();
        let answer = tests::two_factor::answer_challenge(&bench.app, challenge, &code).await;
        answer.expect(200);
        let again = tests::two_factor::answer_challenge(&bench.app, challenge, &code).await;
        assert_ne!(again.status, 200, "a code counts once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_account_belongs_to_who_reads_the_mail() {
    let bench = Workbench::start().await;
    let unverified =
        json!({"email": "ada@example.com", "name": "Squatter", "password_hash": BCRYPT});
    let file = bench.write_lines("users.jsonl", &[unverified]);
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
    let login = json!({"email": "ada@example.com", "password": tests::PASSWORD});
    let reply = bench.app.visitor().post("/v1/login", login.clone()).await;
    reply.expect_error(403, "EMAIL_NOT_VERIFIED");
    let visitor = bench.app.visitor();
    let body = json!({"email": "ada@example.com", "name": "Ada", "password": "another-horse-7"});
    visitor.post("/v1/register", body).await.expect(200);
    let code = json!({"email": "ada@example.com", "code": bench.app.code("ada@example.com").await});
    visitor.post("/v1/verify-email", code).await.expect(200);
    bench.app.visitor().post("/v1/login", login).await.expect(401);
}
