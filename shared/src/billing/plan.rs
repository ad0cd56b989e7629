//! The plans and what they include: the one place that says so.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an organization pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// The plan of every new organization.
    Free,
    /// For one person's work.
    Basic,
    /// For a team.
    Pro,
    /// By agreement.
    Enterprise,
}

/// What a plan includes. `None` is without a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Credits a month; on the free plan once, and for a person's default organization alone.
    pub credits: u32,
    /// Projects at a time.
    pub projects: Option<u32>,
    /// Members at a time, the owner among them.
    pub members: Option<u32>,
    /// How far back the activity log shows.
    pub activity: Option<Duration>,
    /// Whether the activity log can be had as CSV.
    pub activity_csv: bool,
}

const DAY: u64 = 24 * 60 * 60;

impl Plan {
    /// From the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Free, Self::Basic, Self::Pro, Self::Enterprise];

    /// What it costs each month, in US cents; `None` where that is agreed on.
    pub const fn price(self) -> Option<u32> {
        match self {
            Self::Free => Some(0),
            Self::Basic => Some(5_000),
            Self::Pro => Some(20_000),
            Self::Enterprise => None,
        }
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Basic => "basic",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }

    /// What it includes. The numbers are the product's own.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Free => Limits {
                credits: 1_000,
                projects: Some(3),
                members: Some(1),
                activity: Some(Duration::from_secs(7 * DAY)),
                activity_csv: false,
            },
            Self::Basic => Limits {
                credits: 5_000,
                projects: Some(10),
                members: Some(3),
                activity: Some(Duration::from_secs(30 * DAY)),
                activity_csv: false,
            },
            Self::Pro => Limits {
                credits: 20_000,
                projects: Some(100),
                members: Some(5),
                // A year, whichever it is.
                activity: Some(Duration::from_secs(366 * DAY)),
                activity_csv: true,
            },
            Self::Enterprise => Limits {
                credits: 50_000,
                projects: None,
                members: None,
                activity: None,
                activity_csv: true,
            },
        }
    }
}
