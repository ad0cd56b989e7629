//! One line of an import: an account as JSON.

use serde::Deserialize;
use shared::accounts::import::ImportedAccount;
use shared::accounts::password::{FirebaseParameters, ImportedHash, UnusableHash};
use shared::accounts::two_factor::ImportedTotpSecret;
use shared::organizations::import::ImportedOrganization;
use shared::organizations::{AssignableRole, Role};
use shared::values::{EmailAddress, Name};

/// The longest reference of an organization, in bytes.
const MAX_REFERENCE_LEN: usize = 200;

/// The most organizations of one account.
const MAX_ORGANIZATIONS: usize = 1_000;

/// A reason to refuse a line. No reason quotes the line, because reports are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RefusedLine {
    #[error("it is not one JSON object with the documented fields (column {0})")]
    Json(usize),
    #[error("it is longer than 64 KiB or not UTF-8")]
    TooLong,
    #[error("the account is disabled in the other system")]
    Disabled,
    #[error("the address is not an email address")]
    Email,
    #[error("the name is longer than 100 characters, or has control characters")]
    Name,
    #[error(transparent)]
    Hash(UnusableHash),
    #[error("the password hash has a salt of its own, so it needs --firebase")]
    FirebaseParameters,
    #[error("the TOTP secret is not base32 of 10 to 64 bytes")]
    TotpSecret,
    #[error("an organization has no name, or one that is too long")]
    OrganizationName,
    #[error("an organization has an empty reference, or one of more than 200 bytes")]
    OrganizationReference,
    #[error("it has an organization twice, or more than 1,000")]
    Organizations,
    #[error("it has organizations, and an address that is not verified")]
    UnverifiedMember,
}

/// The JSON of a line. The second name of a field is its name in the exports of Auth0 or Firebase. Other fields of
/// these exports are ignored.
#[derive(Deserialize)]
struct Line {
    email: String,
    #[serde(default, alias = "displayName")]
    name: Option<String>,
    #[serde(default, alias = "emailVerified")]
    email_verified: bool,
    #[serde(default, alias = "blocked")]
    disabled: bool,
    #[serde(default, alias = "passwordHash")]
    password_hash: Option<String>,
    #[serde(default, alias = "salt")]
    password_salt: Option<String>,
    #[serde(default)]
    totp_secret: Option<String>,
    #[serde(default)]
    organizations: Vec<LineOrganization>,
}

#[derive(Deserialize)]
struct LineOrganization {
    /// The id of the organization in the other system. Its name if there is none.
    #[serde(default, alias = "id")]
    reference: Option<String>,
    name: String,
    role: Role,
}

/// An account of the import with its organizations.
#[derive(Debug)]
pub(super) struct ImportLine {
    /// The account that the line imports.
    pub(super) account: ImportedAccount,
    /// The organizations that the account owns.
    pub(super) owned: Vec<ImportedOrganization>,
    /// The references of the organizations in which it is a member, with its role.
    pub(super) memberships: Vec<(String, AssignableRole)>,
}

impl ImportLine {
    /// Parses a line.
    ///
    /// # Errors
    /// The reason for which the line is refused.
    pub(super) fn parse(
        text: &str,
        firebase: Option<&FirebaseParameters>,
    ) -> Result<Self, RefusedLine> {
        let line: Line =
            serde_json::from_str(text).map_err(|error| RefusedLine::Json(error.column()))?;
        if line.disabled {
            return Err(RefusedLine::Disabled);
        }
        let email = EmailAddress::parse(&line.email).map_err(|_| RefusedLine::Email)?;
        let name = line.name.as_deref().filter(|name| !name.trim().is_empty());
        let name =
            Name::parse(name.unwrap_or(email.local_part())).map_err(|_| RefusedLine::Name)?;
        let password_hash = parse_hash(line.password_hash, line.password_salt, firebase)?;
        let totp_secret = line.totp_secret.filter(|secret| !secret.is_empty());
        let totp_secret = totp_secret
            .map(|secret| ImportedTotpSecret::parse(&secret).ok_or(RefusedLine::TotpSecret))
            .transpose()?;
        if !line.email_verified && !line.organizations.is_empty() {
            return Err(RefusedLine::UnverifiedMember);
        }
        let (owned, memberships) = parse_organizations(line.organizations)?;
        let email_verified = line.email_verified;
        let account = ImportedAccount { email, name, email_verified, password_hash, totp_secret };
        Ok(Self { account, owned, memberships })
    }
}

fn parse_hash(
    hash: Option<String>,
    salt: Option<String>,
    firebase: Option<&FirebaseParameters>,
) -> Result<Option<ImportedHash>, RefusedLine> {
    let Some(hash) = hash.filter(|hash| !hash.is_empty()) else { return Ok(None) };
    let parsed = match salt.filter(|salt| !salt.is_empty()) {
        None => ImportedHash::parse(&hash),
        Some(salt) => firebase.ok_or(RefusedLine::FirebaseParameters)?.hash(&hash, &salt),
    };
    parsed.map(Some).map_err(RefusedLine::Hash)
}

type Organizations = (Vec<ImportedOrganization>, Vec<(String, AssignableRole)>);

