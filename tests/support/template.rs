//! The template of the stack.

use serde_norway::{Mapping, Value};

/// Parses `template.yaml`.
pub fn template() -> Value {
    serde_norway::from_str(include_str!("../../template.yaml")).unwrap()
}

/// Returns the resources of `template.yaml`.
pub fn template_resources() -> Mapping {
    template()["Resources"].as_mapping().unwrap().clone()
}
