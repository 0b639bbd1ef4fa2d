//! A backup that was restored: it has forgotten what was revoked since, and is behind what edges have seen of it.

use std::time::Duration;

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_origin::office::AfterRestore;
use sealgate_origin::store::{BackupOutcome, Location};
use sealgate_shared::keyring::KeyringDocument;
use sealgate_test_database::Postgres;
use serde_json::json;

use crate::kit::{Answer, Ask, Minted, Origin};

/// A copy of the database as it is now.
async fn back_up(origin: &Origin) -> Location {
    match &origin.config.database {
        Location::Sqlite(_) => {
            let file = origin.folder.path().join("backup.db");
            assert_eq!(origin.app.office().store().back_up(&file).await.unwrap(), BackupOutcome::Done);
            Location::Sqlite(file)
        }
        Location::Postgres(options) => {
            let name = options.get_database().unwrap().to_owned();
            let mut admin = Postgres::shared().admin().await;
            // A database is copied while nobody is connected to it.
            for sql in [
                format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
                format!("create database \"{name}-copy\" owner \"{name}\" template \"{name}\""),
            ] {
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
            }
            Location::Postgres(Box::new((**options).clone().database(&format!("{name}-copy"))))
        }
    }
}

/// What happened between the backup and its restoration.
pub(crate) struct Story {
    pub(crate) origin: Origin,
    /// Revoked after the backup was made.
    revoked: Minted,
    /// Live all the time.
    pub(crate) live: Minted,
    /// Made after the backup.
    late: Minted,
    /// The version of the keyring that an edge holds.
    pub(crate) held: u64,
    config: Config,
}

impl Story {
    pub(crate) async fn tell(then: AfterRestore) -> Self {
        let origin = Origin::start().await;
        let (revoked, live) = (origin.mint().await, origin.mint().await);
        let backup = back_up(&origin).await;
        // On PostgreSQL the copying cut all connections; another process takes over.
        let origin = Origin { app: origin.start_another().await, ..origin };
        origin.v1("DELETE", &format!("/v1/sessions/{}", revoked.id)).send().await;
        let late = origin.mint().await;
        for edge in ["one", "two", "three"] {
            origin.create_edge(edge, &["demo"]).await;
        }
        let held = version(&origin.internal("GET", "/internal/keyring").send().await);
        let mut config = origin.config.clone();
        config.database = backup;
        config.after_restore = then;
        Self { origin, revoked, live, late, held, config }
    }

    /// Starts an origin on the backup.
    pub(crate) async fn restore(&self) -> App {
        App::build(&self.config, Clock::from(self.origin.clock.clone())).await.unwrap()
    }

    /// Starts an origin on a copy of the backup, so that there can be another.
    pub(crate) async fn restore_copy(&self, name: &str) -> App {
        let mut config = self.config.clone();
        config.database = match &self.config.database {
            Location::Sqlite(file) => {
                let copy = self.origin.folder.path().join(name);
                std::fs::copy(file, &copy).unwrap();
                Location::Sqlite(copy)
            }
            Location::Postgres(options) => {
                let backup = options.get_database().unwrap();
                let mut admin = Postgres::shared().admin().await;
                let owner = backup.trim_end_matches("-copy");
                let sql = format!("create database \"{backup}-{name}\" owner \"{owner}\" template \"{backup}\"");
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
                Location::Postgres(Box::new((**options).clone().database(&format!("{backup}-{name}"))))
            }
        };
        App::build(&config, Clock::from(self.origin.clock.clone())).await.unwrap()
    }

    /// An edge asks for the keyring, and says which one it holds.
    async fn ask_keyring(&self, app: &App, held: u64) -> Answer {
        let ask =
            Ask::new(app.private_router(), "GET", "/internal/keyring").header("x-sealgate-edge", &self.origin.edge);
        ask.header("if-none-match", &format!("\"{held}\"")).send().await
    }

