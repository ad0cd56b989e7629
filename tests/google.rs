//! `GET /v1/auth/google`, `/v1/auth/google/callback`, `/v1/me/connections`: signing in with Google.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    AtGoogle, Authenticator, PASSWORD, Reply, Visitor, World, at_once, cookie, session_of,
};

const GRACE: &str = "grace@example.com";

/// Signs in with Google and returns the session.
async fn signed_in(world: &World, email: &str) -> Visitor {
    let reply = world.google_sign_in(&world.visitor(), email).await;
    let session = session_of(&reply.expect(302)).expect("a session");
    world.visitor().with_session(&session)
}

async fn me(visitor: &Visitor) -> Value {
    visitor.get("/v1/me").await.expect(200).json()["user"].clone()
}

async fn connections(visitor: &Visitor) -> Value {
    visitor.get("/v1/me/connections").await.expect(200).json()
}

async fn disconnect(visitor: &Visitor) -> Reply {
    visitor.send(Method::DELETE, "/v1/me/connections/google", None).await
}

async fn actions(visitor: &Visitor) -> Vec<String> {
    let list = visitor.get("/v1/me/activity").await.expect(200).json();
    let all = list["data"].as_array().unwrap().iter();
    all.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_comes_back_to_it() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let browser = world.visitor();
    let reply = world.google_sign_in(&browser, "ada@example.com").await.expect(302);
    assert_eq!(reply.header("location"), Some("/account"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.text, "");
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert!(
        cookies[0]
            .to_str()
            .unwrap()
            .ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000")
    );
    assert_eq!(
        cookies[1],
        "__Host-aius_google=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    );
    let ada = world.visitor().with_session(&session_of(&reply).unwrap());
    let user = me(&ada).await;
    assert_eq!(
        (&user["email"], &user["name"]),
        (&json!("ada@example.com"), &json!("ada at Google"))
    );
    assert_eq!((&user["provider"], &user["provider_id"]), (&json!("google"), &json!("sub-ada")));
    assert_eq!((&user["email_verified"], &user["has_password"]), (&json!(true), &json!(false)));
    let clients = ada.get("/v1/clients").await.expect(200).json();
    assert_eq!(clients["data"][0]["name"], "ada at Google");
    let expected = ["session.started", "account.google_connected", "account.registered"];
    let mut told = actions(&ada).await;
    told.sort_by_key(|action| expected.iter().position(|name| name == action));
    assert_eq!(told, expected);

    // Again: the same account, another session.
    world.advance(60).await;
    let again = world.google_sign_in(&browser, "ada@example.com").await.expect(302);
    assert_ne!(session_of(&again), session_of(&reply));
    let again = world.visitor().with_session(&session_of(&again).unwrap());
    assert_eq!(me(&again).await, user);
    assert!(world.subjects("ada@example.com").await.is_empty(), "it is the same browser");
    // Elsewhere: told by mail, as at a sign-in with the password.
    let elsewhere = world.visitor().with_header("user-agent", "Mozilla/5.0 Firefox/133.0");
    session_of(&world.google_sign_in(&elsewhere, "ada@example.com").await).unwrap();
    assert_eq!(world.subjects("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn google_is_asked_as_it_wants_to_be_asked() {
    let world = World::start().await;
    let there = AtGoogle::begin(&world.visitor(), None, "login_hint=ada%2B1@example.com").await;
    let given = |name| there.parameter(name).unwrap_or_default();
    let ours = world.stack().google();
    assert!(there.url.as_str().starts_with(&format!("{}/authorize?", ours.issuer)));
    assert_eq!(given("client_id"), ours.client_id);
    assert_eq!(given("redirect_uri"), format!("{}/api/v1/auth/google/callback", world.url()));
    assert_eq!(given("response_type"), "code");
    assert_eq!(given("scope"), "openid email profile");
    assert_eq!(given("prompt"), "select_account");
    assert_eq!(given("login_hint"), "ada+1@example.com");
    assert_eq!(given("code_challenge_method"), "S256");
    // 32 random bytes each, and others at each time.
    let other = AtGoogle::begin(&world.visitor(), None, "").await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(given(name).len(), 43, "{name}");
        assert_ne!(Some(given(name)), other.parameter(name), "{name}");
    }
    assert_eq!(other.parameter("login_hint"), None);
    // What the browser keeps says nothing.
    assert!(!there.flow.contains(&given("state")) && there.flow.len() < 2048);
    let query = format!("/v1/auth/google?login_hint={}", "x".repeat(256));
    world.visitor().get(&query).await.expect_error(400, "INVALID_FIELD");
    let twice = world.visitor().get("/v1/auth/google?link=1&link=0").await;
    twice.expect_error(400, "INVALID_FIELD");
    world.visitor().get("/v1/auth/google?link=yes").await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn the_flow_is_kept_in_a_protected_cookie() {
    let world = World::start().await;
    let reply = world.visitor().get("/v1/auth/google").await.expect(302);
    let cookie = reply.header("set-cookie").unwrap();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("__Host-aius_google=seed."));
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn open_redirect_nobody_is_sent_elsewhere() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let visitor = world.visitor();
    for evil in [
        "//evil.example",
        "/%5Cevil.example",
        "%5Cevil.example",
        "https://evil.example",
        "https:%2F%2Fevil.example",
        "/%252fevil.example",
        "/%255cevil.example",
        "/..//evil.example",
        "/%09/evil.example",
        "/%0d%0alocation:https://evil.example",
        "https://localhost@evil.example",
        "javascript:alert(1)",
        "",
        "account",
        "/account%23x",
    ] {
        let reply = visitor.get(&format!("/v1/auth/google?redirect={evil}")).await;
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("redirect") && reply.header("location").is_none(), "{evil}");
        assert!(reply.header("set-cookie").is_none(), "{evil}");
    }
    let query = "login_hint=ada@example.com&redirect=/projects%3Ftab%3D1%26x%3D%C3%A4";
    let there = AtGoogle::begin(&world.visitor(), None, query).await;
    let back = there.finish().await.expect(302);
    assert_eq!(back.header("location"), Some("/projects?tab=1&x=%C3%A4"));
}

#[tokio::test]
async fn whoever_cancels_is_told_so_where_they_wanted_to_go() {
    let world = World::start().await;
    let there = AtGoogle::begin(&world.visitor(), None, "redirect=/account%3Fx").await;
    let state = there.parameter("state").unwrap();
    let path = format!("/api/v1/auth/google/callback?error=access_denied&state={state}");
    let back = there.come_back(&path).await.expect(302);
    assert_eq!(back.header("location"), Some("/account?x&error=access_denied"));
    assert_eq!((session_of(&back), cookie(&back, "__Host-aius_google")), (None, None));
    let path = format!("/v1/auth/google/callback?error=server_error&state={state}");
    let broken = there.come_back(&path).await.expect_error(503, "UNAVAILABLE");
    assert!(broken.header("set-cookie").is_none(), "a reload may go well");
    let path = format!("/v1/auth/google/callback?error=invalid_scope&state={state}");
    there.come_back(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    let path = format!("/v1/auth/google/callback?state={state}");
    there.come_back(&path).await.expect_error(400, "MISSING_CODE");
    // Not for somebody whose browser it isn't.
    let path = "/v1/auth/google/callback?error=access_denied&state=x";
    there.come_back(path).await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_code_comes_back_to_the_browser_that_left() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    world.google_account("eve@example.com", true).await;
    let begin = async |email: &str| {
        AtGoogle::begin(&world.visitor(), None, &format!("login_hint={email}")).await
    };
    let (ada, eve) = (begin("ada@example.com").await, begin("eve@example.com").await);
    let refuse = |reply: Reply| {
        let reply = reply.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("state") && reply.header("set-cookie").is_none());
    };
    // Eve's link in Ada's browser, which would sign Ada in as Eve; with and without a flow of her own.
    let eves = eve.agree().await;
    refuse(ada.come_back(&eves).await);
    refuse(world.visitor().get(&eves).await);
    // Without, with a wrong, with a longer state.
    let adas = ada.agree().await;
    let state = ada.parameter("state").unwrap();
    for wrong in ["", "x", &eve.parameter("state").unwrap(), &format!("{state}x"), &state[..42]] {
        refuse(ada.come_back(&adas.replace(&state, wrong)).await);
    }
    refuse(ada.come_back(&adas.replace("state=", "other=")).await);
    ada.come_back(&format!("{adas}&state={state}")).await.expect_error(400, "INVALID_FIELD");
    // A cookie that isn't ours.
    for forged in ["", "x", "seed.", "seed.AAAA", &ada.flow[..ada.flow.len() - 2]] {
        refuse(AtGoogle { flow: forged.to_owned(), ..ada.clone() }.come_back(&adas).await);
    }
    assert!(world.items("USER#", "").await.is_empty());
    session_of(&ada.come_back(&adas).await.expect(302)).unwrap();
}

/// Sealed for something else, it is no flow.
#[tokio::test]
async fn another_sealed_value_is_no_flow() {
    let world = World::start().await;
    let ctx = world.stack().context();
    let there = AtGoogle::begin(&world.visitor(), None, "").await;
    let keyring = ctx.secrets.keyring().await;
    let json = json!({"state": "x", "nonce": "x", "verifier": "x".repeat(43), "redirect": "/",
        "link": null, "issued_at": world.now().await});
    let path = "/v1/auth/google/callback?code=x&state=x";
    for (place, status) in [("google sign-in", 401), ("cursor USER#usr_x SESSION#", 400)] {
        let sealed = keyring.seal(&*ctx.random, place, json.to_string().as_bytes()).unwrap();
        let forged = AtGoogle { flow: sealed.as_str().to_owned(), ..there.clone() };
        forged.come_back(path).await.expect(status);
    }
}

#[tokio::test]
async fn ten_minutes_are_enough() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let there = AtGoogle::begin(&world.visitor(), None, "login_hint=ada@example.com").await;
    let late = AtGoogle::begin(&world.visitor(), None, "login_hint=ada@example.com").await;
    world.advance(599).await;
    session_of(&there.finish().await.expect(302)).unwrap();
    world.advance(1).await;
    late.finish().await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let there = AtGoogle::begin(&world.visitor(), None, "login_hint=ada@example.com").await;
    let path = there.agree().await;
    session_of(&there.come_back(&path).await.expect(302)).unwrap();
    let replayed = there.come_back(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    assert_eq!(session_of(&replayed), None);
    assert_eq!(world.items("USER#", "SESSION#").await.len(), 1);
}

/// Somebody has seen the code on its way, and puts it into a flow of their own.
#[tokio::test]
async fn a_stolen_code_is_worth_nothing_without_its_verifier() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let ada = AtGoogle::begin(&world.visitor(), None, "login_hint=ada@example.com").await;
    let eve = AtGoogle::begin(&world.visitor(), None, "").await;
    let state = |flow: &AtGoogle| flow.parameter("state").unwrap();
    let path = ada.agree().await.replace(&state(&ada), &state(&eve));
    eve.come_back(&path).await.expect_error(401, "INVALID_CREDENTIALS");
    assert!(world.items("USER#", "").await.is_empty());
}

#[tokio::test]
async fn a_new_identity_makes_one_account_however_often_it_comes_at_once() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let mut flows = Vec::new();
    for _ in 0..20 {
        let flow = AtGoogle::begin(&world.visitor(), None, "login_hint=ada@example.com").await;
        let path = flow.agree().await;
        flows.push((flow, path));
    }
    let replies = at_once(20, |number| {
        let (flow, path) = flows[number].clone();
        async move { flow.come_back(&path).await }
    })
    .await;
    for reply in &replies {
        // Whoever met too many others may try again.
        assert!(matches!(reply.status, 302 | 503), "{}", reply.text);
    }
    let sessions: Vec<_> = replies.iter().filter_map(session_of).collect();
    assert!(!sessions.is_empty());
    assert_eq!(world.items("USER#", "META").await.len(), 1);
    assert_eq!(world.items("GOOGLE#", "").await.len(), 1);
    assert_eq!(world.items("CLIENT#", "META").await.len(), 1);
    assert_eq!(world.items("USER#", "SESSION#").await.len(), sessions.len());
}

