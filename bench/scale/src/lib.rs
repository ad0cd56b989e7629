//! Models what the service costs and where it saturates with 10 million users and 10,000 requests in a second, and
//! simulates the organization that spends credits fastest. Nothing runs on AWS: the numbers come from measured capacity
//! units, published limits and list prices.
//!
//! ```text
//! cargo run -p bench-scale               write bench/SCALE.md, and its summary into docs/COSTS.md
//! cargo run -p bench-scale -- --print    print the report
//! ```
//!
//! | file | content |
//! |---|---|
//! | `docs/COSTS.md` | round trips of each call, compared with measurements by tests |
//! | `bench/units.tsv` | capacity units of each call, compared with measurements by the same tests |
//! | `bench/prices.yaml`, `bench/limits.yaml` | list prices and published limits, with their sources |
//! | `bench/workload.yaml` | the load, which is assumed |
//! | `template.yaml` | routes, memory and throttling |
//!
//! | module | content |
//! |---|---|
//! | `inputs`, `call_cost`, `prices`, `limits`, `workload`, `template` | the files that are read |
//! | `load` | capacity units, concurrent executions and durations of the calls |
//! | `partitions` | the busiest partition of each kind of key |
//! | `storage`, `money` | size of the table, bill of a month, price of each call |
//! | `simulation` | callers that debit one organization at once |
//! | `saturation` | limits in the order in which they are met |
//! | `report` | the report, and its summary for `docs/COSTS.md` |

mod call_cost;
mod error;
mod inputs;
mod limits;
mod load;
mod model;
mod money;
mod partitions;
mod prices;
mod report;
mod saturation;
mod simulation;
mod storage;
mod template;
mod workload;

pub use call_cost::{CALL_OF_DEBIT, CallCost};
pub use error::{Error, Result};
pub use inputs::{Inputs, workspace_root};
pub use limits::{Latency, Limits};
pub use load::{CallLoad, Demand, Load, concurrency, duration_ms};
pub use model::{MAX_REFUSED_SHARE, Model, sustained};
pub use money::{BillLine, dollars_per_million, monthly_bill};
pub use partitions::{HotPartition, hot_partitions};
pub use prices::{Prices, Tiers};
pub use report::{COSTS_PATH, SCALE_PATH, quoted_summary, report, update_costs_page, update_files};
pub use saturation::{LimitKind, Saturation, saturations};
pub use simulation::{
    SimulationOutcome, SimulationParams, Split, simulate_transactions, simulate_updates,
};
pub use storage::TableSize;
pub use template::{Route, Template};
pub use workload::{Holder, MixedCall, PartitionCall, PartitionUse, StoredItem, Workload};
