//! What the compiler does not check: which crate may know which, how long files and functions are, stray text.

mod arrows;
mod exceptions;
mod lengths;
mod text;

use exceptions::Exceptions;

/// Runs all checks and reports every breach.
pub(crate) fn tidy() -> Result<(), String> {
    let mut exceptions = Exceptions::read()?;
    let mut breaches = arrows::breaches()?;
    breaches.extend(lengths::breaches(&mut exceptions)?);
    breaches.extend(text::breaches()?);
    breaches.extend(exceptions.stale());
    if breaches.is_empty() {
        println!("tidy: ok");
        return Ok(());
    }
    Err(format!("{}\ntidy: {} breaches", breaches.join("\n"), breaches.len()))
}
