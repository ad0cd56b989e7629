//! Finds a name for a fork.

use super::{Project, ProjectName};
use crate::context::Context;
use crate::dynamo::Record;
use crate::error::{Error, Result};
use crate::values::Name;

/// Maximum length of a name in characters. The end of a longer original is cut off.
const LONGEST: usize = 100;

/// Number of names looked up in the first read. Most forks get one of the first.
const AT_FIRST: u32 = 8;

/// Number of names looked up in further reads: the size of a batch read.
const AT_ONCE: u32 = 100;

/// Returns the first of `<name> (fork)`, `<name> (fork 2)` and so on that is free in the
/// organization. Takes one read, and another for each hundred existing forks of that name.
pub(super) async fn first_free(ctx: &Context, original: &Project) -> Result<Name> {
    let (mut first, mut most) = (1, AT_FIRST);
    loop {
        let names = (first..first + most).map(|number| name(&original.name, number));
        let names = names.collect::<Result<Vec<_>>>()?;
        let guards: Vec<_> =
            names.iter().map(|name| ProjectName::of(&original.id, name).key()).collect();
        let found = ctx.table.batch_get(&guards).await?;
        for (name, guard) in names.into_iter().zip(&guards) {
            if found.read::<ProjectName>(guard)?.is_none() {
                return Ok(name);
            }
        }
        (first, most) = (first + most, AT_ONCE);
    }
}

/// Returns the name of the fork with this number, counted from 1.
fn name(original: &Name, number: u32) -> Result<Name> {
    let behind = if number == 1 { " (fork)".to_owned() } else { format!(" (fork {number})") };
    let room = LONGEST - behind.chars().count();
    let kept: String = original.as_str().chars().take(room).collect();
    Name::parse(&format!("{}{behind}", kept.trim_end()))
        .map_err(|_| Error::internal("the original's name makes no valid name for a fork"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(original: &str, number: u32) -> String {
        name(&Name::parse(original).unwrap(), number).unwrap().to_string()
    }

    #[test]
    fn forks_are_numbered_from_the_second_on() {
        assert_eq!(named("Churn", 1), "Churn (fork)");
        assert_eq!(named("Churn", 2), "Churn (fork 2)");
        assert_eq!(named("Churn (fork)", 1), "Churn (fork) (fork)");
    }

    #[test]
    fn a_long_name_gives_way() {
        let long = "é".repeat(100);
        assert_eq!(named(&long, 1), format!("{} (fork)", "é".repeat(93)));
        assert_eq!(named(&long, 4_294_967_295).chars().count(), 100);
        let spaced = format!("{} {}", "a".repeat(92), "b".repeat(7));
        assert_eq!(named(&spaced, 1), format!("{} (fork)", "a".repeat(92)));
    }
}
