//! The operator of the service who acts, and why. Every call of the operators' function has one.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::text;

/// Longest name of an operator in characters. An email address has at most 254.
const MAX_OPERATOR_LEN: usize = 254;

/// Longest ticket in characters: an id or a URL.
const MAX_TICKET_LEN: usize = 200;

const MAX_REASON_LEN: usize = 500;

/// Who acts in support of a customer, for which ticket, and why. It is stored and logged. Customers read "support" in
/// its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SupportCase {
    /// The operator: a name or an address, one line.
    pub operator: String,
    /// The ticket, one line.
    pub ticket: String,
    /// The reason, one line.
    pub reason: String,
}

impl SupportCase {
    /// Parses the three fields.
    ///
    /// # Errors
    /// - [`Error::Missing`] if one of them is blank.
    /// - [`Error::InvalidField`] if one is too long, or contains control characters or line breaks.
    pub fn parse(operator: &str, ticket: &str, reason: &str) -> Result<Self> {
        let line = |field: &'static str, text: &str, max_len| {
            text::normalize_line(field, text, max_len)?.ok_or_else(|| Error::missing(field))
        };
        Ok(Self {
            operator: line("operator", operator, MAX_OPERATOR_LEN)?,
            ticket: line("ticket", ticket, MAX_TICKET_LEN)?,
            reason: line("reason", reason, MAX_REASON_LEN)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_field_is_required_and_bounded() {
        let parse = SupportCase::parse;
        assert!(parse("ada@example.com", "T-1", "asked for it").is_ok());
        assert!(
            matches!(parse(" ", "T-1", "x"), Err(Error::Missing(field)) if field == "operator")
        );
        assert!(matches!(parse("a", "", "x"), Err(Error::Missing(field)) if field == "ticket"));
        assert!(matches!(parse("a", "T-1", "\t"), Err(Error::Missing(field)) if field == "reason"));
        assert!(parse("a", "T-1", &"x".repeat(501)).is_err());
        assert!(parse("a", &"x".repeat(201), "x").is_err());
        assert!(parse(&"x".repeat(255), "T-1", "x").is_err());
        assert!(parse("a", "T-1", "two\nlines").is_err());
    }

    proptest! {
        #[test]
        fn a_parsed_case_is_parsed_to_itself(reason in "\\PC{1,40}") {
            if let Ok(case) = SupportCase::parse("a", "T-1", &reason) {
                let again = SupportCase::parse(&case.operator, &case.ticket, &case.reason);
                prop_assert_eq!(again.unwrap(), case);
            }
        }
    }
}
