//! azfob's command line.
fn main() {}