#[tokio::test]
async fn an_identity_is_connected_to_one_of_two_who_ask_at_once() {
    let world = World::start().await;
    world.google_account(GRACE, true).await;
    let mut flows = Vec::new();
    for who in ["ada", "bob"] {
        let person = world.person(who).await;
        let session = person.session.clone();
        let query = format!("link=1&login_hint={GRACE}");
        let flow = AtGoogle::begin(&world.visitor(), session.as_deref(), &query).await;
        let path = flow.agree().await;
        flows.push((flow, path));
    }
    let replies = at_once(2, |number| {
        let (flow, path) = flows[number].clone();
        async move { flow.come_back(&path).await }
    })
    .await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 409]);
    assert_eq!(world.items("GOOGLE#", "").await.len(), 1);
}

#[tokio::test]
async fn one_is_known_by_issuer_and_sub_and_not_by_address() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let ada = signed_in(&world, "ada@example.com").await;
    let id = me(&ada).await["id"].clone();
    // Her address at Google changes, and isn't verified any more: she is herself all the same.
    let moved = json!({"sub": "sub-ada", "email": "countess@example.com", "email_verified": false});
    world.google_account_of(moved).await;
    world.advance(60).await;
    let again = signed_in(&world, "countess@example.com").await;
    let user = me(&again).await;
    assert_eq!((&user["id"], &user["email"]), (&id, &json!("ada@example.com")));
    let list = connections(&again).await;
    assert_eq!(list["data"][0]["email"], "countess@example.com");
    // Somebody else gets her address there: not her account.
    let other = json!({"sub": "sub-eve", "email": "ada@example.com", "email_verified": true});
    world.google_account_of(other).await;
    let eve = world.google_sign_in(&world.visitor(), "sub-eve").await;
    eve.expect_error(409, "GOOGLE_ALREADY_CONNECTED");
}

