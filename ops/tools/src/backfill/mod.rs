//! `ops-tools backfill`: scans the table and upgrades the items of a former shape.
//!
//! `docs/decisions/item-shapes.md` says how the shape of items changes.

mod checkpoint;
mod item_kind;
mod upgrade;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures_util::future::try_join_all;
use shared::clock::Stopwatch;
use shared::context::Context;
use shared::error::{Error, Result};

use crate::console::print_line;
use crate::error::ToolError;
use crate::flags::Flags;
use crate::item::{Item, text};
use crate::item_update::ItemUpdate;
use crate::retry::retry_unavailable;
use checkpoint::{Checkpoint, Position};
use item_kind::ItemKind;
use upgrade::{Decision, UPGRADES, Upgrade};

/// Default number of segments of the scan.
const DEFAULT_SEGMENTS: usize = 4;

/// Maximum number of segments. Each has a connection of its own.
const MAX_SEGMENTS: usize = 256;

/// Default capacity units a second of all segments together. A new table on demand serves 12,000 read units a second.
const DEFAULT_UNITS: f64 = 500.0;

/// Maximum number of items of a page, so that a page of large items does not exceed the rate by much.
const PAGE_SIZE: i32 = 500;

/// The options of a backfill, from the command line.
pub(crate) struct BackfillOptions {
    upgrade: &'static Upgrade,
    table: Option<String>,
    checkpoint: Option<PathBuf>,
    segments: usize,
    units: f64,
    apply: bool,
}

impl BackfillOptions {
    /// Reads the options from the command line.
    ///
    /// # Errors
    /// `Usage` if an option is unknown or out of range, or if the upgrade is unknown.
    pub(crate) fn parse(arguments: Vec<String>) -> std::result::Result<Self, ToolError> {
        let values = ["--table", "--segments", "--units", "--checkpoint"];
        let flags = Flags::parse(arguments, &["--apply"], &values)?;
        let names = UPGRADES.map(|upgrade| upgrade.name).join(", ");
        let upgrade = Upgrade::find_upgrade(flags.require_one_positional("upgrade")?);
        let upgrade =
            upgrade.ok_or_else(|| ToolError::Usage(format!("the upgrades are {names}")))?;
        let segments = flags.value("--segments")?.unwrap_or(DEFAULT_SEGMENTS);
        if !(1..=MAX_SEGMENTS).contains(&segments) {
            return Err(ToolError::Usage(format!("--segments is 1 to {MAX_SEGMENTS}")));
        }
        let units = flags.value("--units")?.unwrap_or(DEFAULT_UNITS);
        if units.is_nan() || units < 1.0 {
            return Err(ToolError::Usage("--units is at least 1 a second".to_owned()));
        }
        let checkpoint = flags.text("--checkpoint").map(PathBuf::from);
        let table = flags.text("--table").map(str::to_owned);
        Ok(Self { upgrade, table, checkpoint, segments, units, apply: flags.has("--apply") })
    }

    /// Returns the name of the table, if it is not the one of the stack.
    pub(crate) fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }
}

/// How many items had each outcome, by kind.
type BackfillTally = BTreeMap<(&'static str, BackfillOutcome), u64>;

/// The outcome of an upgrade for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum BackfillOutcome {
    /// The item has its present shape.
    Current,
    /// The item had a former shape, and was upgraded or would be.
    Upgraded,
    /// Another write changed the item between read and upgrade.
    ChangedMeanwhile,
    /// The item cannot be read as its type.
    Unreadable,
    /// The upgrade does not concern the item's kind.
    NotConcerned,
}

/// Scans the table. Returns whether all items can be read and none is left to upgrade.
///
/// # Errors
/// - `File` if the checkpoint cannot be read or written, or belongs to another run.
/// - `Service` if the table cannot be read or written.
pub(crate) async fn backfill(
    ctx: &Context,
    sdk: &SdkConfig,
    options: &BackfillOptions,
) -> std::result::Result<bool, ToolError> {
    if !options.apply {
        print_line("dry run: nothing is written; --apply upgrades");
    }
    let checkpoint = Checkpoint::open(
        options.checkpoint.as_deref(),
        options.upgrade.name,
        options.apply,
        options.segments,
    )?;
    let client = Client::new(sdk);
    let run = Run { ctx, client: &client, options, checkpoint: &checkpoint };
    let segments = try_join_all((0..options.segments).map(|segment| run.scan(segment))).await?;
    let mut total = BackfillTally::new();
    for (key, count) in segments.into_iter().flatten() {
        *total.entry(key).or_default() += count;
    }
    for ((kind, outcome), count) in &total {
        let text = match outcome {
            BackfillOutcome::Current => "have their shape",
            BackfillOutcome::Upgraded if options.apply => "upgraded",
            BackfillOutcome::Upgraded => "would be upgraded",
            BackfillOutcome::ChangedMeanwhile => "changed meanwhile, run again",
            BackfillOutcome::Unreadable => "cannot be read",
            BackfillOutcome::NotConcerned => "not concerned",
        };
        print_line(&format!("{count:>9} {kind}: {text}"));
    }
    // Another run looks at all items again.
    checkpoint.remove()?;
    let left = [BackfillOutcome::Unreadable, BackfillOutcome::ChangedMeanwhile];
    Ok(!total.keys().any(|(_, outcome)| left.contains(outcome)))
}

