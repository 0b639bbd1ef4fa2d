//! `sealgate completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, CliError, Out};

/// Print a script that completes sealgate's commands and flags in a shell
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate completions bash > /etc/bash_completion.d/sealgate\n  \
    sealgate completions zsh > ~/.zfunc/_sealgate\n  \
    sealgate completions fish > ~/.config/fish/completions/sealgate.fish")]
pub(super) struct Completions {
    /// bash, zsh, fish, elvish or powershell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, out: Out<'_>) -> Result<(), CliError> {
        // The generator panics when it cannot write; into memory it can.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sealgate", &mut script);
        Ok(out.write_all(&script)?)
    }
}
