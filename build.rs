//! Rebuilds the crate when an embedded blueprint, preset or example changes.

fn main() {
    for folder in ["blueprints", "examples", "overlays"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