#[tokio::test]
async fn names_of_google_that_are_none_here_become_the_address() {
    let world = World::start().await;
    for (number, name) in [json!(null), json!(""), json!("a\u{202e}b"), json!("x".repeat(101))]
        .into_iter()
        .enumerate()
    {
        let email = format!("ada.{number}@example.com");
        let sub = format!("sub-{number}");
        let account = json!({"sub": sub, "email": email, "email_verified": true, "name": name});
        world.google_account_of(account).await;
        let ada = signed_in(&world, &sub).await;
        assert_eq!(me(&ada).await["name"], format!("ada.{number}"));
    }
}

#[tokio::test]
async fn addresses_are_compared_as_they_are_stored() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let account = json!({"sub": "1", "email": "ADA@Example.COM", "email_verified": true});
    world.google_account_of(account).await;
    let same = signed_in(&world, "1").await;
    assert_eq!(me(&same).await["id"], me(&ada.at).await["id"]);
    // An address that we could send no mail to is none.
    let account = json!({"sub": "2", "email": "\u{212a}evin@example.com", "email_verified": true});
    world.google_account_of(account).await;
    let kevin = world.google_sign_in(&world.visitor(), "2").await;
    kevin.expect_error(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn an_account_is_connected_and_disconnected() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let elsewhere = ada.sign_in(&world).await;
    assert_eq!(connections(&ada.at).await, json!({"data": [], "next_cursor": null}));
    disconnect(&ada.at).await.expect_error(404, "NOT_FOUND");
    // Whatever the addresses are.
    world.google_account(GRACE, false).await;
    let session = ada.session.clone().unwrap();
    let reply = world.google_link(&world.visitor(), &session, GRACE).await.expect(302);
    assert_eq!((reply.header("location"), session_of(&reply)), (Some("/account"), None));
    let now = world.now().await;
    let expected = json!({"provider": "google", "email": GRACE, "connected_at": now});
    assert_eq!(connections(&ada.at).await, json!({"data": [expected], "next_cursor": null}));
    let user = me(&ada.at).await;
    assert_eq!((&user["provider"], &user["email"]), (&json!("email"), &json!(ada.email)));
    let mail = world.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "A Google account was connected to your AIUS account");
    assert!(!mail["text"].as_str().unwrap().contains(GRACE), "masked");
    // Sessions go on, and again changes nothing.
    elsewhere.get("/v1/me").await.expect(200);
    let mails = world.mails(&ada.email).await.len();
    world.google_link(&world.visitor(), &session, GRACE).await.expect(302);
    assert_eq!(world.mails(&ada.email).await.len(), mails);
    let graces = signed_in(&world, GRACE).await;
    assert_eq!(me(&graces).await["id"], user["id"]);

    let reply = disconnect(&ada.at).await.expect(200);
    assert_eq!(reply.json(), json!({"deleted": true}));
    let mail = world.mails(&ada.email).await[0].clone();
    assert_eq!(mail["subject"], "Your Google account was disconnected from AIUS");
    assert!(world.items("GOOGLE#", "").await.is_empty());
    elsewhere.get("/v1/me").await.expect(200);
    let told = actions(&ada.at).await;
    for action in ["account.google_connected", "account.google_disconnected"] {
        assert_eq!(told.iter().filter(|name| *name == action).count(), 1, "{action}");
    }
    disconnect(&ada.at).await.expect_error(404, "NOT_FOUND");
    // It is nobody's now.
    let gone = world.google_sign_in(&world.visitor(), GRACE).await;
    gone.expect_error(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn connecting_takes_the_very_session_that_began_it() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    world.google_account(GRACE, true).await;
    let anonymous = world.visitor().get("/v1/auth/google?link=1").await;
    anonymous.expect_error(401, "missing session");
    let forged = world.visitor().with_session("x").get("/v1/auth/google?link=1").await;
    forged.expect_error(401, "invalid session");
    let query = format!("link=1&login_hint={GRACE}");
    let begin = async || AtGoogle::begin(&world.visitor(), ada.session.as_deref(), &query).await;
    let refuse = async |flow: AtGoogle, code: &str| {
        let reply = flow.finish().await.expect_error(401, code);
        assert_eq!(session_of(&reply), None);
        assert!(world.items("GOOGLE#", "").await.is_empty());
    };
    refuse(AtGoogle { session: eve.session.clone(), ..begin().await }, "invalid session").await;
    refuse(AtGoogle { session: None, ..begin().await }, "missing session").await;
    let again = ada.sign_in(&world).await;
    refuse(AtGoogle { session: again.session, ..begin().await }, "invalid session").await;
    let flow = begin().await;
    ada.post("/v1/logout", json!({})).await.expect(200);
    refuse(flow, "invalid session").await;
}

