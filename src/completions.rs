//! `poterne completions`: what a shell needs to complete the command's words.

use crate::answer;
use clap::{Args, Command};
use clap_complete::Shell;

/// Options of `poterne completions`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne completions bash > /etc/bash_completion.d/poterne")]
pub struct CompletionsArgs {
    /// For which shell.
    shell: Shell,
}

/// Prints the completions, without the commands that are hidden.
///
/// # Errors
/// In words: they could not be shown.
pub fn run(args: &CompletionsArgs, whole: &Command) -> Result<(), String> {
    let shown = whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let mut command = Command::new("poterne").args(whole.get_arguments().cloned()).subcommands(shown);
    // Not onto standard output at once: the library panics where its reader has gone.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "poterne", &mut script);
    answer::say(String::from_utf8_lossy(&script).trim_end())
}
