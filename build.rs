//! Rebuilds the crate when an embedded blueprint, example or preset changes.

fn main() {
    for folder in ["blueprints", "examples", "overlays"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
