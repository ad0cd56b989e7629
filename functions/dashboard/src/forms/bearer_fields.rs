//! The fields that the forms of personal tokens and API keys share: scopes, expiry and addresses.

use shared::error::{Error, Result};
use shared::tokens::create::TokenLifetime;
use shared::tokens::{AllowedIps, Scope, Scopes};

use super::fields::Fields;

/// Lifetimes that the forms offer: the value of `expires_in_days` and its label.
pub(crate) const LIFETIMES: [(&str, &str); 4] =
    [("90", "90 days"), ("30", "30 days"), ("365", "365 days"), ("", "Never expires")];

/// Sets of scopes that the forms offer: the value of `access` and its label.
pub(crate) const PRESETS: [(&str, &str); 3] = [
    ("all", "Everything"),
    ("read", "Read only"),
    ("runs", "Runs: read projects, upload files, start runs, spend credits"),
];

/// All scopes, in the order of the forms.
pub(crate) const ALL_SCOPES: [Scope; 10] = Scope::ALL;

/// Scopes of the preset `read`.
const READ_SCOPES: [Scope; 5] = [
    Scope::ClientsRead,
    Scope::ProjectsRead,
    Scope::ArtifactsRead,
    Scope::BillingRead,
    Scope::ActivityRead,
];

/// Scopes of the preset `runs`.
const RUN_SCOPES: [Scope; 5] = [
    Scope::ProjectsRead,
    Scope::ArtifactsRead,
    Scope::ArtifactsWrite,
    Scope::RunsWrite,
    Scope::UsageWrite,
];

/// The settings of a new token or key in a form, apart from its name.
#[derive(Debug)]
pub(crate) struct BearerFields {
    /// The scopes of the token or key.
    pub(crate) scopes: Scopes,
    /// The addresses from which it may be used.
    pub(crate) allowed_ips: AllowedIps,
    /// The time for which it is valid; `None` if it never expires.
    pub(crate) lifetime: Option<TokenLifetime>,
}

impl BearerFields {
    /// Parses `scopes`, `access`, `allowed_ips` and `expires_in_days`. Ticked scopes replace the preset.
    ///
    /// # Errors
    /// `InvalidField` if a field is malformed.
    pub(crate) fn parse(fields: &Fields) -> Result<Self> {
        let days = fields.optional("expires_in_days").map(parse_days).transpose()?;
        Ok(Self {
            scopes: parse_scopes(fields)?,
            allowed_ips: AllowedIps::parse(parse_addresses(fields.get("allowed_ips")))?,
            lifetime: days.map(TokenLifetime::from_days).transpose()?,
        })
    }
}

fn parse_days(text: &str) -> Result<i64> {
    let days = text.trim().parse();
    days.map_err(|_| Error::invalid_field("expires_in_days", "choose a number of days"))
}

/// Returns the ticked boxes of the field `scopes`.
///
/// # Errors
/// `InvalidField` if there is no such scope.
pub(crate) fn ticked_scopes(fields: &Fields) -> Result<Vec<Scope>> {
    let scope = |name: &&str| {
        let found = Scope::ALL.into_iter().find(|scope| scope.name() == *name);
        found.ok_or_else(|| Error::invalid_field("scopes", format!("there is no scope {name}")))
    };
    fields.all("scopes").iter().map(scope).collect()
}

fn parse_scopes(fields: &Fields) -> Result<Scopes> {
    let ticked = ticked_scopes(fields)?;
    if !ticked.is_empty() {
        return Scopes::parse(Some(ticked));
    }
    match fields.get("access") {
        "" | "all" => Scopes::parse(None),
        "read" => Scopes::parse(Some(READ_SCOPES.to_vec())),
        "runs" => Scopes::parse(Some(RUN_SCOPES.to_vec())),
        _ => Err(Error::invalid_field("access", "choose one of the offered sets")),
    }
}

/// Splits addresses at commas, spaces and line breaks. Without any, every address is allowed.
fn parse_addresses(text: &str) -> Option<Vec<String>> {
    let is_separator = |character: char| character == ',' || character.is_whitespace();
    let addresses = text.split(is_separator).filter(|address| !address.is_empty());
    let addresses: Vec<_> = addresses.map(str::to_owned).collect();
    (!addresses.is_empty()).then_some(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(form: &str) -> Result<Scopes> {
        parse_scopes(&Fields::parse(form).unwrap())
    }

    #[test]
    fn ticked_scopes_replace_the_preset() {
        let ticked = scopes("access=all&scopes=runs%3Awrite&scopes=clients%3Aread").unwrap();
        let expected = Scopes::parse(Some(vec![Scope::RunsWrite, Scope::ClientsRead])).unwrap();
        assert_eq!(ticked, expected);
        assert_eq!(scopes("access=all").unwrap(), Scopes::default());
        assert_ne!(scopes("access=read").unwrap(), Scopes::default());
        assert!(scopes("access=most").is_err());
        assert!(scopes("scopes=everything").is_err());
    }

    #[test]
    fn addresses_are_split() {
        let both = Some(vec!["192.0.2.1".to_owned(), "2001:db8::/32".to_owned()]);
        assert_eq!(parse_addresses("192.0.2.1,\r\n 2001:db8::/32 "), both);
        assert_eq!(parse_addresses(" \n"), None);
    }
}
