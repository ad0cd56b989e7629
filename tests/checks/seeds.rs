//! Runs the examples of the customer's documentation verbatim.

use serde_json::{Value, json};
use tests::{Person, TestApp, keys};
use tokio::process::Command;

/// A command of the document and its documented response.
struct Example {
    /// Verbatim, except that host, token and ids are replaced.
    command: &'static str,
    /// The documented response, verbatim.
    answer: &'static str,
    /// Whether the document says that the response has more fields.
    more: bool,
}

/// The documented project, alone and in a list.
const PROJECT: &str = r#"{
      "id": "proj_123",
      "org_id": "client_xyz789",
      "name": "Churn analysis",
      "description": "Q3 churn model",
      "created_at": 1717123456,
      "updated_at": 1717123456
    }"#;

/// The examples, each after those that it depends on.
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
        // The document omits `next_cursor`, which every list has.
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
        // The document writes `...` for further fields.
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

/// Placeholders of the document and the values that replace them.
struct Placeholders(Vec<(&'static str, String)>);

impl Placeholders {
    /// Creates the values for a person.
    async fn create(app: &TestApp, person: &Person) -> Self {
        let host = app.url().replace("//localhost", "//127.0.0.1");
        Self(vec![
            ("https://aius.co", host),
            ("aius_xxxxxxxx...", person.token("my-cli").await),
            ("client_xyz789", person.default_client().await),
        ])
    }

    /// Replaces the placeholders in a text.
    fn replace_in(&self, text: &str) -> String {
        let replace =
            |text: String, (placeholder, value): &(&str, String)| text.replace(placeholder, value);
        self.0.iter().fold(text.to_owned(), replace)
    }
}

/// Runs a shell command and returns the JSON that it prints.
async fn run(command: &str) -> Value {
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", command]).env("no_proxy", "*").env("CURL_HOME", "/nonexistent");
    let output = shell.output().await.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}\n{stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {command}\n{stderr}"))
}

/// Asserts that two values have the same fields with the same types, and the same texts except ids
/// and times.
/// With `more`, the outermost object of the response may have further fields.
fn assert_same_shape(documented: &Value, answered: &Value, more: bool) {
    let what = format!("{documented} and {answered}");
    match (documented, answered) {
        (Value::Object(fields), Value::Object(_)) => {
            let (expected, mut got) = (keys(documented), keys(answered));
            got.retain(|field| !more || expected.contains(field));
            assert_eq!(expected, got, "{what}");
            for (field, value) in fields {
                // Ids and times differ in each response.
                if field.ends_with("id") || field.ends_with("_at") {
                    assert_eq!(value.is_string(), answered[field].is_string(), "{what}");
                    assert_eq!(value.is_u64(), answered[field].is_u64(), "{what}");
                } else {
                    assert_same_shape(value, &answered[field], false);
                }
            }
        }
        (Value::Array(documented), Value::Array(answered)) => {
            assert_eq!(documented.len(), answered.len(), "{what}");
            for (documented, answered) in documented.iter().zip(answered) {
                assert_same_shape(documented, answered, false);
            }
        }
        _ => assert_eq!(documented, answered),
    }
}

#[tokio::test]
async fn documented_project_examples_work_verbatim() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut placeholders = Placeholders::create(&app, &ada).await;
    for (number, example) in PROJECTS.iter().enumerate() {
        if example.command.contains("/fork") {
            // The document's fork example has another project name than the other examples.
            let project = placeholders.replace_in("/v1/projects/proj_123");
            ada.patch(&project, json!({"name": "Churn model"})).await.expect(200);
        }
        let answered = run(&placeholders.replace_in(example.command)).await;
        let documented = serde_json::from_str(example.answer).unwrap();
        assert_same_shape(&documented, &answered, example.more);
        if number == 0 {
            let id = answered["id"].as_str().unwrap().to_owned();
            assert!(id.starts_with("proj_"));
            placeholders.0.push(("proj_123", id));
        }
    }
}
