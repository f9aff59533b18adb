//! The form of the secrets that we give out.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::hex::hex;
use crate::random::random_bytes;

/// What a secret is for. Each kind has a prefix, so that people and scanners of leaked secrets know it when they see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// An API token.
    ApiToken,
    /// The secret of a client.
    ClientSecret,
    /// The cookie of a session.
    Session,
    /// A set-up link.
    SetupLink,
    /// The state of a sign-in at an OpenID provider.
    OidcState,
}

/// A secret: prefix, `_`, 43 letters and digits that hold 256 bits, 6 more that are their checksum.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken {
    kind: SecretKind,
    text: String,
}

/// A text that is none of our secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedSecret {
    /// It has another length or prefix.
    #[error("this is not one of this service's secrets")]
    Foreign,
    /// It has the form, but was cut, mistyped or made up.
    #[error("the secret's checksum is wrong: it was cut or mistyped")]
    Checksum,
}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 43 digits of base 62 are the fewest that hold 256 bits: 43 · log₂ 62 = 256.03.
const BODY_LENGTH: usize = 43;

/// Six digits of base 62 hold the 32 bits of the checksum.
const CHECKSUM_LENGTH: usize = 6;

const PREFIX_LENGTH: usize = 4;

impl SecretKind {
    /// All kinds.
    pub const ALL: [SecretKind; 5] = [
        SecretKind::ApiToken,
        SecretKind::ClientSecret,
        SecretKind::Session,
        SecretKind::SetupLink,
        SecretKind::OidcState,
    ];

    /// What its secrets begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            SecretKind::ApiToken => "vdt_",
            SecretKind::ClientSecret => "vdc_",
            SecretKind::Session => "vds_",
            SecretKind::SetupLink => "vdl_",
            SecretKind::OidcState => "vdo_",
        }
    }
}

impl SecretToken {
    /// The length of all secrets, in bytes. Anything else is refused unread.
    pub const LENGTH: usize = PREFIX_LENGTH + BODY_LENGTH + CHECKSUM_LENGTH;

    /// A new secret.
    pub fn generate(kind: SecretKind) -> Self {
        let mut body = String::with_capacity(BODY_LENGTH);
        while body.len() < BODY_LENGTH {
            // Bytes that would make some digits likelier than others are passed over: 248 = 4 · 62.
            let digits = random_bytes::<64>().into_iter().filter(|byte| *byte < 248);
            body.extend(digits.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])).take(BODY_LENGTH - body.len()));
        }
        let checked = format!("{}{body}", kind.prefix());
        let text = format!("{checked}{}", checksum(&checked));
        Self { kind, text }
    }

    /// Reads a secret of that kind.
    ///
    /// # Errors
    /// `MalformedSecret` where it is none; that says nothing about whether one that has the form is known.
    pub fn parse(kind: SecretKind, text: &str) -> Result<Self, MalformedSecret> {
        let own = text.len() == Self::LENGTH && text.starts_with(kind.prefix());
        if !own || !text.bytes().skip(PREFIX_LENGTH).all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(MalformedSecret::Foreign);
        }
        let (checked, sum) = text.split_at(Self::LENGTH - CHECKSUM_LENGTH);
        if checksum(checked) != sum {
            return Err(MalformedSecret::Checksum);
        }
        Ok(Self { kind, text: text.to_owned() })
    }

    /// What it is for.
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The secret itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored of it: SHA-256 in hexadecimal digits. With 256 random bits a slow hash would add nothing.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.text.as_bytes()))
    }
}

/// Says which kind it is and nothing more: secrets must reach no log.
impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

/// Whether two hashes of secrets are the same, in the same time wherever they differ.
pub fn same_hash(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(number % 62) as usize];
        number /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_is_never_the_same() {
        for kind in SecretKind::ALL {
            let secret = SecretToken::generate(kind);
            assert_eq!(SecretToken::parse(kind, secret.reveal()), Ok(secret.clone()));
            assert_ne!(secret, SecretToken::generate(kind));
            assert!(!format!("{secret:?}").contains(&secret.reveal()[8..]));
            assert_eq!(secret.hash().len(), 64);
        }
    }

    #[test]
    fn a_secret_that_was_changed_anywhere_is_refused() {
        let secret = SecretToken::generate(SecretKind::ApiToken);
        let text = secret.reveal();
        for place in 0..text.len() {
            let other = if &text[place..=place] == "x" { "y" } else { "x" };
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            SecretToken::parse(SecretKind::ApiToken, &changed).expect_err("changed");
            SecretToken::parse(SecretKind::ApiToken, &text[..place]).expect_err("cut");
        }
        SecretToken::parse(SecretKind::ClientSecret, text).expect_err("another kind");
        SecretToken::parse(SecretKind::ApiToken, &"ä".repeat(100)).expect_err("no secret");
        SecretToken::parse(SecretKind::ApiToken, &format!("vdt_{}", "ä".repeat(24) + "a"))
            .expect_err("of the same length");
    }
}
