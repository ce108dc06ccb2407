//! Where commands find the settings: a file, from whatever folder they are called; variables alone; and what is said where there is nothing.

use crate::serving::{done, poterne, program};
use crate::support::program::Ground;
use std::process::Command;

/// A command in a folder, with nothing of this process's own settings.
fn in_folder(ground: &Ground, folder: &str, words: &[&str]) -> Command {
    let mut command = program();
    command.args(words).current_dir(ground.at(folder));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("POTERNE_")) {
        command.env_remove(name);
    }
    command
}

#[test]
fn a_provider_is_set_up_in_one_folder_and_commanded_from_another() {
    let ground = Ground::fresh();
    for folder in ["here", "elsewhere"] {
        std::fs::create_dir(ground.at(folder)).expect("a folder");
    }
    done(in_folder(&ground, "here", &["init", "--dir", "settings", "--database", "poterne.sqlite"]));
    let config = ground.at("here/settings/poterne.toml");
    let mut migrate = poterne(&config, &["migrate"]);
    migrate.current_dir(ground.at("elsewhere"));
    assert!(done(migrate).contains("Applied"));
    assert!(ground.at("here/poterne.sqlite").is_file() && !ground.at("elsewhere/poterne.sqlite").exists());
}

#[test]
fn variables_alone_are_enough_for_every_command() {
    let ground = Ground::fresh();
    std::fs::create_dir(ground.at("empty")).expect("a folder");
    done(in_folder(&ground, "", &["init", "--dir", "settings"]));
    let by_variables = |words: &[&str]| {
        let mut command = in_folder(&ground, "empty", words);
        command.env("POTERNE_PUBLIC_URL", "https://id.example.ch");
        command.env("POTERNE_DATABASE__URL", format!("sqlite:{}", ground.at("settings/poterne.sqlite").display()));
        command.env("POTERNE_MASTER_KEY__KEY_FILE", ground.at("settings/master.key"));
        done(command)
    };
    by_variables(&["migrate"]);
    let document = format!("{}/examples/lindenhof.toml", env!("CARGO_MANIFEST_DIR"));
    by_variables(&["realm", "apply", &document, "--yes"]);
    let one = std::fs::read_to_string(&document).expect("the document").replacen("#0b5c4a", "#0b5c4b", 1);
    std::fs::write(ground.at("one.toml"), one).expect("a file");
    assert!(
        by_variables(&["realm", "apply", &ground.at("one.toml").to_string_lossy(), "--yes"]).contains("differs in one value:")
    );
    assert!(by_variables(&["client", "list", "--realm", "lindenhof"]).contains("lindenhof-flex"));
    assert!(by_variables(&["backup", "create", "--out", "copy.sqlite"]).contains("It is whole"));
}

#[test]
fn without_settings_a_command_says_what_is_missing_and_how_to_come_by_it() {
    let ground = Ground::fresh();
    let said = |words: &[&str]| {
        let output = in_folder(&ground, "", words).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    let nothing = said(&["serve"]);
    for words in ["public_url is missing", "no poterne.toml here", "poterne init", "--config", "POTERNE_PUBLIC_URL"] {
        assert!(nothing.contains(words), "{words}: {nothing}");
    }
    std::fs::write(ground.at("poterne.toml"), "").expect("a file");
    assert!(said(&["serve"]).contains("poterne.toml: public_url is missing: set it there"));
}
