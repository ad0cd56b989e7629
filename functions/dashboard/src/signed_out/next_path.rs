//! The page that a person asked for before they had to sign in.

use shared::context::Context;
use shared::redirect::SitePath;

/// The page that a sign-in leads to: a path on this site. A path elsewhere counts as none.
pub(crate) struct NextPath(Option<SitePath>);

impl NextPath {
    /// Parses the parameter or field `next`.
    pub(crate) fn parse(ctx: &Context, text: &str) -> Self {
        Self(SitePath::parse("next", text, &ctx.config.base_url).ok())
    }

    /// Returns the path for a hidden field, or an empty text.
    pub(crate) fn field(&self) -> &str {
        self.0.as_ref().map_or("", SitePath::as_str)
    }

    /// Returns the path to go to.
    pub(crate) fn target(&self) -> &str {
        self.0.as_ref().map_or("/account", SitePath::as_str)
    }

    /// Returns a page of this group, with the path to go on to and other parameters in its query.
    pub(crate) fn link(&self, page: &str, parameters: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .extend_pairs(self.0.iter().map(|next| ("next", next.as_str())))
            .finish();
        if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
    }

    /// Returns the link that begins a sign-in with Google, whose failures are shown on pages.
    pub(crate) fn google_link(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect", self.target())
            .append_pair("page", "1")
            .finish();
        format!("/v1/auth/google?{query}")
    }
}
