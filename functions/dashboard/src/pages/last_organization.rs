//! The organization of the last page about one, which the navigation of the account's pages keeps. It is in a cookie.

use axum::http::HeaderMap;
use shared::http;
use shared::ids::OrganizationId;

/// Name of the cookie with the organization's id.
const COOKIE: &str = "__Host-aius_organization";

/// Returns the organization in a request's cookies.
pub(crate) fn last_organization(headers: &HeaderMap) -> Option<OrganizationId> {
    OrganizationId::parse(http::cookie(headers, COOKIE)?)
}

/// Returns the organization that a page is about, from its path.
pub(crate) fn organization_of_path(path: &str) -> Option<OrganizationId> {
    let rest = path.strip_prefix("/account/organizations/")?;
    OrganizationId::parse(rest.split(['/', '?']).next()?)
}

/// Returns the `Set-Cookie` value that keeps an organization until the browser is closed.
pub(crate) fn organization_cookie(organization: &OrganizationId) -> String {
    format!("{COOKIE}={organization}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organization_of_a_path_is_its_id() {
        let id = OrganizationId::from_bits(&[7; 16]);
        for rest in ["", "/team", "?page=2", "/usage?x=/"] {
            let path = format!("/account/organizations/{id}{rest}");
            assert_eq!(organization_of_path(&path).as_ref(), Some(&id), "{path}");
        }
        for path in ["/account/organizations", "/account/organizations/x/team", "/account/profile"]
        {
            assert_eq!(organization_of_path(path), None, "{path}");
        }
    }
}
