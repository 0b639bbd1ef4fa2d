//! Settings that are in order, each by itself, and not what anybody wants together.

use std::net::SocketAddr;

use super::report::Report;
use crate::config::Config;

const CHECK: &str = "config";

pub(super) fn check(config: &Config, report: &mut Report) {
    let open = |address: &SocketAddr| !address.ip().is_loopback();
    if config.mode.is_dev() && [&config.listen_public, &config.listen_private].into_iter().any(open) {
        report.problem(
            CHECK,
            "development, and listening on addresses that others reach: anybody may sign in under any name",
            "Run with --mode production, or listen on 127.0.0.1.",
        );
    } else if config.mode.is_dev() {
        report.ok(CHECK, format!("development, in {}", config.data_dir.display()));
    } else {
        report.ok(CHECK, format!("production, in {}", config.data_dir.display()));
    }
    if !config.mode.is_dev() && config.listen_private.ip().is_unspecified() {
        report.warning(
            CHECK,
            format!("the private listener is on {}, every network of this machine", config.listen_private),
            "Listen on the address that edges and backends reach, or see that a firewall keeps others out.",
        );
    }
    let limits = [
        ("auth_rate", config.limits.auth),
        ("auth_write_rate", config.limits.auth_write),
        ("credential_failures", config.limits.credential_failures),
    ];
    for (name, _) in limits.iter().filter(|(_, rate)| rate.is_none()) {
        report.warning(
            CHECK,
            format!("{name} is off"),
            "Leave it at its default unless something else limits callers.",
        );
    }
}
