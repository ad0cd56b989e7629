//! Scopes of tokens in words.

use shared::tokens::Scope;

/// Returns what a scope allows, as the end of the sentence "It may …".
pub(crate) const fn scope_text(scope: Scope) -> &'static str {
    match scope {
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
