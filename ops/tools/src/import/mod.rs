//! `ops-tools import`: moves accounts, organizations and memberships in from another system.
//!
//! A first pass over the file creates the accounts and the organizations that they own, a second one the memberships of
//! others in these, whose owners may stand further below. Each step changes nothing if it was done before, so an import
//! can be interrupted and repeated. A chunk of lines is spread over lanes by address or organization, so that steps
//! that change the same items wait for each other and do not conflict.

mod line;
mod lines;
mod progress;
mod steps;
mod tally;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use futures_util::FutureExt;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use shared::accounts::password::FirebaseParameters;
use shared::context::Context;

use crate::console::print_line;
use crate::error::ToolError;
use crate::flags::Flags;
use line::ImportLine;
use lines::{Lines, NumberedLine};
use progress::{ImportProgress, ProgressFile};
use steps::{Importer, Step};
use tally::{ImportOutcome, ImportTally};

/// How many lines are read at once. After each chunk the progress is written.
const CHUNK_SIZE: usize = 1_000;

/// How many lanes there are, if the command line does not say. A new account writes about ten items.
const DEFAULT_CONCURRENCY: usize = 16;

/// The most lanes.
const MAX_CONCURRENCY: usize = 256;

/// How many chunks pass between two lines about the progress.
const CHUNKS_PER_NOTICE: u64 = 10;

/// A pass over the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pass {
    /// Creates accounts, and the organizations that they own.
    Accounts,
    /// Creates memberships in these organizations.
    Memberships,
}

/// The options of an import.
pub(crate) struct ImportOptions {
    file: PathBuf,
    firebase: Option<FirebaseParameters>,
    concurrency: usize,
    apply: bool,
}

impl ImportOptions {
    /// Reads the options from the command line.
    pub(crate) fn parse(arguments: Vec<String>) -> Result<Self, ToolError> {
        let flags = Flags::parse(arguments, &["--apply"], &["--firebase", "--concurrency"])?;
        let concurrency = flags.value("--concurrency")?.unwrap_or(DEFAULT_CONCURRENCY);
        if !(1..=MAX_CONCURRENCY).contains(&concurrency) {
            return Err(ToolError::Usage(format!("--concurrency is 1 to {MAX_CONCURRENCY}")));
        }
        let read_parameters = |path: &str| {
            let path = PathBuf::from(path);
            let json = std::fs::read(&path).map_err(|error| ToolError::file(&path, error))?;
            // The message of the error could quote the signer key.
            serde_json::from_slice(&json)
                .map_err(|_| ToolError::file(&path, "not the JSON of a project's parameters"))
        };
        let firebase = flags.text("--firebase").map(read_parameters).transpose()?;
        let file = flags.require_one_positional("file of accounts")?.into();
        Ok(Self { file, firebase, concurrency, apply: flags.has("--apply") })
    }
}

/// Imports the file; returns whether no line was refused and no call has failed, also before an interruption.
pub(crate) async fn import(ctx: &Context, options: &ImportOptions) -> Result<bool, ToolError> {
    let progress_file = ProgressFile::of(&options.file);
    let metadata = std::fs::metadata(&options.file);
    let file_len = metadata.map_err(|error| ToolError::file(&options.file, error))?.len();
    let start = if options.apply { progress_file.read(file_len)? } else { None };
    if let Some(start) = start {
        print_line(&format!("goes on after line {} of the pass {:?}", start.line, start.pass));
    }
    if !options.apply {
        print_line("dry run: nothing is written; --apply imports");
    }
    let beginning = ImportProgress { pass: Pass::Accounts, line: 0, is_clean: true, file_len };
    let start = start.unwrap_or(beginning);
    let mut importer = Importer::new(ctx, options.apply);
    let mut total = ImportTally::default();
    for pass in [Pass::Accounts, Pass::Memberships].into_iter().filter(|pass| *pass >= start.pass) {
        let done_before = if pass == start.pass { start.line } else { 0 };
        let mut lines = Lines::open(&options.file)?;
        let mut chunks = 0;
        loop {
            let chunk = lines.next_chunk(CHUNK_SIZE)?;
            let Some(last) = chunk.last().map(|(number, _)| *number) else { break };
            let todo = chunk.into_iter().filter(|(number, _)| *number > done_before);
            let (tally, have_all_failed) = import_chunk(&mut importer, options, pass, todo).await;
            total.add(tally);
            if have_all_failed {
                total.print();
                let why =
                    "every step of a chunk of lines has failed; fix the cause and import again";
                return Err(ToolError::Stopped(why));
            }
            if options.apply && last > done_before {
                let is_clean = start.is_clean && total.is_clean();
                progress_file.write(ImportProgress { pass, line: last, is_clean, file_len })?;
            }
            chunks += 1;
            if chunks % CHUNKS_PER_NOTICE == 0 {
                print_line(&format!("pass {pass:?}: {last} lines done"));
            }
        }
    }
    if options.apply {
        progress_file.remove()?;
    }
    total.print();
    if !start.is_clean {
        print_line("lines were refused or have failed before the interruption: import again");
    }
    Ok(start.is_clean && total.is_clean())
}

/// Does the steps of some lines; returns what became of them, and whether there were steps of which all have failed.
async fn import_chunk(
    importer: &mut Importer<'_>,
    options: &ImportOptions,
    pass: Pass,
    lines: impl Iterator<Item = NumberedLine>,
) -> (ImportTally, bool) {
    let mut tally = ImportTally::default();
    let mut lanes: Vec<Vec<Step>> = (0..options.concurrency).map(|_| Vec::new()).collect();
    for (number, text) in lines {
        let parsed = text.and_then(|text| ImportLine::parse(&text, options.firebase.as_ref()));
        match parsed {
            // The first pass has reported it.
            Err(_) if pass == Pass::Memberships => {}
            Err(refused) => tally.report(number, ImportOutcome::AccountRefused, refused),
            Ok(line) => {
                for step in importer.steps(pass, number, line, &mut tally) {
                    let lane = lane_of(&step.group(), lanes.len());
                    lanes[lane].push(step);
                }
            }
        }
    }
    let importer = &*importer;
    let steps: usize = lanes.iter().map(Vec::len).sum();
    let runs = lanes.into_iter().map(|steps| async move {
        let mut tally = ImportTally::default();
        for step in steps {
            // Boxed, because the compiler gives up on the types of futures that are nested this deep in others.
            importer.run(step, &mut tally).boxed_local().await;
        }
        tally
    });
    for lane in join_all(runs).await {
        tally.add(lane);
    }
    let have_all_failed = steps > 0 && u64::try_from(steps) == Ok(tally.failed());
    (tally, have_all_failed)
}

/// Returns the lane of a group.
fn lane_of(group: &str, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    group.hash(&mut hasher);
    let lanes = u64::try_from(lanes).unwrap_or(u64::MAX);
    usize::try_from(hasher.finish() % lanes).unwrap_or_default()
}
