//! `/auth/break-glass`: operators sign in by a password when nothing else is left.

mod guessing;
mod invisible;
mod parallel;
mod same_work;
mod signing_in;
mod told;

use sealgate_origin::app::App;
use sealgate_origin::credential::Password;
use sealgate_origin::office::{BreakGlassSet, SetBreakGlass};
use sealgate_origin::session::Actor;
use sealgate_origin::store::RolesChange;

use crate::kit::{Answer, Ask, Origin};

const PATH: &str = "/auth/break-glass";
const RIGHT: &str = "correct horse battery";
/// Where the operator sits, and where somebody else does.
const HERE: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.66";

/// An origin whose tenant `demo` has an account.
async fn start() -> Origin {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut sealgate_origin::config::Config)) -> Origin {
    let origin = Origin::start_with(|config| {
        // What is tried here is how passwords are limited, and not requests.
        config.limits.auth_write = None;
        // Machines that run tests have other things to do.
        config.request_timeout = std::time::Duration::from_mins(10);
        config.server.statement_timeout = std::time::Duration::from_mins(10);
        change(config);
    })
    .await;
    set(&origin, "ada", RIGHT).await;
    origin
}

async fn set(origin: &Origin, account: &str, password: &str) -> usize {
    let (tenant, actor) = ("demo".parse().unwrap(), operator(account));
    let password = Password::new(password.to_owned());
    let (roles, assurance) = (RolesChange::Keep, None);
    let set = SetBreakGlass { tenant: &tenant, actor: &actor, password, roles, assurance };
    match origin.app.office().set_break_glass(set).await.unwrap() {
        BreakGlassSet::Set(set) => set.ended.len(),
        other => panic!("{other:?}"),
    }
}

fn operator(account: &str) -> Actor {
    Actor { kind: "operator".parse().unwrap(), id: account.parse().unwrap() }
}

/// A password shown at an origin, by a browser that is at that address.
fn guess_at(app: &App, edge: &str, account: &str, password: &str, address: &str) -> Ask {
    let form = format!("name={account}&password={}", password.replace(' ', "+"));
    Ask::new(app.public_router(), "POST", PATH).handed_on_by(edge).client(address).form(&form)
}

fn guess(origin: &Origin, account: &str, password: &str, address: &str) -> Ask {
    guess_at(&origin.app, &origin.edge, account, password, address)
}

/// Guesses wrong so many times.
async fn fail(origin: &Origin, times: u32, address: &str) {
    for _ in 0..times {
        refused(&guess(origin, "ada", "wrong horse battery", address).send().await);
    }
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.set_cookies().is_empty());
}

#[track_caller]
fn signed_in(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.set_cookies()[0].split(';').next().unwrap().to_owned()
}

/// How many passwords came to this end, by the metrics.
async fn count(app: &App, outcome: &str) -> u64 {
    let text = Ask::new(app.private_router(), "GET", "/metrics").send().await.text();
    let name = format!("sealgate_break_glass_total{{outcome=\"{outcome}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

/// What was written down of one kind, newest first: who it was about, and the detail.
async fn written(origin: &Origin, event: &str) -> Vec<(Option<String>, Option<String>)> {
    let sql = format!("select actor_id, detail from audit where event = '{event}' order by id desc");
    origin.database().await.rows(&sql).await
}
