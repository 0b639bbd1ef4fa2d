//! Reading a client's secret: never from the command line, which other users see.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::CliError;
use crate::oidc::ProviderSecret;

const FLAG: &str = "--client-secret-file";

/// Reads the secret from the file, `-` being standard input; where somebody sits there, they are asked.
pub(super) fn read(path: &Path) -> Result<ProviderSecret, CliError> {
    let text = Zeroizing::new(if path != Path::new("-") {
        fs::read_to_string(path)
            .map_err(|error| CliError::Argument(FLAG, format!("cannot read {}: {error}", path.display())))?
    } else if io::stdin().is_terminal() {
        rpassword::prompt_password("The client's secret: ")?
    } else {
        let mut text = String::new();
        let read = io::stdin().take(4_096).read_to_string(&mut text);
        read.map_err(|error| CliError::Argument(FLAG, format!("cannot read standard input: {error}")))?;
        text
    });
    text.trim_end_matches(['\r', '\n']).parse().map_err(|error| CliError::Argument(FLAG, format!("{error}")))
}
