//! What a function's policy in the template allows at S3, Secrets Manager, SES and SQS.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

/// The services whose actions are read. [`TablePolicy`](super::TablePolicy) has those of DynamoDB.
const SERVICES: [&str; 4] = ["s3:", "secretsmanager:", "ses:", "sqs:"];

/// What a function may do at other services than DynamoDB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServicePolicy(BTreeSet<ServiceRight>);

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceRight {
    /// The action with its prefix, such as `sqs:SendMessage`.
    pub(crate) action: String,
    /// The name of the resource in the template; of SES the type of the resource; or `*`. An object of S3 is named by
    /// its bucket and key. In a policy, a `*` at the end stands for any text: `Content/*` are all objects of a bucket.
    pub(crate) resource: String,
}

impl fmt::Display for ServiceRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action, self.resource)
    }
}

impl ServicePolicy {
    /// Reads the statements about these services from a function's `Policies`.
    ///
    /// # Errors
    /// A message if a statement about these services has an effect, a condition or a resource that the local stack does
    /// not support. Mail needs the condition that its sender is `MailFrom`, the only sender of a stack.
    pub(super) fn read(function: &str, policies: &[Value]) -> Result<Self, String> {
        let statements = policies.iter().filter_map(|policy| policy["Statement"].as_array());
        let mut rights = BTreeSet::new();
        for statement in statements.flatten() {
            let actions = one_or_many(&statement["Action"]).iter().filter_map(Value::as_str);
            let is_read = |action: &&str| SERVICES.iter().any(|prefix| action.starts_with(prefix));
            for action in actions.filter(is_read) {
                let effect = &statement["Effect"];
                if effect != "Allow" {
                    return Err(format!("{function}: {action} with the effect {effect}"));
                }
                let condition = &statement["Condition"];
                if *condition != required_condition(action) {
                    return Err(format!("{function}: {action} with the condition {condition}"));
                }
                for resource in one_or_many(&statement["Resource"]) {
                    let name = resource_name(resource);
                    let name = name.ok_or_else(|| format!("{function}: {action} on {resource}"))?;
                    rights.insert(ServiceRight { action: action.to_owned(), resource: name });
                }
            }
        }
        Ok(Self(rights))
    }

    /// Lists the rights.
    pub(crate) fn rights(&self) -> impl Iterator<Item = &ServiceRight> {
        self.0.iter()
    }

    /// Lists those of [`Self::rights`] that include a right which a request needs.
    pub(crate) fn rights_including(
        &self,
        needed: &ServiceRight,
    ) -> impl Iterator<Item = &ServiceRight> {
        self.0.iter().filter(move |right| right.includes(needed))
    }

    /// Returns whether the policy allows what needs this right.
    pub(crate) fn allows(&self, needed: &ServiceRight) -> bool {
        self.rights_including(needed).next().is_some()
    }
}

impl ServiceRight {
    /// Returns whether a policy with this right allows what needs the other one.
    fn includes(&self, needed: &Self) -> bool {
        let is_included = match self.resource.strip_suffix('*') {
            Some(prefix) => needed.resource.starts_with(prefix),
            None => needed.resource == self.resource,
        };
        is_included && needed.action == self.action
    }
}

