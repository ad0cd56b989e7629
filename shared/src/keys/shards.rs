//! Partitions that requests of all organizations and users write. They are sharded, because DynamoDB limits each
//! partition.

use sha2::{Digest, Sha256};

/// The number of shards of such a partition. DynamoDB writes 1,000 units per second to a partition, so all shards
/// together take 16,000, which is 8,000 rows of up to 1 KB in transactions.
pub const SHARDS: u8 = 16;

/// Returns the shard of a row, below [`SHARDS`]. It depends on the row's subject alone, such as the name of a job
/// or a user id, so that the row is found again without knowing more. SHA-256 spreads similar subjects evenly.
pub fn shard(subject: &str) -> u8 {
    let [first, ..]: [u8; 32] = Sha256::digest(subject).into();
    first % SHARDS
}

/// Returns the partition of the row with this subject, under a prefix such as `WORK#`.
pub(super) fn shard_partition(prefix: &str, subject: &str) -> String {
    partition(prefix, shard(subject))
}

/// Returns the partitions of all shards under a prefix, in ascending order.
pub fn shard_partitions(prefix: &str) -> impl Iterator<Item = String> + use<> {
    let prefix = prefix.to_owned();
    (0..SHARDS).map(move |shard| partition(&prefix, shard))
}

fn partition(prefix: &str, shard: u8) -> String {
    format!("{prefix}{shard:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_always_has_the_same_shard() {
        // Stored rows would not be found any more if the hash changed.
        let subjects = ["erase-accounts", "usr_mfrggzdfmztwq2lknnwg23tpoa", ""];
        assert_eq!(subjects.map(shard), [15, 15, 3]);
    }

    #[test]
    fn similar_subjects_are_spread_evenly() {
        let mut rows = [0; SHARDS as usize];
        for number in 0..16_000 {
            rows[usize::from(shard(&format!("tell-of-run#run_{number}")))] += 1;
        }
        assert!(rows.iter().all(|rows| (850..1_150).contains(rows)), "{rows:?}");
    }

    #[test]
    fn the_partitions_are_those_of_the_rows() {
        let partitions: Vec<_> = shard_partitions("WORK#").collect();
        assert_eq!((partitions[0].as_str(), partitions[15].as_str()), ("WORK#00", "WORK#15"));
        assert!(partitions.is_sorted() && partitions.len() == usize::from(SHARDS));
        for number in 0..100 {
            let partition = shard_partition("WORK#", &number.to_string());
            assert!(partitions.contains(&partition), "{partition}");
        }
    }
}
