//! Staying signed in: sessions that are refreshed without anybody noticing, by whoever asks, however often and however
//! late; and those that are not, because they were signed out, stolen or forgotten.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, StatusCode};
use sealgate_origin::config::Config;
use sealgate_test_database::Engine;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::relay::Relay;
use sealgate_tests::stack::{DEMO, Stack};
use serde_json::{Value, json};
use sqlx::Connection as _;

mod actors;
mod bearer;
mod bodies;
mod csrf;
mod expiry;
mod forged;
mod fresh;
mod late;
mod logout;
mod outage;
mod planted;
mod racing;
mod restored;
mod reuse;
mod rotation;
mod sockets;
mod transparent;
mod waiting;

pub(crate) const ACCESS: &str = "__Host-sg";
pub(crate) const REFRESH: &str = "__Host-sg_refresh";
pub(crate) const CSRF: &str = "__Host-sg_csrf";

/// The longest an access token lives.
pub(crate) const LIFETIME: Duration = Duration::from_mins(15);
/// How long a refresh may be repeated.
pub(crate) const WINDOW: Duration = Duration::from_mins(1);

/// Everything, with a place before the edge and one between the edge and the origin where the story can hold things up.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) front: Relay,
    pub(crate) back: Relay,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_on(Engine::Sqlite, |_| {}, |_| {}).await
    }

    pub(crate) async fn start_on(
        engine: Engine,
        change_origin: impl FnOnce(&mut Config),
        change_edge: impl FnOnce(&mut Value),
    ) -> Self {
        let (front, back) = (Relay::start().await, Relay::start().await);
        let stack = Stack::start_on_with(engine, change_origin, |settings| {
            back.stand_before(&mut settings["origin_private"]);
            change_edge(settings);
        })
        .await;
        front.turn_to(stack.edge.address());
        Self { stack, front, back }
    }

    /// As [`Self::start`], with the application of this address in the place of the kit's own.
    pub(crate) async fn start_before(address: &str) -> Self {
        let address = address.to_owned();
        Self::start_on(Engine::Sqlite, |_| {}, |settings| settings["tenants"][0]["upstream"] = json!(address)).await
    }

    /// A browser without cookies, which reaches the edge by way of the relay before it.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.front.address(), DEMO)
    }

    /// A browser in which `actor` is signed in, with these fields besides, and the session.
    pub(crate) async fn signed_in_with(&self, actor: &str, fields: Value) -> (Browser, Value) {
        let minted = self.stack.origin.mint_with(actor, fields).await;
        let mut browser = self.browser();
        browser.keep_session(&minted);
        (browser, minted["session"].clone())
    }

    pub(crate) async fn signed_in(&self, actor: &str) -> (Browser, Value) {
        self.signed_in_with(actor, json!({})).await
    }

    /// Lets every access token expire that there is.
    pub(crate) async fn expire(&self) {
        self.stack.advance(LIFETIME).await;
    }

    /// How often the edge has asked the origin to refresh.
    pub(crate) fn refreshes(&self) -> usize {
        self.back.count("/internal/refresh")
    }

    /// Why a session was revoked, if it was.
    pub(crate) async fn revoked_reason(&self, session: &Value) -> Option<String> {
        let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
        let row = self.stack.origin.ask(Method::GET, &path, None).await.json();
        let row = row.get("session").unwrap_or(&row);
        row["revoked_reason"].as_str().map(str::to_owned)
    }

    /// Changes rows behind the origin's back.
    pub(crate) async fn change_database(&self, sql: &'static str) {
        let database = self.stack.database().expect("the story has a database of its own");
        if let Some(database) = database.postgres() {
            sqlx::query(sql).execute(&mut database.connect().await).await.unwrap();
        } else {
            let mut file = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
            sqlx::query(sql).execute(&mut file).await.unwrap();
        }
    }

    /// The number that a statement answers.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        let database = self.stack.database().expect("the story has a database of its own");
        if let Some(database) = database.postgres() {
            sqlx::query_scalar(sql).fetch_one(&mut database.connect().await).await.unwrap()
        } else {
            let mut file = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut file).await.unwrap()
        }
    }

    /// What the audit log has of refresh tokens that honest clients do not show, oldest first: the event, and the session.
    pub(crate) async fn audit(&self) -> Vec<(String, String)> {
        const SQL: &str =
            "select event, session from audit where event in ('session.reuse', 'session.late') order by id";
        let database = self.stack.database().expect("the story has a database of its own");
        if let Some(database) = database.postgres() {
            sqlx::query_as(SQL).fetch_all(&mut database.connect().await).await.unwrap()
        } else {
            let mut file = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
            sqlx::query_as(SQL).fetch_all(&mut file).await.unwrap()
        }
    }
}

/// That a request was let in, as whom it should.
pub(crate) fn expect_in(answer: &Answer, session: &Value, what: &str) {
    assert_eq!(answer.status, StatusCode::OK, "{what}: {answer:?}");
    assert_eq!(answer.seen("x-sealgate-session").as_deref(), session["id"].as_str(), "{what}");
}

/// That a request was refused, for this reason.
pub(crate) fn expect_out(answer: &Answer, code: &str, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, code), "{what}: {answer:?}");
}

/// That an answer brings a whole new set of our cookies, which no cache keeps.
pub(crate) fn expect_new_cookies(answer: &Answer, what: &str) {
    assert_eq!(names_set(answer), [ACCESS, REFRESH, CSRF], "{what}: {answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
}

/// The names of the cookies of ours that an answer sets or removes, in the order in which they come.
pub(crate) fn names_set(answer: &Answer) -> Vec<String> {
    let names = answer.set_cookies().into_iter().map(|line| line.split_once('=').unwrap().0.to_owned());
    names.filter(|name| name.starts_with("__Host-sg")).collect()
}

/// The generation that a refresh token names: behind the 16 bytes of the session, a varint (docs/FORMAT.md).
pub(crate) fn generation(token: &str) -> u32 {
    let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(2).expect("a refresh token has a body")).unwrap();
    let mut number = 0;
    for (position, byte) in body[16..].iter().enumerate() {
        number |= u32::from(byte & 0x7F) << (7 * position);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// The generation that the browser holds.
pub(crate) fn generation_of(browser: &Browser) -> u32 {
    generation(&browser.cookies[REFRESH])
}
