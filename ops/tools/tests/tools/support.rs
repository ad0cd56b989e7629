//! A local stack, and a folder of files for the tools.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use local::StackOptions;
use serde_json::Value;
use tests::TestApp;

/// A local stack whose AWS services listen on a port.
pub(crate) struct Workbench {
    pub(crate) app: TestApp,
    folder: PathBuf,
}

/// What a tool printed, and its exit status.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) status: i32,
    pub(crate) text: String,
}

impl Printed {
    /// Asserts the exit status.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Returns whether a line of the output, without the spaces around it, is this one.
    pub(crate) fn printed(&self, line: &str) -> bool {
        self.text.lines().any(|printed| printed.trim() == line)
    }

    /// Asserts that a line of the output, without the spaces around it, is this one.
    #[track_caller]
    pub(crate) fn has_line(&self, line: &str) -> &Self {
        assert!(self.printed(line), "{line}\n{}", self.text);
        self
    }
}

impl Workbench {
    /// Starts the stack.
    pub(crate) async fn start() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let options = StackOptions { aws_port: Some(0), ..StackOptions::default() };
        let app = TestApp::start_with_options(options).await;
        let name =
            format!("ops-tools-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self { app, folder }
    }

    /// Returns the path of a file.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file with a line for each value. Returns its path.
    pub(crate) fn write_lines(&self, name: &str, lines: &[Value]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(self.path(name), lines.concat()).unwrap();
        self.path(name)
    }

    /// Runs a tool with the environment of a function.
    pub(crate) async fn run(&self, function: &str, arguments: &[&str]) -> Printed {
        self.run_with(function, &[], arguments).await
    }

    /// Runs a tool with the environment of a function and more variables.
    pub(crate) async fn run_with(
        &self,
        function: &str,
        more: &[(&str, &str)],
        arguments: &[&str],
    ) -> Printed {
        let mut environment: BTreeMap<String, String> =
            self.app.stack().environment_of_function(function).unwrap();
        environment.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_ops-tools"))
            .args(arguments)
            .env_clear()
            .envs(environment)
            .output()
            .await
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        Printed { status: output.status.code().unwrap(), text: String::from_utf8(text).unwrap() }
    }

    /// Returns a client's settings for the AWS services of the stack.
    pub(crate) fn sdk(&self) -> SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.app.stack().aws_url().unwrap())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build()
    }

    /// Copies the table under another name, as a restore does.
    pub(crate) async fn copy_table(&self, name: &str) {
        let client = Client::new(&self.sdk());
        let key = |name: &str, key_type: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().unwrap()
        };
        let attribute = |name: &str| {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
        };
        let create =
            client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        let create = create.key_schema(key("pk", KeyType::Hash));
        let create = create.key_schema(key("sk", KeyType::Range));
        let create = create.attribute_definitions(attribute("pk"));
        create.attribute_definitions(attribute("sk")).send().await.unwrap();
        let live = &self.app.stack().context().config.table_name;
        let scanned = client.scan().table_name(live).send().await.unwrap();
        assert!(scanned.last_evaluated_key.is_none(), "one page has all items");
        for item in scanned.items.unwrap() {
            let put = client.put_item().table_name(name).set_item(Some(item));
            put.send().await.unwrap();
        }
    }

    /// Reads the user with an address, as stored.
    pub(crate) async fn user(&self, email: &str) -> Value {
        let users = self.app.items("USER#", "META").await;
        users.into_iter().find(|user| user["email"]["S"] == email).expect("the user is stored")
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
