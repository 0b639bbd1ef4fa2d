//! Where a password comes from: the keyboard, unseen, or one line of standard input. Never from the command line, which others
//! on the machine can read.

use std::io::{self, IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use crate::cli::CliError;
use crate::credential::Password;

/// More than the longest password that is taken.
const ROOM: u64 = 1_024;

/// Asks for a new password, twice, or reads it.
pub(super) fn read() -> Result<Password, CliError> {
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let [password, again] =
        ["Password: ", "Again: "].map(|prompt| rpassword::prompt_password(prompt).map(Password::new));
    let (password, again) = (password?, again?);
    if password.expose() == again.expose() {
        return Ok(password);
    }
    Err(mistake("the two are not the same"))
}

fn read_line() -> Result<Password, CliError> {
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(ROOM).unwrap_or_default()));
    let read = io::stdin().lock().take(ROOM).read_to_string(&mut text);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => mistake("it is not text"),
        _ => error.into(),
    })?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.contains('\n') {
        return Err(mistake("there is more than one line on standard input"));
    }
    Ok(Password::new(line.to_owned()))
}

pub(super) fn mistake(what: &str) -> CliError {
    CliError::Argument("password", what.to_owned())
}
