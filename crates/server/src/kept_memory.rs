//! Memory that a command keeps until it ends.
//!
//! A query frees and takes the same few megabytes for each file that it reads. glibc gives such pieces back to the system at once and gets
//! pages anew, empty, which the system hands out one by one: a third of the page faults of a question about 2 million sign-ins. A process
//! that answers one question and ends has nothing to give back for. A service does: see `service::memory`.

/// Pieces up to this size come from the heaps; glibc takes no larger limit (mallopt(3)).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGEST_PIECE: libc::c_int = 32 << 20;

/// Free bytes that a heap keeps at its end.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: libc::c_int = 256 << 20;

/// Bytes by which a heap grows at least.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const GROWTH: libc::c_int = 8 << 20;

/// Keeps what is freed for what is allocated next, in the whole process, instead of giving it back to the system: for a command that ends soon. Of
/// effect on glibc alone.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "glibc offers it to C alone")]
pub fn keep_freed_memory() {
    // SAFETY: it takes numbers, locks what it changes, and refuses what it cannot do (mallopt(3)).
    unsafe {
        // Without the first, the second makes things worse: large pieces would never come from a heap.
        if libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_PIECE) == 1 {
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
            libc::mallopt(libc::M_TOP_PAD, GROWTH);
        }
    }
}

/// Elsewhere than on glibc allocators keep what they need themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_freed_memory() {}
