//! MITRE ATT&CK tactics as Sentinel spells them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ATT&CK tactic (enterprise, and the three of the industrial matrix that Sentinel lists), in the matrix's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the ATT&CK tactic of its name")]
pub enum Tactic {
    PreAttack,
    Reconnaissance,
    ResourceDevelopment,
    InitialAccess,
    Execution,
    Persistence,
    PrivilegeEscalation,
    DefenseEvasion,
    CredentialAccess,
    Discovery,
    LateralMovement,
    Collection,
    CommandAndControl,
    Exfiltration,
    Impact,
    Evasion,
    ImpairProcessControl,
    InhibitResponseFunction,
}

impl Tactic {
    /// All tactics in the matrix's order.
    pub const ALL: [Self; 18] = [
        Self::PreAttack,
        Self::Reconnaissance,
        Self::ResourceDevelopment,
        Self::InitialAccess,
        Self::Execution,
        Self::Persistence,
        Self::PrivilegeEscalation,
        Self::DefenseEvasion,
        Self::CredentialAccess,
        Self::Discovery,
        Self::LateralMovement,
        Self::Collection,
        Self::CommandAndControl,
        Self::Exfiltration,
        Self::Impact,
        Self::Evasion,
        Self::ImpairProcessControl,
        Self::InhibitResponseFunction,
    ];

    /// The name as Sentinel writes it, without blanks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreAttack => "PreAttack",
            Self::Reconnaissance => "Reconnaissance",
            Self::ResourceDevelopment => "ResourceDevelopment",
            Self::InitialAccess => "InitialAccess",
            Self::Execution => "Execution",
            Self::Persistence => "Persistence",
            Self::PrivilegeEscalation => "PrivilegeEscalation",
            Self::DefenseEvasion => "DefenseEvasion",
            Self::CredentialAccess => "CredentialAccess",
            Self::Discovery => "Discovery",
            Self::LateralMovement => "LateralMovement",
            Self::Collection => "Collection",
            Self::CommandAndControl => "CommandAndControl",
            Self::Exfiltration => "Exfiltration",
            Self::Impact => "Impact",
            Self::Evasion => "Evasion",
            Self::ImpairProcessControl => "ImpairProcessControl",
            Self::InhibitResponseFunction => "InhibitResponseFunction",
        }
    }
}

impl fmt::Display for Tactic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Tactic {
    type Err = String;

    /// Reads `CredentialAccess`, `Credential Access` or `credential-access`.
    fn from_str(text: &str) -> Result<Self, String> {
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        Self::ALL
            .into_iter()
            .find(|tactic| tactic.as_str().eq_ignore_ascii_case(&letters))
            .ok_or_else(|| format!("unknown tactic `{text}`; use an ATT&CK tactic such as CredentialAccess"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tactics_are_read_as_people_write_them() {
        assert_eq!("Credential Access".parse(), Ok(Tactic::CredentialAccess));
        assert_eq!("command-and-control".parse(), Ok(Tactic::CommandAndControl));
        assert!("Cunning".parse::<Tactic>().is_err());
    }

    #[test]
    fn tactics_are_in_the_order_of_the_matrix() {
        assert!(Tactic::ALL.is_sorted());
    }
}
