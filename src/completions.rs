//! `poterne completions`: what a shell needs to complete the command's words.

use clap::{Args, Command};
use clap_complete::Shell;

/// Options of `poterne completions`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne completions bash > /etc/bash_completion.d/poterne")]
pub struct CompletionsArgs {
    /// For which shell.
    shell: Shell,
}

/// Prints the completions.
pub fn run(args: &CompletionsArgs, mut command: Command) {
    clap_complete::generate(args.shell, &mut command, "poterne", &mut std::io::stdout());
}
