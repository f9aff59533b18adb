//! A wider pipe to the program that reads the output.
//!
//! A pipe holds 64 KiB: who writes a megabyte waits sixteen times until the reader has been woken. Where the system allows it, a pipe holds all
//! of a usual result, and the writer has ended before the reader is half through.

/// Has the pipe of standard output hold more, where it is one and the system has a way.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the system offers it to C alone")]
pub(super) fn widen() {
    /// What any user may ask for, unless the machine's owner allows less (`/proc/sys/fs/pipe-max-size`, pipe(7)).
    const WIDE: libc::c_int = 1 << 20;
    // SAFETY: it takes numbers, and refuses what is not a pipe or not allowed (F_SETPIPE_SZ in fcntl(2)); then all is as it was.
    unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_SETPIPE_SZ, WIDE) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn widen() {}
