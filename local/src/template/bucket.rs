//! The bucket of the template.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::read::read;

/// The bucket with the contents of artifacts.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    /// The name of the bucket in the template.
    pub(crate) name: String,
    pub(crate) cors: Vec<CorsRule>,
}

/// A CORS rule for pages of the service's own origin.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CorsRule {
    allowed_origins: [Value; 1],
    pub(crate) allowed_methods: Vec<String>,
    #[serde(default)]
    pub(crate) allowed_headers: Vec<String>,
    /// The number of seconds for which a browser may cache a preflight response.
    pub(crate) max_age: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    cors_configuration: Cors,

    // These settings concern access rights, encryption and expiry, which the local stack does not simulate.
    #[serde(rename = "BucketEncryption")]
    _encryption: IgnoredAny,
    #[serde(rename = "PublicAccessBlockConfiguration")]
    _public_access: IgnoredAny,
    #[serde(rename = "OwnershipControls")]
    _ownership: IgnoredAny,
    #[serde(rename = "LifecycleConfiguration")]
    _lifecycle: IgnoredAny,
    // The service only reads current versions.
    #[serde(rename = "VersioningConfiguration", default)]
    _versioning: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Cors {
    cors_rules: Vec<CorsRule>,
}

impl Bucket {
    pub(super) fn read(name: &str, properties: &Value) -> Result<Self, String> {
        let properties: Properties = read(name, properties.clone())?;
        let cors = properties.cors_configuration.cors_rules;
        // The scheme and the host of the parameter `BaseUrl`, as `Config::origin` returns them.
        let origin = json!({"Fn::Sub": ["https://${Host}",
            {"Host": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "BaseUrl"}]}]}}]});
        if cors.iter().any(|rule| rule.allowed_origins != [origin.clone()]) {
            return Err(format!("{name}: pages of another origin than BaseUrl's"));
        }
        Ok(Self { name: name.to_owned(), cors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(origin: Value, more: &str) -> Result<Bucket, String> {
        let rule = json!({"AllowedOrigins": [origin], "AllowedMethods": ["PUT"], "MaxAge": 60});
        let mut properties = json!({"CorsConfiguration": {"CorsRules": [rule]},
            "BucketEncryption": {}, "PublicAccessBlockConfiguration": {}, "OwnershipControls": {},
            "LifecycleConfiguration": {}});
        properties[more] = json!({});
        Bucket::read("Content", &properties)
    }

    fn own_origin() -> Value {
        json!({"Fn::Sub": ["https://${Host}",
            {"Host": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "BaseUrl"}]}]}}]})
    }

    #[test]
    fn the_rules_are_read() {
        let bucket = bucket(own_origin(), "OwnershipControls").unwrap();
        assert_eq!(bucket.name, "Content");
        assert_eq!(bucket.cors[0].allowed_methods, ["PUT"]);
        assert_eq!(bucket.cors[0].max_age, 60);
    }

    #[test]
    fn unsupported_settings_are_refused() {
        assert!(bucket(json!("*"), "OwnershipControls").is_err());
        assert!(bucket(own_origin(), "ReplicationConfiguration").is_err());
    }
}