fn parse_organizations(organizations: Vec<LineOrganization>) -> Result<Organizations, RefusedLine> {
    let (mut owned, mut memberships): Organizations = (Vec::new(), Vec::new());
    let mut references: Vec<String> = Vec::new();
    for LineOrganization { reference, name, role } in organizations {
        let reference = reference.unwrap_or_else(|| name.trim().to_owned());
        let name = Name::parse(&name).map_err(|_| RefusedLine::OrganizationName)?;
        if reference.is_empty() || reference.len() > MAX_REFERENCE_LEN {
            return Err(RefusedLine::OrganizationReference);
        }
        if references.contains(&reference) || references.len() == MAX_ORGANIZATIONS {
            return Err(RefusedLine::Organizations);
        }
        references.push(reference.clone());
        let role = match role {
            Role::Owner => {
                owned.push(ImportedOrganization { reference, name });
                continue;
            }
            Role::Admin => AssignableRole::Admin,
            Role::Member => AssignableRole::Member,
            Role::Viewer => AssignableRole::Viewer,
        };
        memberships.push((reference, role));
    }
    Ok((owned, memberships))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ImportLine, RefusedLine> {
        ImportLine::parse(text, None)
    }

    #[test]
    fn a_line_is_an_account_with_its_organizations() {
        let line = parse(
            r#"{"email":"Ada@Example.com","name":" Ada ","email_verified":true,"totp_secret":"GEZDGNBVGY3TQOJQ",
                "password_hash":"$2b$05$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC",
                "organizations":[{"reference":"7","name":"Acme","role":"owner"},{"name":"Beta","role":"viewer"}]}"#,
        )
        .unwrap();
        let ImportLine { account, owned, memberships } = line;
        assert_eq!((account.email.as_str(), account.name.as_str()), ("ada@example.com", "Ada"));
        assert!(account.email_verified && account.password_hash.is_some());
        assert!(account.totp_secret.is_some());
        assert_eq!((owned[0].reference.as_str(), owned[0].name.as_str()), ("7", "Acme"));
        assert_eq!(memberships, [("Beta".to_owned(), AssignableRole::Viewer)]);
    }

    #[test]
    fn lines_of_auth0_and_firebase_are_read() {
        let auth0 = r#"{"_id":{"$oid":"5f"},"email":"a@example.com","email_verified":true,"name":"Ada","tenant":"t",
            "passwordHash":"$2b$10$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC","connection":"users"}"#;
        assert!(parse(auth0).unwrap().account.password_hash.is_some());
        let firebase = r#"{"localId":"x","email":"a@example.com","emailVerified":true,"displayName":"Ada",
            "passwordHash":"lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==",
            "salt":"42xEC-ixf3L2lw==","providerUserInfo":[]}"#;
        assert_eq!(parse(firebase).unwrap_err(), RefusedLine::FirebaseParameters);
        let parameters = r#"{"base64_signer_key":"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==","base64_salt_separator":"Bw==","rounds":8,"mem_cost":14}"#;
        let parameters = serde_json::from_str(parameters).unwrap();
        let line = ImportLine::parse(firebase, Some(&parameters)).unwrap();
        assert!(line.account.password_hash.is_some());
        assert_eq!(line.account.name.as_str(), "Ada");
    }

    #[test]
    fn disabled_accounts_are_refused() {
        for (field, refused) in
            [("disabled", true), ("disabled", false), ("blocked", true), ("blocked", false)]
        {
            let parsed = parse(&format!(r#"{{"email":"a@example.com","{field}":{refused}}}"#));
            assert_eq!(parsed.err(), refused.then_some(RefusedLine::Disabled), "{field}");
        }
    }

    #[test]
    fn a_line_without_a_name_takes_the_address() {
        let line = parse(r#"{"email":"ada@example.com"}"#).unwrap();
        assert_eq!(line.account.name.as_str(), "ada");
        assert!(!line.account.email_verified);
    }

    #[test]
    fn a_refusal_never_quotes_the_line() {
        for (text, why) in [
            (r#"{"email":"secret"#, "JSON"),
            (r#"{"email":{"secret":1}}"#, "JSON"),
            (r#"{"email":"secret"}"#, "address"),
            (r#"{"email":"a@example.com","password_hash":"secret"}"#, "supported"),
            (
                r#"{"email":"a@example.com","password_hash":"$2b$31$ut4BcpHJYSvpKLuaLMr9w.s1J2WkhaArTdqYaK8QTwIz9yTG7nPaC"}"#,
                "too much",
            ),
            (r#"{"email":"a@example.com","totp_secret":"secret!"}"#, "TOTP"),
            (
                r#"{"email":"a@example.com","email_verified":true,"organizations":[{"name":" ","role":"owner"}]}"#,
                "name",
            ),
            (
                r#"{"email":"a@example.com","email_verified":true,"organizations":[{"name":"secret","role":"owner"},{"name":"secret","role":"viewer"}]}"#,
                "twice",
            ),
            (
                r#"{"email":"a@example.com","email_verified":true,"organizations":[{"name":"secret","role":"king"}]}"#,
                "JSON",
            ),
            (
                r#"{"email":"a@example.com","organizations":[{"name":"secret","role":"owner"}]}"#,
                "verified",
            ),
        ] {
            let refused = parse(text).unwrap_err().to_string();
            assert!(
                refused.contains(why) && !refused.contains("secret!") && !refused.contains("king"),
                "{refused}"
            );
        }
    }
}
