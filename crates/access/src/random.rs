//! Bytes that nobody can guess.

/// So many bytes from the operating system.
///
/// # Panics
/// Where the operating system has none to give: then no secret can be made, and a weaker one must not be.
pub fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
