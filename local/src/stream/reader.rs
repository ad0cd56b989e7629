//! Reads a stream from its beginning. A shard is read after its parent.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};

pub(super) type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Reads the records of a stream once each.
pub(super) struct StreamReader {
    client: Client,
    stream_arn: String,
    shards: Vec<Shard>,
}

struct Shard {
    id: String,
    parent: Option<String>,
    /// The sequence number of the last record that was read.
    last: Option<String>,
    /// The iterator for the next read. `None` requests a new one.
    iterator: Option<String>,
    /// Whether the shard is closed and was read to its end.
    is_ended: bool,
}

impl StreamReader {
    pub(super) fn new(client: Client, stream_arn: String) -> Self {
        Self { client, stream_arn, shards: Vec::new() }
    }

    /// Adds the next records of each shard to `records`, also those that were read before an error. No record is read
    /// twice. If there are none, the stream was read to its end.
    pub(super) async fn read(&mut self, records: &mut Vec<Record>) -> Result<()> {
        if self.shards.is_empty() {
            self.discover_shards().await?;
        }
        loop {
            let mut any_ended = false;
            for index in 0..self.shards.len() {
                if !self.waits_for_parent(index) {
                    any_ended |= self.read_shard(index, records).await?;
                }
            }
            if !any_ended {
                return Ok(());
            }
            // A closed shard may have children.
            self.discover_shards().await?;
        }
    }

    fn waits_for_parent(&self, index: usize) -> bool {
        let parent = self.shards[index].parent.as_deref();
        // A parent that is no longer listed has expired.
        self.shards.iter().any(|shard| Some(shard.id.as_str()) == parent && !shard.is_ended)
    }

    /// Reads the next records of a shard with one call. Returns whether the shard ended with it.
    async fn read_shard(&mut self, index: usize, records: &mut Vec<Record>) -> Result<bool> {
        if self.shards[index].is_ended {
            return Ok(false);
        }
        // An iterator expires after 15 minutes. Taking it replaces it after a failure.
        let iterator = match self.shards[index].iterator.take() {
            Some(iterator) => iterator,
            None => self.request_iterator(&self.shards[index]).await?,
        };
        let response = self.client.get_records().shard_iterator(iterator).send().await?;
        let shard = &mut self.shards[index];
        shard.iterator = response.next_shard_iterator;
        shard.is_ended = shard.iterator.is_none();
        let new = response.records.unwrap_or_default();
        let last = new.last().and_then(|record| record.dynamodb()?.sequence_number());
        if let Some(last) = last {
            shard.last = Some(last.to_owned());
        }
        records.extend(new);
        Ok(shard.is_ended)
    }

    /// Requests an iterator that begins after the last record that was read.
    async fn request_iterator(&self, shard: &Shard) -> Result<String> {
        let iterator_type = match shard.last {
            Some(_) => ShardIteratorType::AfterSequenceNumber,
            None => ShardIteratorType::TrimHorizon,
        };
        let request = self
            .client
            .get_shard_iterator()
            .stream_arn(&self.stream_arn)
            .shard_id(&shard.id)
            .shard_iterator_type(iterator_type)
            .set_sequence_number(shard.last.clone());
        let response = request.send().await?;
        response.shard_iterator.ok_or_else(|| "no iterator".into())
    }

    /// Adds shards that are not known yet.
    async fn discover_shards(&mut self) -> Result<()> {
        let mut after = None;
        loop {
            let request = self
                .client
                .describe_stream()
                .stream_arn(&self.stream_arn)
                .set_exclusive_start_shard_id(after);
            let description = request.send().await?.stream_description;
            let Some(description) = description else {
                return Ok(());
            };
            for shard in description.shards() {
                let id = shard.shard_id().unwrap_or_default();
                if self.shards.iter().all(|known| known.id != id) {
                    self.shards.push(Shard {
                        id: id.to_owned(),
                        parent: shard.parent_shard_id.clone(),
                        last: None,
                        iterator: None,
                        is_ended: false,
                    });
                }
            }
            after = description.last_evaluated_shard_id;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