/// Returns the only condition that a statement with this action may have, and must have; `Null` for none.
fn required_condition(action: &str) -> Value {
    if action.starts_with("ses:") {
        json!({"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}})
    } else {
        Value::Null
    }
}

fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Returns the name of the resource in the template, for objects of a bucket followed by their keys, or the type in an
/// ARN that the template composes. Returns `None` if the local stack does not support it.
fn resource_name(resource: &Value) -> Option<String> {
    if resource == "*" {
        return Some("*".to_owned());
    }
    if let Some(arn) = resource["Fn::Sub"].as_str() {
        let objects = arn.strip_prefix("${").and_then(|arn| arn.split_once(".Arn}/"));
        if let Some((bucket, keys)) = objects {
            let prefix = keys.strip_suffix('*').unwrap_or(keys);
            let is_supported = !prefix.contains(['*', '?', '$']);
            return is_supported.then(|| format!("{bucket}/{keys}"));
        }
        return arn.rsplit(':').next()?.split('/').next().map(str::to_owned);
    }
    let arn = resource["Fn::GetAtt"].as_str().and_then(|name| name.strip_suffix(".Arn"));
    arn.or_else(|| resource["Ref"].as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(statement: &Value) -> Result<Vec<String>, String> {
        let policy = ServicePolicy::read("F", &[json!({"Statement": [statement]})])?;
        Ok(policy.rights().map(ToString::to_string).collect())
    }

    #[test]
    fn actions_and_resources_are_read() {
        let arn = |name: &str| json!({"Fn::GetAtt": format!("{name}.Arn")});
        for (action, resource, expected) in [
            (json!("sqs:SendMessage"), arn("A"), vec!["sqs:SendMessage A"]),
            (
                json!(["sqs:SendMessage", "sqs:ChangeMessageVisibility"]),
                json!([arn("A")]),
                vec!["sqs:ChangeMessageVisibility A", "sqs:SendMessage A"],
            ),
            (
                json!("secretsmanager:GetSecretValue"),
                json!([{"Ref": "S"}]),
                vec!["secretsmanager:GetSecretValue S"],
            ),
            (json!("secretsmanager:X"), json!("*"), vec!["secretsmanager:X *"]),
            (json!("s3:ListBucket"), arn("Content"), vec!["s3:ListBucket Content"]),
            (
                json!(["s3:GetObject"]),
                json!({"Fn::Sub": "${Content.Arn}/*"}),
                vec!["s3:GetObject Content/*"],
            ),
            (
                json!("s3:PutObject"),
                json!({"Fn::Sub": "${Content.Arn}/uploads/*"}),
                vec!["s3:PutObject Content/uploads/*"],
            ),
            (json!(["dynamodb:GetItem"]), arn("Table"), vec![]),
        ] {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
            assert_eq!(rights(&statement).unwrap(), expected);
        }
    }

    #[test]
    fn mail_needs_the_condition_on_its_sender() {
        let identities = "arn:${AWS::Partition}:ses:${AWS::Region}:1:identity/*";
        let mut statement = json!({"Effect": "Allow", "Action": "ses:SendEmail",
            "Resource": {"Fn::Sub": identities}});
        assert!(rights(&statement).is_err(), "any sender");
        let sender = |value: Value| json!({"StringEquals": {"ses:FromAddress": value}});
        statement["Condition"] = sender(json!("ada@example.com"));
        assert!(rights(&statement).is_err(), "another sender");
        statement["Condition"] = sender(json!({"Ref": "MailFrom"}));
        assert_eq!(rights(&statement).unwrap(), ["ses:SendEmail identity"]);
    }

    #[test]
    fn other_effects_and_resources_are_refused() {
        for statement in [
            json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {}}),
            json!({"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}),
            json!({"Action": "sqs:SendMessage", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            json!({"Effect": "Allow", "Action": "s3:GetObject",
                "Resource": {"Fn::Sub": "${Content.Arn}/*/a"}}),
        ] {
            assert!(rights(&statement).is_err(), "{statement}");
        }
        let other = json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"});
        assert_eq!(rights(&other), Ok(Vec::new()));
    }

    #[test]
    fn a_pattern_includes_the_objects_with_its_prefix() {
        let statement = json!({"Effect": "Allow", "Action": "s3:GetObject",
            "Resource": {"Fn::Sub": "${Content.Arn}/uploads/*"}});
        let policy = ServicePolicy::read("F", &[json!({"Statement": [statement]})]).unwrap();
        let needed = |action: &str, resource: &str| ServiceRight {
            action: action.to_owned(),
            resource: resource.to_owned(),
        };
        assert!(policy.allows(&needed("s3:GetObject", "Content/uploads/a")));
        for denied in [
            needed("s3:PutObject", "Content/uploads/a"),
            needed("s3:GetObject", "Content/a"),
            needed("s3:GetObject", "Content"),
            needed("s3:GetObject", "Other/uploads/a"),
        ] {
            assert!(!policy.allows(&denied), "{denied}");
        }
        let used = needed("s3:GetObject", "Content/uploads/a");
        let used: Vec<_> = policy.rights_including(&used).map(ToString::to_string).collect();
        assert_eq!(used, ["s3:GetObject Content/uploads/*"]);
    }
}
