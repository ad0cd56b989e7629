//! Rights in an organization, and the roles that have them.

use super::Role;

/// A right that a role may have in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See the organization's name, plan and members.
    View,
    /// Leave the organization.
    Leave,
    /// Read projects, briefs, artifacts and runs.
    ViewProjects,
    /// Create, change and delete projects, briefs, artifacts and runs.
    ManageProjects,
    /// Rename the organization.
    Rename,
    /// Invite people, change roles, and remove members.
    ManageMembers,
    /// Create, rotate and revoke API keys.
    ManageKeys,
    /// See how much of the plan is used.
    ViewUsage,
    /// See the audit log.
    ViewActivity,
    /// See the credit balance.
    ViewCredits,
    /// Transfer the organization to another owner.
    Transfer,
    /// Delete the organization.
    Delete,
    /// Choose the plan, pay, and see invoices and cards.
    ManageBilling,
}

impl Role {
    /// Returns whether the role has the right. An API key of the organization has the rights of a
    /// [`Role::Member`].
    pub const fn has_right(self, right: Right) -> bool {
        match right {
            Right::View
            | Right::Leave
            | Right::ViewProjects
            | Right::ViewUsage
            | Right::ViewActivity => true,
            Right::ManageProjects | Right::ViewCredits => !matches!(self, Self::Viewer),
            Right::Rename | Right::ManageMembers | Right::ManageKeys => {
                matches!(self, Self::Owner | Self::Admin)
            }
            Right::Transfer | Right::Delete | Right::ManageBilling => matches!(self, Self::Owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Right; 13] = [
        Right::View,
        Right::Leave,
        Right::ViewProjects,
        Right::ManageProjects,
        Right::Rename,
        Right::ManageMembers,
        Right::ManageKeys,
        Right::ViewUsage,
        Right::ViewActivity,
        Right::ViewCredits,
        Right::Transfer,
        Right::Delete,
        Right::ManageBilling,
    ];

    #[test]
    fn each_role_has_the_rights_in_the_contract() {
        let count_rights = |role: Role| ALL.iter().filter(|right| role.has_right(**right)).count();
        let roles = [Role::Owner, Role::Admin, Role::Member, Role::Viewer];
        assert_eq!(roles.map(count_rights), [13, 10, 7, 5]);
        for right in ALL {
            // A higher role has every right of a lower one.
            assert!(Role::Owner.has_right(right) || !Role::Admin.has_right(right));
            assert!(Role::Admin.has_right(right) || !Role::Member.has_right(right));
            assert!(Role::Member.has_right(right) || !Role::Viewer.has_right(right));
        }
    }
}
