//! What a fork is called.

use super::{Project, ProjectName};
use crate::context::Context;
use crate::dynamo::Record;
use crate::error::{Error, Result};
use crate::values::Name;

/// Longest name, in characters: of a longer one the end gives way.
const LONGEST: usize = 100;

/// Names that are looked up at once, at first; most forks are among the first.
const AT_FIRST: u32 = 8;

/// Names that are looked up at once: what one read takes.
const AT_ONCE: u32 = 100;

/// The first of `<name> (fork)`, `<name> (fork 2)` and so on that no project of the organization has. One
/// read, and another for each hundred forks of that name that there are.
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

/// The name of the fork with that number, counted from 1.
fn name(original: &Name, number: u32) -> Result<Name> {
    let behind = if number == 1 { " (fork)".to_owned() } else { format!(" (fork {number})") };
    let room = LONGEST - behind.chars().count();
    let kept: String = original.as_str().chars().take(room).collect();
    Name::parse(&format!("{}{behind}", kept.trim_end()))
        .map_err(|_| Error::internal("a fork can't be called as its original"))
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
