//! Finds parameters that Stripe has and the simulator does not support.

use serde_json::Value;

/// Returns the path of the first parameter that is not supported, such as `line_items.tax`.
///
/// `supported` has paths with dots; each one includes everything below it. `path` is the path of
/// `given`, and empty at the top level.
pub(crate) fn find_unsupported(supported: &[&str], given: &Value, path: &str) -> Option<String> {
    match given {
        Value::Array(items) => {
            items.iter().find_map(|item| find_unsupported(supported, item, path))
        }
        Value::Object(fields) => fields.iter().find_map(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if supported.contains(&path.as_str()) {
                return None;
            }
            let prefix = format!("{path}.");
            if supported.iter().any(|supported| supported.starts_with(&prefix)) {
                return find_unsupported(supported, value, &path);
            }
            Some(path)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::parse;

    #[test]
    fn unsupported_parameters_are_found_at_any_depth() {
        let supported = ["customer", "line_items.price", "line_items.price_data"];
        let find =
            |parameters: &[u8]| find_unsupported(&supported, &parse(parameters).unwrap(), "");
        assert_eq!(find(b"customer=1&line_items[0][price]=p&line_items[0][price_data][x]=1"), None);
        assert_eq!(find(b"line_items[0][tax]=p").as_deref(), Some("line_items.tax"));
        assert_eq!(find(b"locale=de").as_deref(), Some("locale"));
    }
}
