//! Rebuilds the crate when an embedded blueprint or example changes.

fn main() {
    for folder in ["blueprints", "examples"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