#[tokio::test]
async fn one_identity_goes_with_one_account() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada").await, world.person("eve").await);
    world.google_account(GRACE, true).await;
    world.google_account("other@example.com", true).await;
    let link = async |session: &Option<String>, email: &str| {
        world.google_link(&world.visitor(), session.as_deref().unwrap(), email).await
    };
    link(&ada.session, GRACE).await.expect(302);
    let taken = link(&eve.session, GRACE).await;
    taken.expect_error(409, "GOOGLE_ALREADY_CONNECTED");
    let second = link(&ada.session, "other@example.com").await;
    second.expect_error(409, "GOOGLE_ALREADY_CONNECTED");
    assert_eq!(world.items("GOOGLE#", "").await.len(), 1);
    assert_eq!(connections(&eve.at).await["data"], json!([]));
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let ada = signed_in(&world, "ada@example.com").await;
    disconnect(&ada).await.expect_error(409, "LAST_SIGN_IN_METHOD");
    assert_eq!(connections(&ada).await["data"][0]["provider"], "google");
    let first = json!({"new_password": PASSWORD});
    ada.post("/v1/me/password", first).await.expect(200);
    disconnect(&ada).await.expect(200);
    let user = me(&ada).await;
    assert_eq!(
        (&user["provider"], &user["provider_id"]),
        (&json!("email"), &json!("ada@example.com"))
    );
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    world.visitor().post("/v1/login", login).await.expect(200);
}

