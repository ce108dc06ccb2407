//! `docs/acceptance.md` names the tests of each row, and no row is without one.

use std::path::Path;
use std::process::Command;

#[test]
fn the_acceptance_list_is_current_and_every_row_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = Command::new("bash").arg(root.join("scripts/acceptance.sh")).arg("--print").output().expect("bash runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let kept = std::fs::read_to_string(root.join("docs/acceptance.md")).expect("docs/acceptance.md can be read");
    assert!(kept == String::from_utf8_lossy(&made.stdout), "docs/acceptance.md is not current: run scripts/acceptance.sh");
}
