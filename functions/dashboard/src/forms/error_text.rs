//! The sentence that a person reads for each error, and the field that it stands beside.

use shared::error::Error;

use super::fields::Fields;
use crate::organizations::named_plan_label;

/// An error of a form.
#[derive(Clone, Debug)]
pub(crate) struct FieldError {
    /// The field that it belongs to, if it belongs to one.
    pub(crate) field: Option<String>,
    /// The error as a sentence for the person.
    pub(crate) message: String,
    /// Whether a larger plan helps.
    pub(crate) is_of_plan: bool,
}

impl FieldError {
    /// Creates the error of a whole form.
    pub(crate) fn of_form(message: impl Into<String>) -> Self {
        Self { field: None, message: message.into(), is_of_plan: false }
    }
}

/// Returns what a person is told about an error of their submission.
#[expect(clippy::wildcard_enum_match_arm, reason = "other errors belong to no field")]
pub(crate) fn error_text(error: &Error, fields: &Fields) -> FieldError {
    let first_of =
        |names: &'static [&'static str]| names.iter().find(|name| fields.has(name)).copied();
    let field = match error {
        Error::Missing(field) => Some(field.as_ref()),
        Error::InvalidField { field, .. } => Some(field.as_str()),
        Error::MissingTokenName => Some("token_name"),
        Error::InvalidEmail | Error::EmailAlreadyExists => first_of(&["email", "new_email"]),
        Error::PasswordTooWeak(_) => first_of(&["new_password", "password"]),
        Error::InvalidCode | Error::WrongSecondFactor => first_of(&["code", "user_code"]),
        Error::InvalidCredentials => first_of(&["current_password", "password"]),
        Error::AlreadyMember => first_of(&["email"]),
        Error::ProjectNameTaken => first_of(&["name"]),
        _ => None,
    };
    let is_of_plan = matches!(error, Error::PlanLimit { .. } | Error::NotInPlan { .. });
    FieldError { field: field.map(str::to_owned), message: message(error, fields), is_of_plan }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other errors have a text for people already")]
fn message(error: &Error, fields: &Fields) -> String {
    let text = match error {
        Error::Missing(field) => match field.as_ref() {
            "email" => "Enter an email address.",
            "name" => "Enter a name.",
            "password" | "current_password" => "Enter your password.",
            "new_password" => "Enter a new password.",
            "code" => "Enter the code.",
            _ => "Fill in this field.",
        },
        Error::MissingTokenName => "Enter a name for the token.",
        Error::InvalidField { why, .. } => return sentence(why),
        Error::InvalidEmail => "Enter an email address that can receive mail.",
        Error::PasswordTooWeak(why) => why,
        Error::InvalidCode | Error::WrongSecondFactor => {
            "This code is wrong or has expired. Check it, or use a new one."
        }
        Error::InvalidCredentials if fields.has("email") => {
            "The email address or the password is wrong."
        }
        Error::InvalidCredentials => "The password is wrong.",
        Error::InvalidChallenge => "This took too long. Sign in again.",
        Error::RateLimited { retry_after } => {
            return format!("Too many attempts. Try again in {}.", wait_text(*retry_after));
        }
        Error::NoAccess => "Your role does not allow this. Ask the owner or an admin.",
        Error::TwoFactorNotStarted => "Start the set-up of two-factor authentication again.",
        Error::OwnsOrganizations(owned) => {
            let names: Vec<_> = owned.iter().map(|(_, name)| name.as_str()).collect();
            return format!(
                "You own organizations with other members: {}. Transfer or delete them first.",
                names.join(", ")
            );
        }
        Error::MembersAffected(members) => {
            let names: Vec<_> = members.iter().map(|member| member.email.as_str()).collect();
            return format!(
                "These members have no two-factor authentication and would lose access: {}. Confirm to go on.",
                names.join(", ")
            );
        }
        Error::PlanLimit { plan, what, limit } => {
            return format!(
                "The {} plan has a limit of {limit} for {what}. Change the plan to add more.",
                named_plan_label(plan)
            );
        }
        Error::NotInPlan { plan, what } => {
            return format!(
                "The {} plan does not include {what}. Change the plan to use it.",
                named_plan_label(plan)
            );
        }
        Error::IdempotencyConflict => {
            "This form was already sent with other values. Reload the page and try again."
        }
        Error::Contention | Error::Overloaded | Error::Unavailable(_) => {
            "This could not be saved because a service can't be reached. Nothing was changed. Try again in a minute."
        }
        Error::Internal(_) => "Something went wrong on our side. Nothing was changed.",
        Error::BillingNotConfigured => "Billing is not set up in this deployment.",
        other => return sentence(&other.to_string()),
    };
    text.to_owned()
}

/// Returns the text as a sentence: with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    let text = format!("{}{}", first.unwrap_or_default(), characters.as_str());
    if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
}

/// Returns a waiting time in words.
pub(crate) fn wait_text(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_beside_its_field() {
        let fields = Fields::parse("new_password=x&code=1").unwrap();
        let field = |error| error_text(&error, &fields).field;
        assert_eq!(field(Error::PasswordTooWeak("x")).as_deref(), Some("new_password"));
        assert_eq!(field(Error::InvalidCode).as_deref(), Some("code"));
        assert_eq!(field(Error::InvalidEmail), None);
        assert_eq!(field(Error::missing("name")).as_deref(), Some("name"));
    }

    #[test]
    fn messages_are_sentences() {
        let fields = Fields::default();
        let text = |error| error_text(&error, &fields).message;
        assert_eq!(
            text(Error::invalid_field("x", "at most 3 characters")),
            "At most 3 characters."
        );
        assert_eq!(
            text(Error::RateLimited { retry_after: 61 }),
            "Too many attempts. Try again in 61 seconds."
        );
        assert_eq!(text(Error::LastSignInMethod).chars().last(), Some('.'));
    }
}
