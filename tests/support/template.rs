//! The templates of the deployment.

use serde_norway::{Mapping, Value};

/// Parses `template.yaml`.
pub fn template() -> Value {
    serde_norway::from_str(include_str!("../../template.yaml")).unwrap()
}

/// Parses `cdn.yaml`.
pub fn cdn_template() -> Value {
    serde_norway::from_str(include_str!("../../cdn.yaml")).unwrap()
}

/// Returns the resources of `template.yaml`.
pub fn template_resources() -> Mapping {
    template()["Resources"].as_mapping().unwrap().clone()
}
