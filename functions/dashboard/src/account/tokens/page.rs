//! `GET /account/tokens`

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::dynamo::{DEFAULT_PAGE_SIZE, Page};
use shared::tokens::TokenView;
use shared::tokens::list::list;

use super::PATH;
use crate::pages::{
    AccountPage, Frame, ListRequest, Loaded, NavigationItem, PageQuery, PageResult, Pager,
    SearchField, Visitor, html,
};

#[derive(Template)]
#[template(path = "account/tokens/page.html")]
struct TokensPage<'a> {
    frame: &'a Frame,
    tokens: Loaded<Page<TokenView>>,
    search: SearchField,
    pager: Pager,
    origin: &'a str,
}

/// Shows the tokens.
pub(crate) async fn tokens_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    show(&ctx, &visitor, &query.searchable_list(DEFAULT_PAGE_SIZE)).await
}

/// Shows the first page of the list, with a form to show again.
pub(super) async fn show_first(ctx: &Context, visitor: &Visitor) -> PageResult {
    show(ctx, visitor, &ListRequest::first(DEFAULT_PAGE_SIZE)).await
}

async fn show(ctx: &Context, visitor: &Visitor, request: &ListRequest) -> PageResult {
    let (frame, tokens) = tokio::join!(
        Frame::load(ctx, visitor, NavigationItem::Account(AccountPage::Tokens)),
        list(ctx, &visitor.caller, &request.page)
    );
    let (frame, mut tokens) = (frame?, Loaded::new("The list of tokens", tokens)?);
    let search = request
        .search(tokens.ready_mut(), |token| vec![token.token_name.as_str(), token.masked.as_str()]);
    let next_cursor = tokens.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(PATH, &[], request, next_cursor);
    let origin = ctx.config.origin();
    let page = html(&TokensPage { frame: &frame, tokens, search, pager, origin })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

impl TokensPage<'_> {
    /// Returns whether the token has expired.
    fn is_expired(&self, token: &TokenView) -> bool {
        token.expires_at.is_some_and(|at| at <= self.frame.page.now)
    }

    /// Returns where the token works: the name of its only organization, or everywhere.
    fn place(&self, token: &TokenView) -> String {
        if token.client_id == self.frame.signed_in.user.email.as_str() {
            return "All your organizations".to_owned();
        }
        let known =
            self.frame.organizations.iter().find(|entry| entry.id.as_str() == token.client_id);
        known.map_or_else(|| token.client_id.clone(), |entry| entry.name.clone())
    }

    /// Returns the organizations that a token can be limited to, as options.
    fn organizations(&self) -> Vec<(String, String)> {
        let all = (String::new(), "All your organizations".to_owned());
        let entries = self.frame.organizations.iter();
        let entries = entries.map(|entry| (entry.id.to_string(), format!("Only {}", entry.name)));
        std::iter::once(all).chain(entries).collect()
    }

    /// Returns the command that shows a token's rights.
    fn command(&self) -> String {
        token_command(self.origin)
    }
}

/// Returns the command that shows what a personal token may do.
pub(super) fn token_command(origin: &str) -> String {
    format!("curl {origin}/v1/token -H \"Authorization: Bearer $AIUS_TOKEN\"")
}
