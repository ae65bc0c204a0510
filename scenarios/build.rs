//! Builds again when a scenario changes: the catalog is embedded by a macro that cannot say so itself.

fn main() {
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=shared");
}
