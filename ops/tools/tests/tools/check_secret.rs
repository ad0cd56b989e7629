//! `ops-tools check-secret`: new versions of secrets.

use serde_json::json;

use crate::support::Workbench;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_compared_with_the_one_in_force() {
    let bench = Workbench::start().await;
    let seed = json!({"seed": "0123456789abcdef0123456789abcdef"});
    let new = json!({"kid": "2026-12", "secret": "fedcba9876543210fedcba9876543210"});
    let with = |keys| json!({"seed": "0123456789abcdef0123456789abcdef", "session_keys": keys});
    let present = bench.write_lines("present.json", &[seed]);
    let last = bench.write_lines("last.json", &[with(json!([{"kid": "seed"}, new]))]);
    let first = bench.write_lines("first.json", &[with(json!([new, {"kid": "seed"}]))]);
    let broken = bench.write_lines("broken.json", &[json!({"seed": "short but secret"})]);
    let check = async |present: &str, new: &str| {
        let arguments = ["check-secret", "--secret", "session", "--present", present, new];
        bench.run("auth", &arguments).await
    };
    let added = check(&present, &last).await.expect(0);
    added.has_line("ok       session_keys: 2026-12 is added").has_line("valid");
    check(&last, &first).await.expect(0).has_line("ok       session_keys: 2026-12 becomes active");
    check(&present, &present).await.expect(0).has_line("valid; it changes no key");
    let early = check(&present, &first).await.expect(1);
    early.has_line("do not put it in force");
    let refused = check(&present, &broken).await.expect(1);
    assert!(refused.text.contains("seed is shorter"), "{}", refused.text);
    assert!(
        !refused.text.contains("secret but") && !refused.text.contains("short but"),
        "{}",
        refused.text
    );
}
