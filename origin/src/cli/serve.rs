//! `sealgate serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::CliError;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, ServeFlags};

/// Run the origin until SIGINT or SIGTERM.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate serve --mode dev\n  \
    SEALGATE_KEK_FILE=/run/secrets/kek sealgate serve --config /etc/sealgate.toml")]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) flags: ServeFlags,
}

pub(super) async fn run(config: &Config, clock: Clock) -> Result<ExitCode, CliError> {
    // Before anything is announced: a signal that comes early must not be lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let app = App::build(config, clock).await?;
    let public = listen(config.listen_public).await?;
    let private = listen(config.listen_private).await?;
    tracing::info!(
        public = %public.local_addr()?,
        private = %private.local_addr()?,
        dev = config.mode.is_dev(),
        "listening"
    );
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    app.serve(public, private, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| CliError::Listen(address.to_string(), error))
}