    pub(crate) async fn check(&self, app: &App, session: &Minted) -> String {
        let ask =
            Ask::new(app.private_router(), "POST", "/internal/check").header("x-sealgate-edge", &self.origin.edge);
        let answer = ask.json(&json!({ "tenant": "demo", "session": session.id })).send().await;
        answer.json()["status"].as_str().unwrap().to_owned()
    }
}

fn version(answer: &Answer) -> u64 {
    answer.headers["etag"].to_str().unwrap().trim_matches('"').parse().unwrap()
}

async fn epoch(app: &App) -> u64 {
    app.office().store().standing().await.unwrap().position.epoch
}

#[tokio::test]
async fn an_edge_that_has_seen_more_makes_the_restored_database_begin_an_epoch_and_end_what_it_cannot_vouch_for() {
    let story = Story::tell(AfterRestore::EndSessions).await;
    let app = story.restore().await;
    assert_eq!(story.check(&app, &story.revoked).await, "live", "the backup does not know better");
    let before = epoch(&app).await;

    let answer = story.ask_keyring(&app, story.held).await;
    assert_eq!(answer.status, 200);
    assert!(version(&answer) > story.held, "an older ring would be ignored");
    let begun = epoch(&app).await;
    assert!(begun > before);
    for session in [&story.revoked, &story.live, &story.late] {
        assert_eq!(story.check(&app, session).await, "revoked");
    }
    // Not a token of before passes at an edge, its session being known to the backup or not.
    let document = KeyringDocument::open(&answer.body, &"dev".parse().unwrap(), &story.origin.edge_secret()).unwrap();
    let ring = document.to_ring().unwrap();
    for session in [&story.revoked, &story.live, &story.late] {
        let sealed = sealgate_shared::token::Sealed::parse(&session.access).unwrap();
        assert!(ring.check_key(sealed.kid()).is_err());
    }

    // The next edge that was ahead finds everything done.
    story.ask_keyring(&app, story.held).await;
    assert_eq!(epoch(&app).await, begun);
}

#[tokio::test]
async fn sessions_go_on_where_the_operator_says_so() {
    let story = Story::tell(AfterRestore::KeepSessions).await;
    let app = story.restore().await;
    let before = epoch(&app).await;
    let answer = story.ask_keyring(&app, story.held).await;
    assert!(version(&answer) > story.held);
    assert!(epoch(&app).await > before);
    assert_eq!(story.check(&app, &story.live).await, "live");
    assert_eq!(story.check(&app, &story.revoked).await, "live", "which is the price");
    assert_eq!(story.check(&app, &story.late).await, "revoked");
}

#[tokio::test]
async fn an_origin_that_runs_while_its_database_is_replaced_notices_by_itself() {
    let story = Story::tell(AfterRestore::EndSessions).await;
    let app = story.restore().await;
    let origin = Origin { app, config: story.config.clone(), ..story.origin };
    let before = epoch(&origin.app).await;
    // What it saw last is what the database had before.
    origin.database().await.execute("update counters set value = value - 1 where name = 'keyring'").await.unwrap();
    origin.app.office().follow().await.unwrap();
    assert!(epoch(&origin.app).await > before);
    assert_eq!(origin.check(&story.live.id).await, "revoked");
}

#[tokio::test]
async fn what_a_process_left_half_done_the_next_one_finishes() {
    let story = Story::tell(AfterRestore::EndSessions).await;
    let app = story.restore().await;
    assert!(app.office().store().begin_epoch(None, false, story.origin.app.office().now()).await.unwrap());
    assert_eq!(story.check(&app, &story.live).await, "live", "it stopped before it ended anything");
    let next = story.restore().await;
    assert_eq!(story.check(&next, &story.live).await, "revoked");
    // Sessions of the new epoch are vouched for.
    let again = Origin { app: next, ..story.origin };
    let new = again.mint().await;
    again.wait(Duration::from_secs(1));
    let third = App::build(&story.config, Clock::from(again.clock.clone())).await.unwrap();
    assert!(third.office().store().is_vouched().await.unwrap());
    assert_eq!(again.check(&new.id).await, "live");
}
