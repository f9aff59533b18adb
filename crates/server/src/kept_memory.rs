//! Memory that a command keeps until it ends.
//!
//! A query frees and takes the same few megabytes for each file that it reads. glibc gives such pieces back to the system at once and gets
//! pages anew, empty, which the system hands out one by one: a third of the page faults of a question about 2 million sign-ins. A process
//! that answers one question and ends has nothing to give back for. A service does: see `service::memory`.
//!
//! What it keeps it gets in large pages, where the system gives them to who asks (`transparent_hugepage` is `madvise` or `always`): half of the
//! page faults that were left, and a tenth of the time of most questions. glibc has a tunable for it, which counts only when the process
//! begins.

pub use heaps::{keep_freed_memory, use_large_pages};

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "glibc and the system offer it to C alone")]
mod heaps {
    use std::hint::black_box;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Pieces up to this size come from the heaps; glibc takes no larger limit (mallopt(3)).
    const LARGEST_PIECE: libc::c_int = 32 << 20;

    /// Free bytes that a heap keeps at its end.
    const KEPT: libc::c_int = 256 << 20;

    /// What a thread's heap takes of the address space, and a multiple of which it begins at (`HEAP_MAX_SIZE` of glibc's `arena.c`, on 64 bits).
    const HEAP: usize = 64 << 20;

    /// Bytes by which a heap grows at least. Memory that is not touched takes nothing; a heap that grows in small steps gets no large pages.
    const GROWTH: libc::c_int = HEAP as libc::c_int;

    /// Enough to have the first heap grow.
    const FIRST_PIECE: usize = 1 << 20;

    const PAGE: usize = 4096;

    static IS_KEPT: AtomicBool = AtomicBool::new(false);

    /// Keeps what is freed for what is allocated next, in the whole process, instead of giving it back to the system: for a command that
    /// ends soon. Of effect on glibc alone.
    pub fn keep_freed_memory() {
        // SAFETY: it takes numbers, locks what it changes, and refuses what it cannot do (mallopt(3)).
        unsafe {
            // Without the first, the second makes things worse: large pieces would never come from a heap.
            if libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_PIECE) != 1 {
                return;
            }
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
            libc::mallopt(libc::M_TOP_PAD, GROWTH);
        }
        IS_KEPT.store(true, Ordering::Relaxed);
        let piece = black_box(Vec::<u8>::with_capacity(FIRST_PIECE));
        advise(piece.as_ptr().addr() & !(PAGE - 1), HEAP);
    }

    /// Asks for large pages for the heap of the thread that calls it, in a process whose freed memory is kept.
    pub fn use_large_pages() {
        if IS_KEPT.load(Ordering::Relaxed) {
            let piece = black_box(Vec::<u8>::with_capacity(PAGE));
            advise(piece.as_ptr().addr() & !(HEAP - 1), HEAP);
        }
    }

    fn advise(from: usize, length: usize) {
        // SAFETY: the advice changes no contents and no access, whatever lies there; where nothing does, it is refused (madvise(2)).
        unsafe {
            libc::madvise(std::ptr::without_provenance_mut(from), length, libc::MADV_HUGEPAGE);
        }
    }
}

/// Elsewhere than on glibc allocators keep what they need themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod heaps {
    /// Does nothing.
    pub fn keep_freed_memory() {}

    /// Does nothing.
    pub fn use_large_pages() {}
}
