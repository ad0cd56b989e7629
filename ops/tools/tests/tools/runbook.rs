//! The commands of `docs/OPERATIONS.md` that run tools, on a local stack with one account.

use serde_json::json;

use crate::import::BCRYPT;
use crate::redrive::WORK_DEAD_LETTERS;
use crate::support::Workbench;

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_command_of_the_runbook_works() {
    let bench = Workbench::start().await;
    let user = format!("USER#{}", bench.app.sign_up("grace").await.id().await);
    bench.app.wait_for_worker().await;
    bench.copy_table("drill").await;
    let account = json!({"email": "ada@example.com", "name": "Ada", "email_verified": true, "password_hash": BCRYPT});
    let users = bench.write_lines("users.jsonl", &[account]);
    let checkpoint = bench.path("check.json");
    let stripe = format!("{}/local/stripe", bench.app.url());
    let variables = [WORK_DEAD_LETTERS, ("STRIPE_API_BASE", stripe.as_str())];
    let page = include_str!("../../../../docs/OPERATIONS.md");
    let commands = page.lines().filter_map(|line| line.trim().strip_prefix("ops/tool prod "));
    let mut count = 0;
    for command in commands {
        let words = command.split(" #").next().unwrap().split_whitespace();
        let arguments: Vec<_> = words
            .map(|word| match word {
                "users.jsonl" => users.as_str(),
                "check.json" => checkpoint.as_str(),
                "$STACK-drill" | "aius-restored" => "drill",
                "USER#usr_…" => user.as_str(),
                "EMAIL#ada@example.com" => "EMAIL#grace@example.com",
                word => word,
            })
            .collect();
        // As in `ops/tool`.
        let function = if arguments[0] == "import" { "auth" } else { "worker" };
        bench.run_with(function, &variables, &arguments).await.expect(0);
        count += 1;
    }
    assert_eq!(count, 15);
    bench.user("ada@example.com").await;
}
