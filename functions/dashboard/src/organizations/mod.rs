//! The pages of an organization, one file or folder each.

pub(crate) mod activity;
pub(crate) mod api_keys;
pub(crate) mod artifacts;
pub(crate) mod billing;
pub(crate) mod labels;
pub(crate) mod overview;
pub(crate) mod projects;
mod quota_end;
pub(crate) mod settings;
pub(crate) mod team;
pub(crate) mod usage;

pub(crate) use labels::{
    named_plan_label, plan_label, role_help, role_label, role_option, role_with_article,
};
pub(crate) use quota_end::quota_end_text;
