//! The plans and their limits.
//!
//! To add a plan, extend [`Plan`] and its methods, the pattern of `StripePrices` in `template.yaml`, and the prices of
//! the local Stripe in `local/simulators/stripe/src/billing/prices.rs`, which `ops/tool` repeats.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The plan of an organization, which sets its limits, its monthly credits and its price. Plans are ordered from the
/// smallest to the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// The plan of every new organization.
    Free,
    /// The plan for individuals.
    Basic,
    /// The plan for teams.
    Pro,
    /// The plan with individually agreed price and credits.
    Enterprise,
}

/// The limits of a plan. `None` is unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Credits per month; on the free plan once, for the default organization of an account only.
    pub credits: u32,
    /// The maximum number of projects.
    pub projects: Option<u32>,
    /// The maximum number of members, including the owner.
    pub members: Option<u32>,
    /// The maximum storage in GiB.
    pub storage_gib: Option<u32>,
    /// The maximum number of stored contents. Equal contents count once.
    pub contents: Option<u32>,
    /// How far back the activity log is shown.
    pub activity: Option<Duration>,
    /// Whether the activity log can be exported as CSV.
    pub activity_csv: bool,
}

const DAY: u64 = 24 * 60 * 60;

impl Plan {
    /// All plans, from the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Free, Self::Basic, Self::Pro, Self::Enterprise];

    /// Returns the price per month in US cents; `None` if it is agreed on individually.
    pub const fn price(self) -> Option<u32> {
        match self {
            Self::Free => Some(0),
            Self::Basic => Some(5_000),
            Self::Pro => Some(20_000),
            Self::Enterprise => None,
        }
    }

    /// Returns the plan's name on the wire and in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Basic => "basic",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
        }
    }

    /// Returns the plan's name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Basic => "Basic",
            Self::Pro => "Pro",
            Self::Enterprise => "Enterprise",
        }
    }

    /// Returns the limits, which are the product's own numbers; those of storage are our own choice.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Free => Limits {
                credits: 1_000,
                projects: Some(3),
                members: Some(1),
                storage_gib: Some(1),
                contents: Some(1_000),
                activity: Some(Duration::from_secs(7 * DAY)),
                activity_csv: false,
            },
            Self::Basic => Limits {
                credits: 5_000,
                projects: Some(10),
                members: Some(3),
                storage_gib: Some(50),
                contents: Some(20_000),
                activity: Some(Duration::from_secs(30 * DAY)),
                activity_csv: false,
            },
            Self::Pro => Limits {
                credits: 20_000,
                projects: Some(100),
                members: Some(5),
                storage_gib: Some(500),
                contents: Some(200_000),
                // A leap year.
                activity: Some(Duration::from_secs(366 * DAY)),
                activity_csv: true,
            },
            Self::Enterprise => Limits {
                credits: 50_000,
                projects: None,
                members: None,
                storage_gib: None,
                contents: None,
                activity: None,
                activity_csv: true,
            },
        }
    }
}
