//! Refuses JSON objects that repeat a key. Parsers disagree on which of two equal keys counts, and attackers
//! exploit the difference.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Maximum number of keys in one object. The bodies of the API have fewer than 20 fields. The limit bounds the
/// memory that a body can cost besides its text.
const MAX_KEYS: usize = 1000;

/// What the text of a body is, by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonKind {
    Object,
    Other,
}

/// Reads any JSON and keeps none of its values, only the keys of the objects that are being read.
///
/// Fails with a data error, whose text is a rule, if an object repeats a key or has too many.
pub(super) struct NoDuplicates;

impl<'de> DeserializeSeed<'de> for NoDuplicates {
    type Value = JsonKind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<JsonKind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NoDuplicates {
    type Value = JsonKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<JsonKind, E> {
        Ok(JsonKind::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<JsonKind, E> {
        Ok(JsonKind::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<JsonKind, E> {
        Ok(JsonKind::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<JsonKind, E> {
        Ok(JsonKind::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<JsonKind, E> {
        Ok(JsonKind::Other)
    }

    fn visit_unit<E>(self) -> Result<JsonKind, E> {
        Ok(JsonKind::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<JsonKind, A::Error> {
        while array.next_element_seed(Self)?.is_some() {}
        Ok(JsonKind::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<JsonKind, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = object.next_key::<String>()? {
            if keys.len() == MAX_KEYS {
                // The rest is not read.
                return Err(A::Error::custom(format!("an object has more than {MAX_KEYS} keys")));
            }
            if !keys.insert(key) {
                return Err(A::Error::custom("a key occurs twice"));
            }
            object.next_value_seed(Self)?;
        }
        Ok(JsonKind::Object)
    }
}
