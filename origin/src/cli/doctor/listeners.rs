//! Whether the origin runs here and is ready.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use sealgate_shared::time::UnixMillis;

use super::ask::{Heard, ask};
use super::clock;
use super::report::Report;
use crate::config::Config;

const CHECK: &str = "listeners";

pub(super) async fn check(config: &Config, now: UnixMillis, report: &mut Report) {
    let listeners = [("public", config.listen_public), ("private", config.listen_private)];
    if listeners.iter().any(|(_, address)| address.port() == 0) {
        report.skipped(CHECK, "their ports are chosen anew at each start");
        return;
    }
    let mut answers = Vec::new();
    for (name, address) in listeners {
        answers.push((name, address, ask(format!("http://{}/readyz", reachable(address)), None).await));
    }
    if answers.iter().all(|(.., answer)| answer.is_err()) {
        let message = format!("nothing answers on {} and {}", config.listen_public, config.listen_private);
        report.warning(CHECK, message, "Start the origin with `sealgate serve`; or is it to listen elsewhere?");
        return;
    }
    for (name, address, answer) in answers {
        match answer {
            Err(error) => {
                let advice = "The other listener answers. Is this one configured as `sealgate serve` is?";
                report.problem(CHECK, format!("nothing answers on {address}, the {name} listener: {error}"), advice);
            }
            Ok(heard) => judge(name, address, &heard, now, report),
        }
    }
}

fn judge(name: &str, address: SocketAddr, heard: &Heard, now: UnixMillis, report: &mut Report) {
    match (heard.status, heard.code()) {
        (200, _) if heard.body["status"] == "ready" => {
            report.ok(CHECK, format!("{name} on {address} is ready"));
            clock::compare(CHECK, &format!("the origin on {address}"), heard.date, now, report);
        }
        (_, Some(code)) => {
            let advice = "The origin runs and cannot work: its log says why, and so may the checks above.";
            report.problem(CHECK, format!("{name} on {address} is not ready: {code}"), advice);
        }
        (status, None) => {
            let message = format!("something that is not sealgate answers on {address} (status {status})");
            report.problem(CHECK, message, "Choose another port, or stop what has taken this one.");
        }
    }
}

/// An address that means "all of this machine's" is reached at this machine itself.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}