#[tokio::test]
async fn an_account_of_google_sets_its_first_password_after_a_recent_sign_in() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let ada = signed_in(&world, "ada@example.com").await;
    let first = json!({"new_password": PASSWORD});
    world.advance(600).await;
    ada.post("/v1/me/password", first.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    let change = json!({"new_email": "new@example.com", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect_error(409, "NO_PASSWORD");
    let ada = signed_in(&world, "ada@example.com").await;
    world.advance(599).await;
    ada.post("/v1/me/password", first).await.expect(200);
    assert_eq!(me(&ada).await["has_password"], true);
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    world.visitor().post("/v1/login", login).await.expect(200);
    signed_in(&world, "ada@example.com").await;
}

#[tokio::test]
async fn the_second_factor_is_asked_for_after_google_too() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let ada = signed_in(&world, "ada@example.com").await;
    let app = Authenticator::enabled(&world, &ada).await;
    world.advance(60).await;
    let query = "login_hint=ada@example.com&redirect=/welcome";
    let reply = AtGoogle::begin(&world.visitor(), None, query).await.finish().await.expect(302);
    assert_eq!(session_of(&reply), None);
    let (path, fragment) = reply.header("location").unwrap().split_once('#').unwrap();
    assert_eq!(path, "/welcome");
    let url = reqwest::Url::parse(&format!("http://x/?{fragment}")).unwrap();
    let told: Vec<_> = url.query_pairs().into_owned().collect();
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["requires_2fa", "challenge_token", "email"]);
    assert_eq!((told[0].1.as_str(), told[2].1.as_str()), ("true", "ada@example.com"));
    let answer = json!({"challenge_token": told[1].1, "code": app.code(&world).await});
    let reply = world.visitor().post("/v1/2fa/login", answer).await.expect(200);
    let session = reply.json()["session_token"].as_str().unwrap().to_owned();
    let ada = world.visitor().with_session(&session);
    assert_eq!(me(&ada).await["two_factor_enabled"], true);

    // Off again: without a password it takes a recent sign-in.
    world.advance(600).await;
    let code = json!({"code": app.code(&world).await});
    ada.post("/v1/2fa/disable", code.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    let challenge = AtGoogle::begin(&world.visitor(), None, query).await.finish().await.expect(302);
    let url = challenge.header("location").unwrap().replace('#', "?");
    let url = reqwest::Url::parse(&format!("http://x{url}")).unwrap();
    let token = url.query_pairs().find(|(name, _)| name == "challenge_token").unwrap().1;
    let answer = json!({"challenge_token": token, "code": app.code(&world).await});
    let reply = world.visitor().post("/v1/2fa/login", answer).await.expect(200);
    let session = reply.json()["session_token"].as_str().unwrap().to_owned();
    let ada = world.visitor().with_session(&session);
    let code = json!({"code": app.recovery_codes[0]});
    ada.post("/v1/2fa/disable", code).await.expect(200);
    signed_in(&world, "ada@example.com").await;
}

#[tokio::test]
async fn an_account_that_waits_to_be_erased_is_had_back_by_way_of_google() {
    let world = World::start().await;
    world.google_account("ada@example.com", true).await;
    let ada = signed_in(&world, "ada@example.com").await;
    let delete = Some(("application/json", br#"{"confirm":"DELETE"}"#.to_vec()));
    let due = ada.send(Method::DELETE, "/v1/me", delete).await.expect(200).json();
    let due = due["deletion_scheduled_at"].clone();
    let reply = world.google_sign_in(&world.visitor(), "ada@example.com").await.expect(302);
    let location = reply.header("location").unwrap();
    let told = format!("/account#pending_deletion=true&deletion_scheduled_at={due}");
    assert_eq!(location, told);
    let ada = world.visitor().with_session(&session_of(&reply).unwrap());
    ada.get("/v1/me").await.expect_error(403, "PENDING_DELETION");
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_address_that_an_account_keeps_is_not_given_away() {
    let world = World::start().await;
    let ada = world.person("ada").await;
    let change = json!({"new_email": "new@example.com", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = json!({"code": world.code("new@example.com").await});
    ada.post("/v1/me/email/confirm", code).await.expect(200);
    world.google_account("ada@example.com", true).await;
    let reply = world.google_sign_in(&world.visitor(), "ada@example.com").await;
    reply.expect_error(409, "EMAIL_ALREADY_EXISTS");
    // Undone for a week; then it is free.
    world.advance(7 * 24 * 60 * 60).await;
    let other = signed_in(&world, "ada@example.com").await;
    let login = json!({"email": "new@example.com", "password": PASSWORD});
    let reply = world.visitor().post("/v1/login", login).await.expect(200);
    assert_ne!(me(&other).await["id"], reply.json()["user"]["id"]);
}

#[tokio::test]
async fn one_network_has_thirty_calls_a_minute() {
    let world = World::start().await;
    let visitor = world.visitor();
    for number in 0..30 {
        let path = if number % 2 == 0 { "" } else { "/callback" };
        let reply = visitor.get(&format!("/v1/auth/google{path}")).await;
        assert_eq!(reply.status, if number % 2 == 0 { 302 } else { 400 });
    }
    for path in ["/v1/auth/google", "/api/v1/auth/google/callback"] {
        visitor.get(path).await.expect_error(429, "RATE_LIMITED");
    }
    world.visitor().get("/v1/auth/google").await.expect(302);
}
