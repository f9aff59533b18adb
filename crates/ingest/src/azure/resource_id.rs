//! The parts of a resource's id.

/// `/subscriptions/S/resourceGroups/G/providers/P/TYPE/NAME/…`, in any case of letters; absent parts are empty.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResourceId<'i> {
    pub subscription: &'i str,
    pub group: &'i str,
    pub provider: &'i str,
    /// The first type below the provider.
    pub kind: &'i str,
    /// The last name.
    pub name: &'i str,
}

impl<'i> ResourceId<'i> {
    /// Takes the id apart.
    pub fn parse(id: &'i str) -> Self {
        let parts: Vec<&str> = id.split('/').filter(|part| !part.is_empty()).collect();
        let after = |word: &str, steps: usize| {
            let place = parts.iter().rposition(|part| part.eq_ignore_ascii_case(word));
            place.and_then(|place| parts.get(place + steps).copied()).unwrap_or("")
        };
        let provider = after("providers", 1);
        Self {
            subscription: after("subscriptions", 1),
            group: after("resourceGroups", 1),
            provider,
            kind: after("providers", 2),
            name: if provider.is_empty() { "" } else { parts.last().copied().unwrap_or("") },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_apart_whatever_its_case() {
        let id = ResourceId::parse("/SUBSCRIPTIONS/S1/resourcegroups/G1/PROVIDERS/Microsoft.Web/sites/shop");
        let expected =
            ResourceId { subscription: "S1", group: "G1", provider: "Microsoft.Web", kind: "sites", name: "shop" };
        assert_eq!(id, expected);
        assert_eq!(ResourceId::parse("/subscriptions/S1"), ResourceId { subscription: "S1", ..ResourceId::default() });
        assert_eq!(ResourceId::parse(""), ResourceId::default());
    }
}
