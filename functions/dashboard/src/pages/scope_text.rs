//! Scopes of tokens in words.

use std::borrow::Borrow;

use shared::tokens::Scope;

/// Returns what a scope allows, as the end of the sentence "It may …".
pub(crate) fn scope_text(scope: impl Borrow<Scope>) -> &'static str {
    match scope.borrow() {
        Scope::ClientsRead => "read your organizations, their members, invitations and usage",
        Scope::ClientsWrite => "create and rename organizations, and answer invitations",
        Scope::ProjectsRead => "read your projects, their briefs and runs",
        Scope::ProjectsWrite => "create, change, fork and delete projects, and write briefs",
        Scope::ArtifactsRead => "read your files, their versions and reports",
        Scope::ArtifactsWrite => "upload and delete files",
        Scope::RunsWrite => "start and finish runs",
        Scope::UsageWrite => "spend your organizations’ credits",
        Scope::BillingRead => "read credits, subscriptions, invoices and payment methods",
        Scope::ActivityRead => "read the activity of your account and your organizations",
    }
}

/// Returns the label of a scope in a form: its name, and what it allows.
pub(crate) fn scope_label(scope: impl Borrow<Scope>) -> String {
    let scope = scope.borrow();
    format!("{} – {}", scope.name(), scope_text(scope))
}
