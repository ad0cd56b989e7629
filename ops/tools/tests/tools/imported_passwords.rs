//! The passwords of imported accounts, until their first sign-in and after it.

use serde_json::{Value, json};
use shared::dynamo::{Condition, Update};
use shared::keys;
use tests::{Person, race};

use crate::import::BCRYPT;
use crate::support::Workbench;

/// Hashes of "correct-horse-9", which `shared/src/accounts/password/imported/vectors.rs` describes.
const HASHES: [(&str, &str); 7] = [
    ("bcrypt", BCRYPT),
    ("php", "$2y$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC"),
    (
        "scrypt",
        "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$CewowPzzAGrQtGZRsn/Y+0S+ACZvHJ9oe4uFpW0mcLw",
    ),
    (
        "sha256",
        "$pbkdf2-sha256$i=10000,l=32$AAECAwQFBgcICQoLDA0ODw$g+hI6Re5IJdTRB6pRurkzvswHTe+x9Bw4J2glPBrbLM",
    ),
    (
        "sha512",
        "$pbkdf2-sha512$i=5000$AAECAwQFBgcICQoLDA0ODw$xWiO0Fx9x5AIjpvz2DaIknba3lLxvk6ez58SCOXvLOZQ7lDwX06fv+WAs++okXggEUeEbkrr2jwK8RJv8LQj0g",
    ),
    (
        "argon2i",
        "$argon2i$v=19$m=1024,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$bDJu9K0nxXmg4ZdUDbCwkwhqCoR02Y1NllcZMVaDEQ0",
    ),
    (
        "argon2id",
        "$argon2id$v=19$m=1024,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$2jrvP52aWd6rkA3YdvBQK2wyNknSmRG0bS0jKt1xaso",
    ),
];

fn line(who: &str, hash: &str) -> Value {
    json!({"email": format!("{who}@example.com"), "email_verified": true, "password_hash": hash})
}

async fn stored_hash(bench: &Workbench, email: &str) -> String {
    bench.user(email).await["password_hash"]["S"].as_str().unwrap().to_owned()
}

async fn import(bench: &Workbench, lines: &[Value]) {
    let file = bench.write_lines("users.jsonl", lines);
    bench.run("auth", &["import", &file, "--apply"]).await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_signs_in_and_is_replaced() {
    let bench = Workbench::start().await;
    let lines: Vec<_> = HASHES.iter().map(|(who, hash)| line(who, hash)).collect();
    import(&bench, &lines).await;
    for (who, hash) in HASHES {
        let email = &format!("{who}@example.com");
        let before = stored_hash(&bench, email).await;
        assert!(before.starts_with("imported:"), "{before}");
        let secret = hash.rsplit('$').next().unwrap();
        assert!(!before.contains(secret), "a hash without a pepper is sealed");
        let wrong = json!({"email": email, "password": "wrong-horse-9"});
        bench.app.visitor().post("/v1/login", wrong).await.expect(401);
        assert_eq!(stored_hash(&bench, email).await, before);
        let person = Person { email: email.clone(), visitor: bench.app.visitor(), session: None };
        person.sign_in(&bench.app).await;
        let after = stored_hash(&bench, email).await;
        assert!(after.starts_with("$argon2id$") && after.contains("keyid="), "{after}");
        person.sign_in(&bench.app).await;
        assert_eq!(stored_hash(&bench, email).await, after, "{who} is hashed anew once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_at_once_all_succeed() {
    let bench = Workbench::start().await;
    import(&bench, &[line("ada", BCRYPT)]).await;
    let visitors: Vec<_> = (0..8).map(|_| bench.app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let visitor = visitors[number].clone();
        async move {
            let body = json!({"email": "ada@example.com", "password": tests::PASSWORD});
            visitor.post("/v1/login", body).await
        }
    })
    .await;
    // Attempts that are not answered yet count as failures, so some may be told to wait.
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert!(!statuses.contains(&401), "{statuses:?}");
    assert!(statuses.iter().filter(|status| **status == 200).count() >= 2, "{statuses:?}");
    assert!(stored_hash(&bench, "ada@example.com").await.starts_with("$argon2id$"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_password_counts_where_it_is_asked_again() {
    let bench = Workbench::start().await;
    import(&bench, &[line("ada", BCRYPT)]).await;
    let imported = stored_hash(&bench, "ada@example.com").await;
    let ada =
        Person { email: "ada@example.com".to_owned(), visitor: bench.app.visitor(), session: None };
    let ada = ada.sign_in(&bench.app).await;
    // As if the session were from a sign-in without the password.
    let restore = Update::new(keys::user(&ada.id().await)).set("password_hash", &imported).unwrap();
    let table = &bench.app.stack().context().table;
    let restored: Option<Value> = table.update(restore.only_if(Condition::Exists)).await.unwrap();
    assert!(restored.is_some());
    let wrong = json!({"password": "wrong-horse-9"});
    ada.post("/v1/me/reauthenticate", wrong).await.expect(401);
    ada.reauthenticate().await;
    let change = json!({"current_password": tests::PASSWORD, "new_password": "another-horse-7"});
    ada.post("/v1/me/password", change).await.expect(200);
    assert!(stored_hash(&bench, "ada@example.com").await.starts_with("$argon2id$"));
    let old = bench.app.visitor().post("/v1/login", ada.credentials()).await;
    old.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn firebase_users_sign_in_with_their_passwords() {
    let bench = Workbench::start().await;
    let parameters = json!({"algorithm": "SCRYPT", "rounds": 8, "mem_cost": 14, "base64_salt_separator": "Bw==",
        "base64_signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="});
    let parameters = bench.write_lines("parameters.json", &[parameters]);
    let user = json!({"localId": "x", "email": "ada@example.com", "emailVerified": true, "displayName": "Ada",
        "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
        "salt": "42xEC+ixf3L2lw=="});
    let file = bench.write_lines("users.jsonl", &[user]);
    bench
        .run("auth", &["import", &file, "--apply"])
        .await
        .expect(1)
        .has_line("line 1: the password hash has a salt of its own, so it needs --firebase");
    let arguments = ["import", file.as_str(), "--firebase", &parameters, "--apply"];
    bench.run("auth", &arguments).await.expect(0).has_line("1 accounts created");
    let body = json!({"email": "ada@example.com", "password": "user1password"});
    bench.app.visitor().post("/v1/login", body).await.expect(200);
    assert!(stored_hash(&bench, "ada@example.com").await.starts_with("$argon2id$"));
}
