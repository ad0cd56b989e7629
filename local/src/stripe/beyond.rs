//! What Stripe does and the simulator doesn't: refused with words that say so.

use serde_json::Value;

use super::refusal::Refusal;

/// Something that Stripe does and the simulator doesn't.
pub(super) fn not_simulated(what: &str) -> Refusal {
    Refusal::invalid(format!("The local stack doesn't simulate this: {what}"))
}

/// The first parameter that isn't among those taken: names with dots for what is nested, each with
/// everything below it.
pub(super) fn first_beyond(takes: &[&str], given: &Value, at: &str) -> Option<String> {
    match given {
        Value::Array(all) => all.iter().find_map(|inner| first_beyond(takes, inner, at)),
        Value::Object(fields) => fields.iter().find_map(|(key, inner)| {
            let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            if takes.contains(&path.as_str()) {
                return None;
            }
            let inside = format!("{path}.");
            if takes.iter().any(|taken| taken.starts_with(&inside)) {
                return first_beyond(takes, inner, &path);
            }
            Some(path)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::parameters::parse;

    #[test]
    fn what_is_not_simulated_is_found() {
        let takes = ["customer", "line_items.price", "line_items.price_data"];
        let of = |sent: &[u8]| first_beyond(&takes, &parse(sent).unwrap(), "");
        assert_eq!(of(b"customer=1&line_items[0][price]=p&line_items[0][price_data][x]=1"), None);
        assert_eq!(of(b"line_items[0][tax]=p").as_deref(), Some("line_items.tax"));
        assert_eq!(of(b"locale=de").as_deref(), Some("locale"));
    }
}
