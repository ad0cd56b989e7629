//! The examples of the customer's own documentation, run as they stand there.

use serde_json::{Value, json};
use tests::{Person, TestApp, keys};
use tokio::process::Command;

/// A command of the document and what it is said to be answered.
struct Example {
    /// As it stands there. Host, token and ids are replaced, and nothing else.
    command: &'static str,
    /// As it stands there.
    answer: &'static str,
    /// Whether the document says that there is more in the answer.
    more: bool,
}

/// What the document calls a project, alone and in a list.
const PROJECT: &str = r#"{
      "id": "proj_123",
      "org_id": "client_xyz789",
      "name": "Churn analysis",
      "description": "Q3 churn model",
      "created_at": 1717123456,
      "updated_at": 1717123456
    }"#;

/// In an order in which each finds what it is about.
const PROJECTS: [Example; 5] = [
    Example {
        command: r#"curl -X POST https://aius.co/api/v1/projects \
  -H "Authorization: Bearer aius_xxxxxxxx..." \
  -H "Content-Type: application/json" \
  -d '{
    "org_id": "client_xyz789",
    "name": "Churn analysis",
    "description": "Q3 churn model"
  }'"#,
        // "the created project (same shape as the list item above)"
        answer: PROJECT,
        more: false,
    },
    Example {
        command: r#"curl "https://aius.co/api/v1/projects?org_id=client_xyz789" \
  -H "Authorization: Bearer aius_xxxxxxxx...""#,
        answer: r#"{
  "data": [
    {
      "id": "proj_123",
      "org_id": "client_xyz789",
      "name": "Churn analysis",
      "description": "Q3 churn model",
      "created_at": 1717123456,
      "updated_at": 1717123456
    }
  ]
}"#,
        // Every list has `next_cursor`, which the document leaves out.
        more: true,
    },
    Example {
        command: r#"curl https://aius.co/api/v1/projects/proj_123 \
  -H "Authorization: Bearer aius_xxxxxxxx...""#,
        answer: PROJECT,
        more: false,
    },
    Example {
        command: r#"curl -X POST https://aius.co/api/v1/projects/proj_123/fork \
  -H "Authorization: Bearer aius_xxxxxxxx...""#,
        // Behind them the document has `...`, for what else there is.
        answer: r#"{ "id": "proj_456", "name": "Churn model (fork)", "forked_from_id": "proj_123" }"#,
        more: true,
    },
    Example {
        command: r#"curl -X DELETE https://aius.co/api/v1/projects/proj_123 \
  -H "Authorization: Bearer aius_xxxxxxxx...""#,
        answer: r#"{ "deleted": true }"#,
        more: false,
    },
];

/// What is in the document's examples and what it is here.
struct Names(Vec<(&'static str, String)>);

impl Names {
    async fn of(app: &TestApp, person: &Person) -> Self {
        let host = app.url().replace("//localhost", "//127.0.0.1");
        Self(vec![
            ("https://aius.co", host),
            ("aius_xxxxxxxx...", person.token("my-cli").await),
            ("client_xyz789", person.default_client().await),
        ])
    }

    fn here(&self, text: &str) -> String {
        let replace = |text: String, (there, here): &(&str, String)| text.replace(there, here);
        self.0.iter().fold(text.to_owned(), replace)
    }
}

/// Runs a command as a shell does; what it printed.
async fn run(command: &str) -> Value {
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", command]).env("no_proxy", "*").env("CURL_HOME", "/nonexistent");
    let output = shell.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}\n{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {command}\n{said}"))
}

/// The same fields, of the same types, with the same texts but for ids; in a list for each entry. With
/// `more`, the outermost may have others.
fn alike(documented: &Value, answered: &Value, more: bool) {
    let what = format!("{documented} and {answered}");
    match (documented, answered) {
        (Value::Object(fields), Value::Object(_)) => {
            let (expected, mut got) = (keys(documented), keys(answered));
            got.retain(|field| !more || expected.contains(field));
            assert_eq!(expected, got, "{what}");
            for (field, value) in fields {
                // Ids and times are each answer's own.
                if field.ends_with("id") || field.ends_with("_at") {
                    assert_eq!(value.is_string(), answered[field].is_string(), "{what}");
                    assert_eq!(value.is_u64(), answered[field].is_u64(), "{what}");
                } else {
                    alike(value, &answered[field], false);
                }
            }
        }
        (Value::Array(documented), Value::Array(answered)) => {
            assert_eq!(documented.len(), answered.len(), "{what}");
            for (documented, answered) in documented.iter().zip(answered) {
                alike(documented, answered, false);
            }
        }
        _ => assert_eq!(documented, answered),
    }
}

#[tokio::test]
async fn the_customers_examples_of_projects_work_as_they_stand() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut names = Names::of(&app, &ada).await;
    for (number, example) in PROJECTS.iter().enumerate() {
        if example.command.contains("/fork") {
            // What is forked there is called otherwise than in the other examples.
            let project = names.here("/v1/projects/proj_123");
            ada.patch(&project, json!({"name": "Churn model"})).await.expect(200);
        }
        let answered = run(&names.here(example.command)).await;
        let documented = serde_json::from_str(example.answer).unwrap();
        alike(&documented, &answered, example.more);
        if number == 0 {
            let id = answered["id"].as_str().unwrap().to_owned();
            assert!(id.starts_with("proj_"));
            names.0.push(("proj_123", id));
        }
    }
}
