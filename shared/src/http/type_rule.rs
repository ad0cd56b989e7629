//! Plain words for serde's type errors.

/// Returns the rule that a value of the wrong type breaks, from serde's error text. Callers of the API see
/// the rule, so it holds none of Rust's type names and does not quote the value.
pub fn type_rule(error: &str) -> String {
    // The types of this crate state their rule themselves.
    if error.starts_with("must be ") {
        return error.to_owned();
    }
    match error.rsplit_once("expected ") {
        Some((_, expected)) => format!("must be {}", plain_type(expected)),
        None => "has a value that is not allowed".to_owned(),
    }
}

fn plain_type(expected: &str) -> String {
    let plain = match expected {
        "a string" | "a borrowed string" | "a character" => "a string",
        "a boolean" => "true or false",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "an object",
        _ if expected.starts_with("struct ") || expected.starts_with("internally tagged enum ") => {
            "an object"
        }
        // The names of an enum's variants: "one of `a`, `b`" or "`a` or `b`".
        _ if expected.contains('`') => return expected.replace('`', ""),
        // serde_json's error where an enum is neither a string nor an object.
        "value" => "one of the documented values",
        _ => "of another type",
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Medium,
        Large,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Switch {
        On,
        Off,
    }

    #[derive(Debug, Deserialize)]
    struct Object {
        #[serde(rename = "a")]
        _a: bool,
    }

    fn rule<T: DeserializeOwned + Debug>(json: &str) -> String {
        let error = serde_json::from_str::<T>(json).unwrap_err().to_string();
        type_rule(error.rsplit_once(" at line ").unwrap().0)
    }

    #[test]
    fn no_rule_holds_a_type_name_of_rust() {
        assert_eq!(rule::<String>("1"), "must be a string");
        assert_eq!(rule::<bool>("1"), "must be true or false");
        assert_eq!(rule::<i64>("\"1\""), "must be a whole number");
        assert_eq!(rule::<i64>("1.5"), "must be a whole number");
        assert_eq!(rule::<u32>("-1"), "must be a whole number, 0 or more");
        assert_eq!(rule::<u64>("{}"), "must be a whole number, 0 or more");
        assert_eq!(rule::<f64>("[]"), "must be a number");
        assert_eq!(rule::<Vec<String>>("1"), "must be a list");
        assert_eq!(rule::<BTreeMap<String, String>>("1"), "must be an object");
        assert_eq!(rule::<Object>("1"), "must be an object");
        assert_eq!(rule::<Size>("\"huge\""), "must be one of small, medium, large");
        assert_eq!(rule::<Switch>("\"huge\""), "must be on or off");
        assert_eq!(rule::<Size>("1"), "must be one of the documented values");
        let variants = [format!("{:?}", Size::Small), format!("{:?}", Switch::On)];
        assert_eq!(variants, ["Small", "On"]);
    }

    #[test]
    fn no_rule_quotes_the_value() {
        for json in ["\"must be secret\"", "\"expected secret\"", "\"`secret`\""] {
            let rules = [rule::<u32>(json), rule::<Object>(json), rule::<Switch>(json)];
            assert!(rules.iter().all(|rule| !rule.contains("secret")), "{rules:?}");
        }
    }
}
