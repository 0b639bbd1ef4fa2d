//! Why a command failed, and the exit code that says so.

use std::io;
use std::process::ExitCode;

use crate::app::StartError;
use crate::config::ConfigError;
use crate::office::OfficeError;
use crate::store::StoreError;

/// Not there, or refused: the one answer of 'no' that scripts tell from failures.
pub(super) const REFUSED: u8 = 3;
const USAGE: u8 = 2;

/// What the codes mean, as `sealgate help` prints it.
pub(super) const TABLE: &str = "Exit codes:\n  \
    0  done; what was asked about holds\n  \
    1  failed, or a problem was found\n  \
    2  wrong usage or configuration: nothing was touched\n  \
    3  not there, or refused";

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error("there is {0} already")]
    Exists(String),
    #[error("there is no {0}")]
    NotFound(String),
    #[error("{0}")]
    Refused(String),
    #[error("{0}: {1}")]
    Argument(&'static str, String),
    #[error("cannot listen on {0}")]
    Listen(String, #[source] io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl CliError {
    /// The exit code that scripts can tell.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Argument(..) | Self::Start(StartError::Config(_)) => ExitCode::from(USAGE),
            Self::NotFound(_)
            | Self::Refused(_)
            | Self::Office(
                OfficeError::TenantNotFound(_)
                | OfficeError::TenantDisabled(_)
                | OfficeError::EdgeNotFound(_)
                | OfficeError::EdgeNotRotating(_),
            ) => ExitCode::from(REFUSED),
            _ => ExitCode::FAILURE,
        }
    }

    /// Whether whoever read the output has read enough: `sealgate … | head`.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Office(error.into())
    }
}

/// Says what is there already, where that is what went wrong.
pub(super) fn name_existing(error: OfficeError, what: impl Fn() -> String) -> CliError {
    match error {
        OfficeError::Store(StoreError::Exists) => CliError::Exists(what()),
        other => other.into(),
    }
}
