//! Ids of what lies inside an organization. They name it: whether a caller may have the thing can be looked
//! up together with the thing, in one read. What is made later has the greater id, and comes later in a
//! list.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32HEX_NOPAD;
use serde::{Deserialize, Serialize};

use super::{NotAnId, OrganizationId};
use crate::clock::Timestamp;
use crate::random::Random;

/// Of an organization's id.
const CLIENT: usize = 16;

/// What tells things of one place apart: four bytes of seconds and six at random.
const OWN: usize = 10;

/// No project has it: it would be of the year 1970.
const NO_PROJECT: [u8; OWN] = [0; OWN];

/// As text that sorts as the bytes do.
fn text(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", BASE32HEX_NOPAD.encode(bytes).to_ascii_lowercase())
}

/// What [`text`] was made from.
fn bytes<const LENGTH: usize>(prefix: &str, text: &str) -> Option<[u8; LENGTH]> {
    let body = text.strip_prefix(prefix)?;
    if body.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let bytes = BASE32HEX_NOPAD.decode(body.to_ascii_uppercase().as_bytes()).ok()?;
    bytes.try_into().ok()
}

fn own(random: &dyn Random, now: Timestamp) -> [u8; OWN] {
    // Until the year 2106.
    let seconds = u32::try_from(now.seconds()).unwrap_or(u32::MAX).to_be_bytes();
    let others: [u8; OWN - 4] = random.bytes();
    let mut own = NO_PROJECT;
    own[..4].copy_from_slice(&seconds);
    own[4..].copy_from_slice(&others);
    own
}

macro_rules! inside {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $length:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads an id that came from outside; `None` where it can't be one of ours.
            pub fn parse(text: &str) -> Option<Self> {
                bytes::<{ $length }>($prefix, text).map(|_| Self(text.to_owned()))
            }

            /// The organization that it lies in.
            pub fn client(&self) -> OrganizationId {
                let mut client = [0; CLIENT];
                client.copy_from_slice(&self.bytes()[..CLIENT]);
                OrganizationId::from_bits(&client)
            }

            /// The id as it is written everywhere.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn bytes(&self) -> [u8; $length] {
                // There is no id whose text isn't that of bytes.
                bytes($prefix, &self.0).unwrap_or([0; $length])
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::parse(text).ok_or(NotAnId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

inside!(
    /// A project.
    ProjectId, "proj_", CLIENT + OWN
);
inside!(
    /// A run of a project.
    RunId, "run_", CLIENT + OWN + OWN
);
inside!(
    /// A version of a file, in a project or in an organization itself.
    ArtifactId, "art_", CLIENT + OWN + OWN
);

impl ProjectId {
    /// A new id that no other has.
    pub fn generate(random: &dyn Random, now: Timestamp, client: &OrganizationId) -> Self {
        let mut bytes = [0; CLIENT + OWN];
        bytes[..CLIENT].copy_from_slice(&client.to_bits());
        bytes[CLIENT..].copy_from_slice(&own(random, now));
        Self(text("proj_", &bytes))
    }
}

impl RunId {
    /// A new id that no other has.
    pub fn generate(random: &dyn Random, now: Timestamp, project: &ProjectId) -> Self {
        Self(text("run_", &in_project(project, own(random, now))))
    }

    /// The project that it is of.
    pub fn project(&self) -> ProjectId {
        project_of(&self.bytes())
    }
}

impl ArtifactId {
    /// A new id that no other has, of a file in a project.
    pub fn in_project(random: &dyn Random, now: Timestamp, project: &ProjectId) -> Self {
        Self(text("art_", &in_project(project, own(random, now))))
    }

    /// A new id that no other has, of a file in the organization itself.
    pub fn in_client(random: &dyn Random, now: Timestamp, client: &OrganizationId) -> Self {
        let mut bytes = [0; CLIENT + OWN + OWN];
        bytes[..CLIENT].copy_from_slice(&client.to_bits());
        bytes[CLIENT + OWN..].copy_from_slice(&own(random, now));
        Self(text("art_", &bytes))
    }

    /// The project that it lies in; `None` where that is the organization itself.
    pub fn project(&self) -> Option<ProjectId> {
        let bytes = self.bytes();
        (bytes[CLIENT..CLIENT + OWN] != NO_PROJECT).then(|| project_of(&bytes))
    }

    /// When it was made, to the second.
    pub fn made_at(&self) -> Timestamp {
        let mut seconds = [0; 4];
        seconds.copy_from_slice(&self.bytes()[CLIENT + OWN..CLIENT + OWN + 4]);
        Timestamp::from_seconds(u32::from_be_bytes(seconds).into())
    }

    /// One of so many numbers (a power of two), at random: what is written often is spread by it.
    pub fn shard(&self, shards: u8) -> u8 {
        let [.., last] = self.bytes();
        last % shards
    }
}

fn in_project(project: &ProjectId, own: [u8; OWN]) -> [u8; CLIENT + OWN + OWN] {
    let mut bytes = [0; CLIENT + OWN + OWN];
    bytes[..CLIENT + OWN].copy_from_slice(&project.bytes());
    bytes[CLIENT + OWN..].copy_from_slice(&own);
    bytes
}

fn project_of(bytes: &[u8; CLIENT + OWN + OWN]) -> ProjectId {
    ProjectId(text("proj_", &bytes[..CLIENT + OWN]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn an_id_names_what_it_lies_in() {
        let random = &SystemRandom;
        let client = OrganizationId::generate(random);
        let project = ProjectId::generate(random, at(1_800_000_000), &client);
        assert_eq!(project.client(), client);
        let run = RunId::generate(random, at(1), &project);
        assert_eq!((run.client(), run.project()), (client.clone(), project.clone()));
        let artifact = ArtifactId::in_project(random, at(1_800_000_007), &project);
        assert_eq!((artifact.client(), artifact.project()), (client.clone(), Some(project)));
        assert_eq!(artifact.made_at(), at(1_800_000_007));
        let loose = ArtifactId::in_client(random, at(1), &client);
        assert_eq!((loose.client(), loose.project()), (client, None));
        for id in [run.as_str(), artifact.as_str(), loose.as_str()] {
            assert!(ProjectId::parse(id).is_none());
        }
        assert_eq!(ArtifactId::parse(loose.as_str()), Some(loose));
    }

    #[test]
    fn what_is_made_later_comes_later() {
        let client = OrganizationId::generate(&SystemRandom);
        let times = [1, 2, 255, 256, 65_536, 1_800_000_000, 4_294_967_295];
        let ids = times.map(|time| ProjectId::generate(&SystemRandom, at(time), &client));
        assert!(ids.is_sorted());
    }

    proptest! {
        #[test]
        fn only_our_own_form_parses(text in "(proj_|art_)?[a-zA-Z0-9#_/ ]{0,70}") {
            if let Some(id) = ProjectId::parse(&text) {
                prop_assert_eq!(super::text("proj_", &id.bytes()), text);
            }
        }
    }
}
