//! Computes the size of the table.

use crate::inputs::Inputs;

/// Number of days of a month in prices.
pub(crate) const DAYS_PER_MONTH: f64 = 30.0;
const SECONDS_PER_DAY: f64 = 86_400.0;
const BYTES_PER_GB: f64 = 1_073_741_824.0;

/// Size of the table, and how it grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableSize {
    /// GB that the users have from the start.
    pub of_users_gb: f64,
    /// GB that a month of calls adds and that stay for ever.
    pub growth_gb_per_month: f64,
    /// GB of items that expire, once as many expire as are added.
    pub of_expiring_gb: f64,
    /// Items that the users have from the start.
    pub items_of_users: f64,
    /// Items that a month of calls adds and that stay for ever.
    pub items_per_month: f64,
}

impl TableSize {
    /// Computes the size of the table from the kinds of stored items.
    pub fn new(inputs: &Inputs) -> Self {
        let workload = &inputs.workload;
        let mut size = Self {
            of_users_gb: 0.0,
            growth_gb_per_month: 0.0,
            of_expiring_gb: 0.0,
            items_of_users: 0.0,
            items_per_month: 0.0,
        };
        for item in &workload.storage {
            let gb = (item.bytes + inputs.limits.dynamodb.item_overhead_bytes) / BYTES_PER_GB;
            size.items_of_users += item.per_user * workload.users;
            size.of_users_gb += item.per_user * workload.users * gb;
            let per_day =
                item.per_call.as_ref().map_or(0.0, |call| workload.rate_of(call) * SECONDS_PER_DAY);
            match item.days {
                Some(days) => size.of_expiring_gb += per_day * days * gb,
                None => {
                    size.items_per_month += per_day * DAYS_PER_MONTH;
                    size.growth_gb_per_month += per_day * DAYS_PER_MONTH * gb;
                }
            }
        }
        size
    }

    /// Returns the GB of the table after a number of months.
    pub fn after_months_gb(&self, months: f64) -> f64 {
        self.of_users_gb + self.of_expiring_gb + self.growth_gb_per_month * months
    }
}

/// Number of seconds of a month in prices.
pub(crate) const SECONDS_PER_MONTH: f64 = DAYS_PER_MONTH * SECONDS_PER_DAY;

/// Converts bytes to GB of 1,024³ bytes.
pub(crate) fn gigabytes(bytes: f64) -> f64 {
    bytes / BYTES_PER_GB
}
