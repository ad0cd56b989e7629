//! Keys of scheduled work.

use dynamo::Key;

/// Where the next run of a scheduled list continues.
pub fn schedule_cursor(list: &str) -> Key {
    Key::new(format!("SCHEDULE#{list}"), "META")
}
