//! Roles and plans as people read them.

use std::borrow::Borrow;

use shared::billing::Plan;
use shared::organizations::Role;

/// Returns the label of a role.
pub(crate) fn role_label(role: impl Borrow<Role>) -> &'static str {
    match role.borrow() {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Member => "Member",
        Role::Viewer => "Viewer",
    }
}

/// Returns a role as part of a sentence: "the owner", "a member".
pub(crate) fn role_with_article(role: impl Borrow<Role>) -> &'static str {
    match role.borrow() {
        Role::Owner => "the owner",
        Role::Admin => "an admin",
        Role::Member => "a member",
        Role::Viewer => "a viewer",
    }
}

/// Returns what a role may do, in one sentence.
pub(crate) const fn role_help(role: Role) -> &'static str {
    match role {
        Role::Owner => "Does everything, pays, transfers and deletes the organization.",
        Role::Admin => "Manages members, API keys and settings, and works on projects.",
        Role::Member => "Works on projects, files and runs, and sees credits.",
        Role::Viewer => "Reads projects, files, runs, usage and activity. Changes nothing.",
    }
}

/// Returns a role with what it may do, for a choice: `Admin: manages members, …`.
pub(crate) fn role_option(role: Role) -> String {
    let (first, rest) = role_help(role).split_at(1);
    format!("{}: {}{}", role_label(role), first.to_lowercase(), rest.trim_end_matches('.'))
}

/// Returns the label of a plan.
pub(crate) fn plan_label(plan: impl Borrow<Plan>) -> &'static str {
    plan.borrow().label()
}

/// Returns the label of a plan by its name on the wire, or the name itself if there is no such plan.
pub(crate) fn named_plan_label(name: &str) -> &str {
    match Plan::ALL.into_iter().find(|plan| plan.name() == name) {
        Some(plan) => plan_label(plan),
        None => name,
    }
}
