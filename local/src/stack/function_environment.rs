//! The environment of a function that runs as a process of its own against the services of a stack.

use std::collections::BTreeMap;

use super::Stack;
use super::aws_services::MAIL_FROM;
use super::queue_names::{CODE_QUEUE, WORK_QUEUE};
use crate::StartError;
use crate::aws::{ACCESS_KEY, CONFIGURATION_SET, DEAD_LETTER_QUEUE_URL, REGION, SECRET_KEY};
use crate::queue::queue_url;
use crate::template::Template;

impl Stack {
    /// Returns the variables with which the binary of a function uses this stack: those that the template sets, and
    /// those with which the AWS SDK finds the stack's port. Google, Slack and Stripe are not simulated for it.
    ///
    /// # Errors
    /// [`StartError::Template`] if there is no such function, if the template sets a variable that is not known here,
    /// or if the stack has no port for AWS ([`StackOptions::aws_port`](super::StackOptions::aws_port)).
    pub fn environment_of_function(
        &self,
        binary: &str,
    ) -> Result<BTreeMap<String, String>, StartError> {
        let functions = &Template::load().map_err(StartError::Template)?.functions;
        let function = functions
            .iter()
            .find(|function| function.binary == binary)
            .ok_or_else(|| StartError::Template(format!("no function {binary}")))?;
        let aws_url = self
            .aws_url()
            .ok_or_else(|| StartError::Template("the stack has no port for AWS".to_owned()))?;
        let mut environment: BTreeMap<String, String> = [
            ("AWS_ENDPOINT_URL", aws_url),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for name in &function.variables {
            let value = self.variable(name).ok_or_else(|| {
                StartError::Template(format!("the local stack knows no value of {name}"))
            })?;
            environment.insert(name.clone(), value);
        }
        Ok(environment)
    }

    /// Returns the value of a variable that the template sets.
    fn variable(&self, name: &str) -> Option<String> {
        let config = &self.context().config;
        let secrets = &config.secret_ids;
        match name {
            "TABLE_NAME" => Some(config.table_name.clone()),
            "STORAGE_SECRET_ID" => Some(secrets.storage.clone()),
            "SESSION_SECRET_ID" => secrets.session.clone(),
            "ACCOUNT_SECRET_ID" => secrets.account.clone(),
            "SIGNING_SECRET_ID" => secrets.signing.clone(),
            "GOOGLE_SECRET_ID" => secrets.google.clone(),
            "STRIPE_SECRET_ID" => secrets.stripe.clone(),
            "BASE_URL" => Some(config.base_url.clone()),
            "HSTS_INCLUDE_SUBDOMAINS" => Some(config.hsts_include_subdomains.to_string()),
            "REQUIRE_EMAIL_VERIFICATION" => Some(config.require_email_verification.to_string()),
            "GOOGLE_ISSUER" => Some(self.google().issuer.clone()),
            "CONTENT_BUCKET" => Some(self.content_bucket().to_owned()),
            "CODE_QUEUE_URL" => Some(queue_url(CODE_QUEUE)),
            "WORK_QUEUE_URL" => Some(queue_url(WORK_QUEUE)),
            "DEAD_LETTERS_URL" => Some(DEAD_LETTER_QUEUE_URL.to_owned()),
            "MAIL_CONFIGURATION_SET" => Some(CONFIGURATION_SET.to_owned()),
            "MAIL_FROM" => Some(MAIL_FROM.to_owned()),
            "STRIPE_PRICES" => {
                Some(self.stripe().map(|stripe| stripe.prices.clone()).unwrap_or_default())
            }
            "RETURN_ORIGINS" | "CDN_SECRET_HASHES" => Some(String::new()),
            "METRICS_NAMESPACE" => config.metrics_namespace.clone(),
            "CHECK_BREACHED_PASSWORDS" => Some("false".to_owned()),
            _ => None,
        }
    }
}
