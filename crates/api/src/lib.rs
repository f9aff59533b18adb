//! Wire forms of every HTTP surface: requests, results, errors. No handlers, no I/O.
