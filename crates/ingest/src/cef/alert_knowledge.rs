//! What is known of the alerts of Defender for Identity beside what an event says: tactics and techniques.

/// External id, tactics, techniques, and the part of the name that Defender for Cloud Apps gives the same alert. Facts of Microsoft's
/// guides to the alerts; the external id is the stable key, names change.
const ALERTS: &str = include_str!("data/identity_alerts.tsv");

/// Prefix and suffix of the names under which Defender for Cloud Apps hands these alerts on.
const CLOUD_APPS_PREFIX: &str = "ALERT_EXTERNAL_AATP_";
const CLOUD_APPS_SUFFIX: &str = "_SECURITY_ALERT";

/// What an alert is about, in ATT&CK's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KnownAlert {
    /// Tactics, primary first, as Sentinel spells them, separated by blanks.
    tactics: &'static str,
    /// Techniques and sub-techniques by id, separated by blanks.
    techniques: &'static str,
}

impl KnownAlert {
    /// The alert of this external id or, where Defender for Cloud Apps hands it on, of this class.
    pub fn find(external_id: &str, class: &str) -> Option<Self> {
        let inner = class.strip_prefix(CLOUD_APPS_PREFIX).and_then(|name| name.strip_suffix(CLOUD_APPS_SUFFIX));
        ALERTS.lines().find_map(|line| {
            let mut cells = line.split('\t');
            let (id, tactics) = (cells.next()?, cells.next()?);
            let techniques = cells.next().unwrap_or_default();
            let name = cells.next();
            let found = if inner.is_some() { name == inner } else { id == external_id };
            found.then_some(Self { tactics, techniques })
        })
    }

    /// The tactics, primary first.
    pub fn tactics(self) -> impl Iterator<Item = &'static str> {
        self.tactics.split(' ').filter(|tactic| !tactic.is_empty())
    }

    /// Techniques without sub-techniques: `T1558`.
    pub fn techniques(self) -> impl Iterator<Item = &'static str> {
        self.all_techniques().filter(|id| !id.contains('.'))
    }

    /// Sub-techniques: `T1558.003`.
    pub fn sub_techniques(self) -> impl Iterator<Item = &'static str> {
        self.all_techniques().filter(|id| id.contains('.'))
    }

    /// Techniques and sub-techniques.
    pub fn all_techniques(self) -> impl Iterator<Item = &'static str> {
        self.techniques.split(' ').filter(|id| !id.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use schema::Tactic;

    use super::*;

    #[test]
    fn alerts_are_known_by_external_id_and_by_their_name_in_cloud_apps() {
        let alert = KnownAlert::find("2410", "").unwrap();
        assert_eq!(alert.tactics().collect::<Vec<_>>(), ["CredentialAccess"]);
        assert_eq!(alert.techniques().collect::<Vec<_>>(), ["T1558"]);
        assert_eq!(alert.sub_techniques().collect::<Vec<_>>(), ["T1558.003"]);
        assert_eq!(KnownAlert::find("5ff", "ALERT_EXTERNAL_AATP_KERBEROASTING_SECURITY_ALERT"), Some(alert));
        assert_eq!(KnownAlert::find("5ff", "ALERT_ANUBIS_DETECTION_VELOCITY"), None);
        assert_eq!(KnownAlert::find("", ""), None);
    }

    #[test]
    fn tactics_are_those_of_the_matrix() {
        for line in ALERTS.lines() {
            let id = line.split('\t').next().unwrap();
            for tactic in KnownAlert::find(id, "").unwrap().tactics() {
                assert!(Tactic::ALL.iter().any(|known| known.as_str() == tactic), "{line}");
            }
        }
    }
}
