//! `ops-tools restore-rows`: copies rows of chosen partitions from a restored table into the table of the stack.
//!
//! Every write has a condition: a missing row must still be missing, and a row that is replaced must be as it was read.
//! So a change that the tool has not seen is never overwritten. Rows are not interpreted.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::keys;

use crate::console::print_line;
use crate::error::ToolError;
use crate::flags::Flags;
use crate::item::{Item, text};
use crate::item_update::ItemUpdate;
use crate::retry::retry_unavailable;

/// Maximum number of rows of a page.
const PAGE_SIZE: i32 = 100;

/// The beginnings of partitions whose rows are work for the worker, which begins once they are written.
const WORK: [&str; 4] =
    [keys::QUEUED_CODE_MAILS, keys::QUEUED_MAILS, keys::QUEUED_SLACK_MESSAGES, keys::JOBS];

/// The options of the copy, from the command line.
pub(crate) struct RestoreOptions {
    from: String,
    partitions: Vec<String>,
    overwrite: bool,
    apply: bool,
}

impl RestoreOptions {
    /// Reads the options from the command line.
    ///
    /// # Errors
    /// `Usage` if an option is unknown, `--from` or `--key` is missing, or a partition holds work of the worker.
    pub(crate) fn parse(arguments: Vec<String>) -> std::result::Result<Self, ToolError> {
        let flags = Flags::parse(arguments, &["--overwrite", "--apply"], &["--from", "--key"])?;
        flags.require_no_positional()?;
        let missing = |what: &str| ToolError::Usage(what.to_owned());
        let from =
            flags.text("--from").ok_or_else(|| missing("--from names the restored table"))?;
        let partitions = flags.texts("--key").to_vec();
        if partitions.is_empty() {
            return Err(missing("--key is the partition key of rows, and can be repeated"));
        }
        let is_work = |pk: &&String| WORK.iter().any(|prefix| pk.starts_with(prefix));
        if let Some(work) = partitions.iter().find(is_work) {
            let why = format!("{work}: the worker would send its messages or do its jobs again");
            return Err(ToolError::Usage(why));
        }
        let (overwrite, apply) = (flags.has("--overwrite"), flags.has("--apply"));
        Ok(Self { from: from.to_owned(), partitions, overwrite, apply })
    }
}

/// The outcome for one row of the restored table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RowOutcome {
    /// The live table lacked the row, which was written or would be.
    Restored,
    /// The live row was another one, and was replaced or would be.
    Replaced,
    /// The live row is another one, and stays.
    Kept,
    /// The live row is the same.
    Same,
    /// Another write changed the live row between read and write.
    ChangedMeanwhile,
}

impl RowOutcome {
    const fn text(self, apply: bool) -> &'static str {
        match self {
            Self::Restored if apply => "restored",
            Self::Restored => "would be restored",
            Self::Replaced if apply => "replaced",
            Self::Replaced => "would be replaced",
            Self::Kept => "differ from the live ones, which stay without --overwrite",
            Self::Same => "the same in both tables",
            Self::ChangedMeanwhile => "changed meanwhile, run again",
        }
    }
}

/// How many rows had each outcome.
type RowTally = BTreeMap<RowOutcome, u64>;

/// Copies the rows. Returns whether each partition was found and no row has changed meanwhile.
///
/// # Errors
/// `Usage` if the restored table is the live one, `Service` if a table cannot be read or written.
pub(crate) async fn restore_rows(
    ctx: &Context,
    sdk: &SdkConfig,
    options: &RestoreOptions,
) -> std::result::Result<bool, ToolError> {
    if options.from == ctx.config.table_name {
        return Err(ToolError::Usage("--from is the live table itself".to_owned()));
    }
    if !options.apply {
        print_line("dry run: nothing is written; --apply writes");
    }
    let client = Client::new(sdk);
    let run = Run { ctx, client: &client, options };
    let (mut tally, mut is_complete) = (RowTally::new(), true);
    for partition in &options.partitions {
        is_complete &= run.restore_partition(partition, &mut tally).await?;
    }
    for (outcome, count) in &tally {
        print_line(&format!("{count:>9} rows: {}", outcome.text(options.apply)));
    }
    Ok(is_complete && !tally.contains_key(&RowOutcome::ChangedMeanwhile))
}

