//! Records that a test writes directly.

use shared::dynamo::{Condition, Record};

use crate::TestApp;

/// Inserts a record.
pub async fn insert_record<R: Record>(app: &TestApp, record: &R) {
    let table = &app.stack().context().table;
    assert!(table.put(record, Condition::Absent).await.unwrap());
}
