//! Finds a name for a fork.

use super::{Project, ProjectNameGuard};
use crate::context::Context;
use crate::dynamo::Record;
use crate::error::{Error, Result};
use crate::values::Name;

/// Maximum length of a name in characters. The end of a longer original is cut off.
const MAX_NAME_LEN: usize = 100;

/// Number of names looked up in the first read. Most forks get one of the first.
const FIRST_READ_SIZE: u32 = 8;

/// Number of names looked up in further reads: the size of a batch read.
const READ_SIZE: u32 = 100;

/// Returns the first of `<name> (fork)`, `<name> (fork 2)` and so on that is free in the
/// organization. Takes one read, and another for each hundred existing forks of that name.
pub(super) async fn find_free_name(ctx: &Context, original: &Project) -> Result<Name> {
    let (mut first, mut most) = (1, FIRST_READ_SIZE);
    loop {
        let names = (first..first + most).map(|number| fork_name(&original.name, number));
        let names = names.collect::<Result<Vec<_>>>()?;
        let guards: Vec<_> =
            names.iter().map(|name| ProjectNameGuard::new(&original.id, name).key()).collect();
        let found = ctx.table.batch_get(&guards).await?;
        for (name, guard) in names.into_iter().zip(&guards) {
            if found.read::<ProjectNameGuard>(guard)?.is_none() {
                return Ok(name);
            }
        }
        (first, most) = (first + most, READ_SIZE);
    }
}

/// Returns the name of the fork with this number, counted from 1.
fn fork_name(original: &Name, number: u32) -> Result<Name> {
    let suffix = if number == 1 { " (fork)".to_owned() } else { format!(" (fork {number})") };
    let room = MAX_NAME_LEN - suffix.chars().count();
    let kept: String = original.as_str().chars().take(room).collect();
    Name::parse(&format!("{}{suffix}", kept.trim_end()))
        .map_err(|_| Error::internal("the original's name makes no valid name for a fork"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(original: &str, number: u32) -> String {
        fork_name(&Name::parse(original).unwrap(), number).unwrap().to_string()
    }

    #[test]
    fn forks_are_numbered_from_the_second() {
        assert_eq!(named("Churn", 1), "Churn (fork)");
        assert_eq!(named("Churn", 2), "Churn (fork 2)");
        assert_eq!(named("Churn (fork)", 1), "Churn (fork) (fork)");
    }

    #[test]
    fn a_long_name_is_cut() {
        let long = "é".repeat(100);
        assert_eq!(named(&long, 1), format!("{} (fork)", "é".repeat(93)));
        assert_eq!(named(&long, 4_294_967_295).chars().count(), 100);
        let spaced = format!("{} {}", "a".repeat(92), "b".repeat(7));
        assert_eq!(named(&spaced, 1), format!("{} (fork)", "a".repeat(92)));
    }
}
