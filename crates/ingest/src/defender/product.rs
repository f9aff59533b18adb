//! The names of products, as alerts of Graph, `AlertInfo` and `SecurityAlert` write them.

/// A product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Product {
    /// `AlertInfo.ServiceSource`.
    pub service: &'static str,
    /// `SecurityAlert.ProviderName`.
    pub provider: &'static str,
    /// `SecurityAlert.ProductName`.
    pub name: &'static str,
    /// Values of `serviceSource`, in small letters without spaces.
    sources: &'static [&'static str],
}

/// The products that raise alerts. `SecurityAlert`'s names are those of the products' Sentinel connectors, which published queries use.
const PRODUCTS: [Product; 10] = [
    Product {
        service: "Microsoft Defender for Endpoint",
        provider: "MDATP",
        name: "Microsoft Defender Advanced Threat Protection",
        sources: &["microsoftdefenderforendpoint", "microsoftdefenderatp", "mde"],
    },
    Product {
        service: "Microsoft Defender for Identity",
        provider: "Azure Advanced Threat Protection",
        name: "Azure Advanced Threat Protection",
        sources: &["microsoftdefenderforidentity", "azureatp", "azureadvancedthreatprotection", "mdi"],
    },
    Product {
        service: "Microsoft Defender for Cloud Apps",
        provider: "MCAS",
        name: "Microsoft Cloud App Security",
        sources: &["microsoftdefenderforcloudapps", "microsoftcloudappsecurity", "mcas"],
    },
    Product {
        service: "Microsoft Defender for Office 365",
        provider: "OATP",
        name: "Office 365 Advanced Threat Protection",
        sources: &["microsoftdefenderforoffice365", "officeatp", "office365atp"],
    },
    Product {
        service: "Microsoft Defender XDR",
        provider: "Microsoft Threat Protection",
        name: "Microsoft 365 Defender",
        sources: &["microsoft365defender", "microsoftthreatprotection", "microsoftdefenderxdr"],
    },
    Product {
        service: "Microsoft Entra ID Protection",
        provider: "IPC",
        name: "Azure Active Directory Identity Protection",
        sources: &["azureadidentityprotection", "aadidentityprotection", "microsoftentraidprotection"],
    },
    Product {
        service: "App Governance",
        provider: "Microsoft Application Protection",
        name: "Microsoft Application Protection",
        sources: &["microsoftappgovernance", "appgovernance", "appgovernancepolicy", "appgovernancedetection"],
    },
    Product {
        service: "Microsoft Purview Data Loss Prevention",
        provider: "Microsoft Data Loss Prevention",
        name: "Microsoft Data Loss Prevention",
        sources: &["datalossprevention", "microsoftdatalossprevention", "microsoftpurviewdatalossprevention"],
    },
    Product {
        service: "Microsoft Defender for Cloud",
        provider: "Azure Security Center",
        name: "Azure Security Center",
        sources: &["microsoftdefenderforcloud", "azuresecuritycenter"],
    },
    Product {
        service: "Microsoft Sentinel",
        provider: "ASI Scheduled Alerts",
        name: "Azure Sentinel",
        sources: &["microsoftsentinel", "azuresentinel"],
    },
];

impl Product {
    /// The product that this `serviceSource` names.
    pub fn of(source: &str) -> Option<&'static Self> {
        let key: String = source.chars().filter(|c| !matches!(c, ' ' | '_')).collect::<String>().to_ascii_lowercase();
        PRODUCTS.iter().find(|product| product.sources.contains(&key.as_str()))
    }

    /// Defender for Endpoint, whose own alerts do not say it.
    pub fn endpoint() -> &'static Self {
        &PRODUCTS[0]
    }
}

/// Values of `detectionSource`, in small letters, and what `AlertInfo.DetectionSource` has for them.
const DETECTION_SOURCES: [(&str, &str); 9] = [
    ("antivirus", "Antivirus"),
    ("windowsdefenderav", "Antivirus"),
    ("windowsdefenderatp", "EDR"),
    ("microsoftdefenderforendpoint", "EDR"),
    ("windowsdefendersmartscreen", "SmartScreen"),
    ("smartscreen", "SmartScreen"),
    ("customdetection", "Custom detection"),
    ("customti", "Custom TI"),
    ("automatedinvestigation", "Automated investigation"),
];

/// `AlertInfo.DetectionSource` for a `detectionSource` of an API.
pub(crate) fn detection_source(source: &str) -> String {
    let known = DETECTION_SOURCES.iter().find(|(name, _)| source.eq_ignore_ascii_case(name)).map(|(_, name)| *name);
    let name = known.or_else(|| Product::of(source).map(|product| product.service));
    name.map_or_else(|| as_words(source), str::to_owned)
}

/// `microsoftDefenderForEndpoint` as words: `Microsoft Defender For Endpoint`, for products that are not known.
pub(crate) fn as_words(source: &str) -> String {
    if source.contains(' ') {
        return source.to_owned();
    }
    let mut words = String::with_capacity(source.len() + 4);
    let mut was_lower = false;
    for (place, character) in source.chars().enumerate() {
        if place == 0 {
            words.extend(character.to_uppercase());
        } else {
            if was_lower && character.is_ascii_uppercase() {
                words.push(' ');
            }
            words.push(character);
        }
        was_lower = character.is_ascii_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_found_by_every_writing_of_its_name() {
        for source in ["microsoftDefenderForEndpoint", "MicrosoftDefenderATP", "Microsoft Defender for Endpoint"] {
            assert_eq!(Product::of(source).map(|product| product.provider), Some("MDATP"), "{source}");
        }
        assert_eq!(Product::of("MicrosoftCloudAppSecurity").map(|product| product.provider), Some("MCAS"));
        assert_eq!(Product::of("unknownFutureValue"), None);
        assert_eq!(as_words("unknownFutureValue"), "Unknown Future Value");
        let sources = ["WindowsDefenderAv", "microsoftDefenderForIdentity", "MCAS", "newSource"].map(detection_source);
        assert_eq!(
            sources,
            ["Antivirus", "Microsoft Defender for Identity", "Microsoft Defender for Cloud Apps", "New Source"]
        );
        assert!(Product::endpoint().sources.contains(&"mde"));
    }
}