struct Run<'r> {
    ctx: &'r Context,
    client: &'r Client,
    options: &'r RestoreOptions,
}

impl Run<'_> {
    /// Copies the rows of a partition. Returns whether the restored table has any.
    async fn restore_partition(&self, partition: &str, tally: &mut RowTally) -> Result<bool> {
        let (mut start, mut is_found) = (None, false);
        loop {
            let page = async || self.read_page(partition, start.clone()).await;
            let (items, next) = retry_unavailable(self.ctx, page).await?;
            for item in items {
                is_found = true;
                let outcome = self.restore(&item).await?;
                if outcome != RowOutcome::Same {
                    let what = outcome.text(self.options.apply);
                    print_line(&format!("{} {}: {what}", text(&item, "pk"), text(&item, "sk")));
                }
                *tally.entry(outcome).or_default() += 1;
            }
            if next.is_none() {
                break;
            }
            start = next;
        }
        if !is_found {
            print_line(&format!("{partition}: the restored table has no such row"));
        }
        Ok(is_found)
    }

    /// Reads a page of the restored table. Returns also the key behind which the next page begins.
    async fn read_page(
        &self,
        partition: &str,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>)> {
        let call = self
            .client
            .query()
            .table_name(&self.options.from)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .limit(PAGE_SIZE)
            .set_exclusive_start_key(start);
        let answer = call.send().await.map_err(|error| Error::Unavailable(Box::new(error)))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Restores a row. A dry run returns what would happen.
    async fn restore(&self, item: &Item) -> Result<RowOutcome> {
        let live = retry_unavailable(self.ctx, async || self.read_live(item).await).await?;
        let Some(live) = live else {
            if !self.options.apply {
                return Ok(RowOutcome::Restored);
            }
            let put = retry_unavailable(self.ctx, async || self.put_missing(item).await);
            let is_put = put.await?;
            return Ok(if is_put { RowOutcome::Restored } else { RowOutcome::ChangedMeanwhile });
        };
        if ItemUpdate::between(&live, item).is_none() {
            return Ok(RowOutcome::Same);
        }
        if !self.options.overwrite {
            return Ok(RowOutcome::Kept);
        }
        if !self.options.apply {
            return Ok(RowOutcome::Replaced);
        }
        let written = retry_unavailable(self.ctx, async || {
            let Some(update) = ItemUpdate::between(&live, item) else { return Ok(None) };
            update.write(self.client, &self.ctx.config.table_name, &live).await
        });
        let is_written = written.await?.is_some();
        Ok(if is_written { RowOutcome::Replaced } else { RowOutcome::ChangedMeanwhile })
    }

    /// Reads the live row with the key of an item.
    async fn read_live(&self, item: &Item) -> Result<Option<Item>> {
        let call = self
            .client
            .get_item()
            .table_name(&self.ctx.config.table_name)
            .key("pk", AttributeValue::S(text(item, "pk").to_owned()))
            .key("sk", AttributeValue::S(text(item, "sk").to_owned()))
            .consistent_read(true);
        let answer = call.send().await.map_err(|error| Error::Unavailable(Box::new(error)))?;
        Ok(answer.item)
    }

    /// Writes a row that the live table lacks. Returns false if it has one meanwhile.
    async fn put_missing(&self, item: &Item) -> Result<bool> {
        let call = self
            .client
            .put_item()
            .table_name(&self.ctx.config.table_name)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(pk)");
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.code() {
                Some("ConditionalCheckFailedException" | "TransactionConflictException") => {
                    Ok(false)
                }
                _ => Err(Error::Unavailable(Box::new(error))),
            },
        }
    }
}
