//! Passwords: what is stored of them, and how they are proven. Slow on purpose: call these where blocking is allowed, and few at a time.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::random::random_bytes;

/// Memory of one hash, in KiB: "Use Argon2id with a minimum configuration of 19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".
///
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>
const MEMORY: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;

/// The fewest characters of a password. NIST SP 800-63B asks for 8 at least, and for 15 where a password is all there is; length counts, not kinds of characters.
const SHORTEST: usize = 12;

/// The longest password, in bytes: beyond it is no password but load.
const LONGEST: usize = 1024;

/// A password that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few characters.
    #[error(
        "the password has less than {SHORTEST} characters\na sentence of several words is easy to remember and hard to guess"
    )]
    Short,
    /// Too many bytes.
    #[error("the password has more than {LONGEST} bytes")]
    Long,
    /// It is, or holds, the name.
    #[error("the password holds the user's name")]
    HoldsName,
    /// One or two characters, again and again.
    #[error("the password is the same few characters again and again")]
    Repeated,
}

/// What came of proving a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProof {
    /// It is the one.
    Proven,
    /// It is the one, but its hash is of weaker parameters than today's and is to be made anew.
    ProvenByWeakerHash,
    /// It is not, or there is none to compare with.
    Refused,
}

/// Whether a password may be chosen.
///
/// # Errors
/// Why it may not.
pub fn check_new_password(password: &str, user: &str) -> Result<(), WeakPassword> {
    if password.len() > LONGEST {
        return Err(WeakPassword::Long);
    }
    if password.chars().count() < SHORTEST {
        return Err(WeakPassword::Short);
    }
    let local_part = user.split('@').next().unwrap_or_default().to_lowercase();
    // A name of a letter or two is in every password.
    if local_part.chars().count() > 3 && password.to_lowercase().contains(&local_part) {
        return Err(WeakPassword::HoldsName);
    }
    let mut characters: Vec<char> = password.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 4 {
        return Err(WeakPassword::Repeated);
    }
    Ok(())
}

/// The hash to store of a password: a PHC string with parameters and salt.
pub fn hash_password(password: &str) -> String {
    let salt = SaltString::encode_b64(&random_bytes::<16>()).expect("16 bytes are a salt");
    hasher().hash_password(password.as_bytes(), &salt).expect("the parameters are valid").to_string()
}

/// Proves a password. Where there is no hash (no such user, or one without a password) the same work is done in vain, so that the answer takes the same time.
pub fn prove_password(password: &str, hash: Option<&str>) -> PasswordProof {
    // Longer ones cannot have been chosen.
    if password.len() > LONGEST {
        return PasswordProof::Refused;
    }
    let stored = hash.and_then(|hash| PasswordHash::new(hash).ok()).filter(is_affordable);
    let Some(stored) = stored else {
        let in_vain = PasswordHash::new(&NOBODYS_HASH)
            .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok());
        // What nobody has nobody proves, even who guesses it.
        let _ = in_vain;
        return PasswordProof::Refused;
    };
    if hasher().verify_password(password.as_bytes(), &stored).is_err() {
        return PasswordProof::Refused;
    }
    if is_of_todays_parameters(&stored) { PasswordProof::Proven } else { PasswordProof::ProvenByWeakerHash }
}

static NOBODYS_HASH: LazyLock<String> = LazyLock::new(|| hash_password("nobody has this password"));

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters())
}

fn parameters() -> Params {
    Params::new(MEMORY, ITERATIONS, LANES, None).expect("the parameters are valid")
}

/// A stored hash says itself how much memory it takes; one that was tampered with must not take all of it.
fn is_affordable(hash: &PasswordHash<'_>) -> bool {
    let at_most = |name: &str, most: u32| hash.params.get_decimal(name).is_some_and(|value| value <= most);
    at_most("m", MEMORY * 16) && at_most("t", ITERATIONS * 16) && at_most("p", LANES * 16)
}

fn is_of_todays_parameters(hash: &PasswordHash<'_>) -> bool {
    let same = |name: &str, value: u32| hash.params.get_decimal(name) == Some(value);
    hash.algorithm == Algorithm::Argon2id.ident() && same("m", MEMORY) && same("t", ITERATIONS) && same("p", LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_proves_itself_and_no_other() {
        let hash = hash_password("correct horse battery staple");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(prove_password("correct horse battery staple", Some(&hash)), PasswordProof::Proven);
        for (password, hash) in [
            ("correct horse battery stable", Some(hash.as_str())),
            ("", Some(hash.as_str())),
            ("nobody has this password", None),
            ("anything", Some("")),
            ("anything", Some("$argon2id$v=19$m=99999999,t=2,p=1$YWFhYWFhYWFhYWFhYWFhYQ$AAAA")),
        ] {
            assert_eq!(prove_password(password, hash), PasswordProof::Refused, "{password} {hash:?}");
        }
    }

    #[test]
    fn a_hash_of_weaker_parameters_is_to_be_made_anew() {
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).expect("valid"));
        let salt = SaltString::encode_b64(&[7; 16]).expect("a salt");
        let hash = weaker.hash_password(b"correct horse battery staple", &salt).expect("hashed").to_string();
        assert_eq!(prove_password("correct horse battery staple", Some(&hash)), PasswordProof::ProvenByWeakerHash);
        assert_eq!(prove_password("another", Some(&hash)), PasswordProof::Refused);
    }

    #[test]
    fn a_weak_password_is_not_taken() {
        for (password, expected) in [
            ("a sentence of words", Ok(())),
            ("elf zeichen", Err(WeakPassword::Short)),
            ("ääääööööüüüü", Err(WeakPassword::Repeated)),
            ("alice.weber is great", Err(WeakPassword::HoldsName)),
            ("abababababababab", Err(WeakPassword::Repeated)),
        ] {
            assert_eq!(check_new_password(password, "Alice.Weber@example.com"), expected, "{password}");
        }
        assert_eq!(check_new_password(&"abcdefgh".repeat(200), "bo"), Err(WeakPassword::Long));
    }
}
