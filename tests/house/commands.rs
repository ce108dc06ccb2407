//! `docs/COMMANDS.md` says of every command what the command says of itself.

use std::path::Path;
use std::process::Command;

#[test]
fn the_reference_of_the_commands_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The settings that a shell may name would stand in the help.
    let mut program = Command::new(env!("CARGO_BIN_EXE_poterne"));
    let made = program.arg("reference").env_remove("POTERNE_CONFIG").output().expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let kept = std::fs::read_to_string(root.join("docs/COMMANDS.md")).expect("docs/COMMANDS.md can be read");
    assert!(kept == String::from_utf8_lossy(&made.stdout), "docs/COMMANDS.md is not current: run scripts/commands.sh");
}
