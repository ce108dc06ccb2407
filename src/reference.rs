//! The reference of all commands, made from what they themselves say: `docs/COMMANDS.md`.

use clap::Command;
use std::fmt::Write;

/// The page, of every command that is shown.
#[must_use]
pub fn page(mut root: Command) -> String {
    root.build();
    let mut page = String::from(
        "# The commands\n\nWhat `poterne COMMAND --help` says, of every command. Made by `scripts/commands.sh`; a test fails when it is \
         not current.\n\nEvery command that prints takes `--json`: one line, whose fields are named under «JSON» and stay; more may \
         come. Times are RFC 3339 in UTC, days `YYYY-MM-DD`.\n\n| exit code | means |\n|---|---|\n| 0 | done, and what it looked at is \
         in order |\n| 1 | it could not be done; standard error says why and what to do |\n| 2 | the command line makes no sense |\n| 3 \
         | it looked, and found something that wants a hand |\n",
    );
    for (name, mut command) in leaves(&root, "poterne") {
        let help = command.render_long_help().to_string();
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        // Writing to a text cannot fail.
        let _: std::fmt::Result = write!(page, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end());
    }
    page
}

/// Every command that does something, by its whole name, but for hidden ones.
fn leaves(command: &Command, name: &str) -> Vec<(String, Command)> {
    let below: Vec<&Command> =
        command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help").collect();
    if below.is_empty() {
        return vec![(name.to_owned(), command.clone())];
    }
    below.into_iter().flat_map(|below| leaves(below, &format!("{name} {}", below.get_name()))).collect()
}

#[cfg(test)]
mod tests {
    use super::leaves;
    use crate::Cli;
    use clap::CommandFactory;

    /// They print what is no answer: pages until they are stopped, or a script for a shell.
    const WITHOUT_JSON: [&str; 2] = ["poterne serve", "poterne completions"];

    #[test]
    fn every_command_has_an_example_json_and_help_that_fits_a_terminal() {
        let mut root = Cli::command();
        root.build();
        let all = leaves(&root, "poterne");
        assert!(all.len() > 20, "only {} commands were found", all.len());
        let mut wrong = Vec::new();
        for (name, mut command) in all {
            let help = command.render_long_help().to_string();
            let mut check = |right: bool, what: &str| {
                if !right {
                    wrong.push(format!("{name}: {what}"));
                }
            };
            check(help.contains("Example"), "no example");
            check(help.lines().any(|line| line.trim_start().contains(&name)), "the example does not show the command");
            if !WITHOUT_JSON.contains(&name.as_str()) {
                check(help.contains("--json"), "no --json");
                check(help.contains("\nJSON"), "its JSON is not described");
            }
            for line in help.lines().filter(|line| line.chars().count() > 80) {
                check(false, &format!("wider than 80 characters: {line}"));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    fn no_two_options_are_in_each_others_way() {
        Cli::command().debug_assert();
    }
}
