//! Rebuilds this crate when a built-in rule changes: the compiler does not know that they are in the binary.

#[allow(clippy::print_stdout, reason = "how a build script talks to cargo")]
fn main() {
    println!("cargo::rerun-if-changed=../../content/detections");
}
