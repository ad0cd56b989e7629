//! Ids of items in an organization or project. An id contains the ids of its parents, so one read loads both the
//! item and the caller's membership. Ids sort by creation time.

use data_encoding::BASE32HEX_NOPAD;
use serde::{Deserialize, Serialize};

use super::OrganizationId;
use crate::clock::Timestamp;
use crate::random::Random;

/// Number of bytes of an organization's id.
const ORGANIZATION_LEN: usize = 16;

/// Number of bytes that distinguish the items of one parent: four of seconds and six of randomness.
const OWN_LEN: usize = 10;

/// Stands for the absence of a project. No project has it, because its creation time would be in 1970.
const NO_PROJECT: [u8; OWN_LEN] = [0; OWN_LEN];

/// Encodes bytes as text that sorts as the bytes do.
fn encode(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", BASE32HEX_NOPAD.encode(bytes).to_ascii_lowercase())
}

/// Decodes the text of [`encode`].
fn decode<const LENGTH: usize>(prefix: &str, text: &str) -> Option<[u8; LENGTH]> {
    let body = text.strip_prefix(prefix)?;
    if body.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let bytes = BASE32HEX_NOPAD.decode(body.to_ascii_uppercase().as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// Generates the bytes that distinguish a new item.
fn generate_own(random: &dyn Random, now: Timestamp) -> [u8; OWN_LEN] {
    // The seconds overflow in the year 2106.
    let seconds = u32::try_from(now.seconds()).unwrap_or(u32::MAX).to_be_bytes();
    let others: [u8; OWN_LEN - 4] = random.bytes();
    let mut own = [0; OWN_LEN];
    own[..4].copy_from_slice(&seconds);
    own[4..].copy_from_slice(&others);
    own
}

macro_rules! nested_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $length:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses an id from outside. Returns `None` if it is malformed.
            pub fn parse(text: &str) -> Option<Self> {
                decode::<{ $length }>($prefix, text).map(|_| Self(text.to_owned()))
            }

            /// Returns the organization.
            pub fn organization(&self) -> OrganizationId {
                let mut bits = [0; ORGANIZATION_LEN];
                bits.copy_from_slice(&self.bytes()[..ORGANIZATION_LEN]);
                OrganizationId::from_bits(&bits)
            }

            fn bytes(&self) -> [u8; $length] {
                // Every id was encoded from bytes.
                decode($prefix, &self.0).unwrap_or([0; $length])
            }
        }

        id_text!($name);
    };
}

nested_id!(
    /// A project.
    ProjectId, "proj_", ORGANIZATION_LEN + OWN_LEN
);
nested_id!(
    /// A run of a project.
    RunId, "run_", ORGANIZATION_LEN + OWN_LEN + OWN_LEN
);
nested_id!(
    /// A version of a file, in a project or in an organization itself.
    ArtifactId, "art_", ORGANIZATION_LEN + OWN_LEN + OWN_LEN
);

impl ProjectId {
    /// Generates a unique id.
    pub fn generate(random: &dyn Random, now: Timestamp, organization: &OrganizationId) -> Self {
        let mut bytes = [0; ORGANIZATION_LEN + OWN_LEN];
        bytes[..ORGANIZATION_LEN].copy_from_slice(&organization.to_bits());
        bytes[ORGANIZATION_LEN..].copy_from_slice(&generate_own(random, now));
        Self(encode("proj_", &bytes))
    }
}

impl RunId {
    /// Generates a unique id.
    pub fn generate(random: &dyn Random, now: Timestamp, project: &ProjectId) -> Self {
        Self(encode("run_", &append_to_project(project, generate_own(random, now))))
    }

    /// Returns the project.
    pub fn project(&self) -> ProjectId {
        parent_project(&self.bytes())
    }
}

impl ArtifactId {
    /// Generates a unique id of a file in a project.
    pub fn in_project(random: &dyn Random, now: Timestamp, project: &ProjectId) -> Self {
        Self(encode("art_", &append_to_project(project, generate_own(random, now))))
    }

    /// Generates a unique id of a file that belongs to an organization and no project.
    pub fn in_organization(
        random: &dyn Random,
        now: Timestamp,
        organization: &OrganizationId,
    ) -> Self {
        let mut bytes = [0; ORGANIZATION_LEN + OWN_LEN + OWN_LEN];
        bytes[..ORGANIZATION_LEN].copy_from_slice(&organization.to_bits());
        bytes[ORGANIZATION_LEN + OWN_LEN..].copy_from_slice(&generate_own(random, now));
        Self(encode("art_", &bytes))
    }

    /// Returns the project, or `None` for a file that belongs to the organization itself.
    pub fn project(&self) -> Option<ProjectId> {
        let bytes = self.bytes();
        (bytes[ORGANIZATION_LEN..ORGANIZATION_LEN + OWN_LEN] != NO_PROJECT)
            .then(|| parent_project(&bytes))
    }

    /// Returns the creation time, in whole seconds.
    pub fn created_at(&self) -> Timestamp {
        let mut seconds = [0; 4];
        seconds.copy_from_slice(
            &self.bytes()[ORGANIZATION_LEN + OWN_LEN..ORGANIZATION_LEN + OWN_LEN + 4],
        );
        Timestamp::from_seconds(u32::from_be_bytes(seconds).into())
    }
}

/// Appends `own` to a project's bytes.
fn append_to_project(
    project: &ProjectId,
    own: [u8; OWN_LEN],
) -> [u8; ORGANIZATION_LEN + OWN_LEN + OWN_LEN] {
    let mut bytes = [0; ORGANIZATION_LEN + OWN_LEN + OWN_LEN];
    bytes[..ORGANIZATION_LEN + OWN_LEN].copy_from_slice(&project.bytes());
    bytes[ORGANIZATION_LEN + OWN_LEN..].copy_from_slice(&own);
    bytes
}

/// Returns the project at the beginning of an id.
fn parent_project(bytes: &[u8; ORGANIZATION_LEN + OWN_LEN + OWN_LEN]) -> ProjectId {
    ProjectId(encode("proj_", &bytes[..ORGANIZATION_LEN + OWN_LEN]))
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
    fn an_id_contains_its_parents() {
        let random = &SystemRandom;
        let client = OrganizationId::generate(random);
        let project = ProjectId::generate(random, at(1_800_000_000), &client);
        assert_eq!(project.organization(), client);
        let run = RunId::generate(random, at(1), &project);
        assert_eq!((run.organization(), run.project()), (client.clone(), project.clone()));
        let artifact = ArtifactId::in_project(random, at(1_800_000_007), &project);
        assert_eq!((artifact.organization(), artifact.project()), (client.clone(), Some(project)));
        assert_eq!(artifact.created_at(), at(1_800_000_007));
        let loose = ArtifactId::in_organization(random, at(1), &client);
        assert_eq!((loose.organization(), loose.project()), (client, None));
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
                prop_assert_eq!(super::encode("proj_", &id.bytes()), text);
            }
        }
    }
}