struct Run<'r> {
    ctx: &'r Context,
    client: &'r Client,
    options: &'r BackfillOptions,
    checkpoint: &'r Checkpoint,
}

/// A page that the scan has read, with the capacity units that it consumed.
struct ScannedPage {
    items: Vec<Item>,
    next: Position,
    units: f64,
}

impl Run<'_> {
    /// Scans a segment from where the last run stopped.
    async fn scan(&self, segment: usize) -> std::result::Result<BackfillTally, ToolError> {
        let mut tally = BackfillTally::new();
        loop {
            let position = self.checkpoint.position(segment);
            if position == Position::End {
                return Ok(tally);
            }
            let watch = Stopwatch::start();
            let page = async || self.read_page(segment, &position).await;
            let ScannedPage { items, next, mut units } = retry_unavailable(self.ctx, page).await?;
            for item in items {
                let kind = ItemKind::of(&item).map_or("other items", |kind| kind.name);
                let (outcome, written) = self.upgrade(&item).await?;
                units += written;
                *tally.entry((kind, outcome)).or_default() += 1;
            }
            self.checkpoint.store(segment, next)?;
            let wait = self.pace(units).saturating_sub(watch.elapsed());
            tokio::time::sleep(wait).await;
        }
    }

    /// Returns the least time in which a segment may consume these units.
    fn pace(&self, units: f64) -> Duration {
        let segments = u32::try_from(self.options.segments).map_or(1.0, f64::from);
        Duration::try_from_secs_f64(units * segments / self.options.units).unwrap_or_default()
    }

    async fn read_page(&self, segment: usize, position: &Position) -> Result<ScannedPage> {
        let number = |number: usize| i32::try_from(number).map_err(Error::internal);
        let start = match position {
            Position::After(pk, sk) => Some(HashMap::from([
                ("pk".to_owned(), AttributeValue::S(pk.clone())),
                ("sk".to_owned(), AttributeValue::S(sk.clone())),
            ])),
            Position::Start | Position::End => None,
        };
        let call = self
            .client
            .scan()
            .table_name(&self.ctx.config.table_name)
            .segment(number(segment)?)
            .total_segments(number(self.options.segments)?)
            .limit(PAGE_SIZE)
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = call.send().await.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let units = answer.consumed_capacity.and_then(|capacity| capacity.capacity_units);
        let next = answer.last_evaluated_key.map_or(Position::End, |key| {
            Position::After(text(&key, "pk").to_owned(), text(&key, "sk").to_owned())
        });
        let items = answer.items.unwrap_or_default();
        Ok(ScannedPage { items, next, units: units.unwrap_or(0.0) })
    }

    /// Upgrades an item. Returns the outcome, and the consumed write units.
    async fn upgrade(&self, item: &Item) -> Result<(BackfillOutcome, f64)> {
        let after = match (self.options.upgrade.decide)(item) {
            Decision::NotConcerned => return Ok((BackfillOutcome::NotConcerned, 0.0)),
            Decision::Current => return Ok((BackfillOutcome::Current, 0.0)),
            Decision::Unreadable(why) => {
                print_line(&format!("{} {}: {why}", text(item, "pk"), text(item, "sk")));
                return Ok((BackfillOutcome::Unreadable, 0.0));
            }
            Decision::Outdated(after) => after,
        };
        if ItemUpdate::between(item, &after).is_none() {
            return Ok((BackfillOutcome::Current, 0.0));
        }
        if !self.options.apply {
            return Ok((BackfillOutcome::Upgraded, 0.0));
        }
        let written = retry_unavailable(self.ctx, async || {
            let Some(update) = ItemUpdate::between(item, &after) else { return Ok(None) };
            update.write(self.client, &self.ctx.config.table_name, item).await
        });
        Ok(match written.await? {
            Some(units) => (BackfillOutcome::Upgraded, units),
            None => (BackfillOutcome::ChangedMeanwhile, 1.0),
        })
    }
}
