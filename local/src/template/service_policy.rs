//! What a function's policy in the template allows at Secrets Manager, SES and SQS.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// The services whose actions are read. [`TablePolicy`](super::TablePolicy) has those of DynamoDB.
const SERVICES: [&str; 3] = ["secretsmanager:", "ses:", "sqs:"];

/// What a function may do at other services than DynamoDB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServicePolicy(BTreeSet<ServiceRight>);

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceRight {
    /// The action with its prefix, such as `sqs:SendMessage`.
    pub(crate) action: String,
    /// The name of the resource in the template; of SES the type of the resource; or `*`.
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
    /// A message if a statement about these services has an effect or a resource that the local stack does not support.
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
                for resource in one_or_many(&statement["Resource"]) {
                    let name = resource_name(resource);
                    let name = name.ok_or_else(|| format!("{function}: {action} on {resource}"))?;
                    let (action, resource) = (action.to_owned(), name.to_owned());
                    rights.insert(ServiceRight { action, resource });
                }
            }
        }
        Ok(Self(rights))
    }

    /// Lists the rights.
    pub(crate) fn rights(&self) -> impl Iterator<Item = &ServiceRight> {
        self.0.iter()
    }

    /// Returns whether the policy has a right.
    pub(crate) fn allows(&self, right: &ServiceRight) -> bool {
        self.0.contains(right)
    }
}

fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Returns the name of the resource in the template, or the type in an ARN that the template composes.
fn resource_name(resource: &Value) -> Option<&str> {
    if resource == "*" {
        return Some("*");
    }
    if let Some(arn) = resource["Fn::Sub"].as_str() {
        return arn.rsplit(':').next()?.split('/').next();
    }
    let arn = resource["Fn::GetAtt"].as_str().and_then(|name| name.strip_suffix(".Arn"));
    arn.or_else(|| resource["Ref"].as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            (
                json!("ses:SendEmail"),
                json!({"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:1:identity/*"}),
                vec!["ses:SendEmail identity"],
            ),
            (json!(["dynamodb:GetItem"]), arn("Table"), vec![]),
        ] {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
            assert_eq!(rights(&statement).unwrap(), expected);
        }
    }

    #[test]
    fn other_effects_and_resources_are_refused() {
        for statement in [
            json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {}}),
            json!({"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}),
            json!({"Action": "sqs:SendMessage", "Resource": "*"}),
        ] {
            assert!(rights(&statement).is_err(), "{statement}");
        }
        let other = json!({"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"});
        assert_eq!(rights(&other), Ok(Vec::new()));
    }
}
