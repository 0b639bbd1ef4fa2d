//! A database that was made by the binary of before, brought forward. `../fixtures/README.md` says how it was made.

use std::path::Path;
use std::process::Command;

use sealgate_origin::app::App;
use sealgate_origin::clock::{Clock, MovableClock};
use sealgate_origin::config::{Config, KekSource};
use sealgate_origin::vault::Keks;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};

use crate::kit::Ask;

/// A copy of the database, and what was known when it was made.
struct Fixture {
    folder: tempfile::TempDir,
    known: Value,
}

impl Fixture {
    fn copy() -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixtures.join("issue_a.db"), folder.path().join("sealgate.db")).unwrap();
        let known: Value = serde_json::from_slice(&std::fs::read(fixtures.join("issue_a.json")).unwrap()).unwrap();
        // As it lay beside the database.
        let dev = json!({ "edge_secret": known["edge_secret"], "service_token": known["service_token"] });
        std::fs::write(folder.path().join("dev.json"), dev.to_string()).unwrap();
        Self { folder, known }
    }

    fn text(&self, name: &str) -> &str {
        self.known[name].as_str().unwrap()
    }

    fn session(&self, name: &str) -> &Value {
        self.known["sessions"].as_array().unwrap().iter().find(|session| session["name"] == name).unwrap()
    }

    /// Today's origin on it, a second after the last thing that happened there.
    async fn start(&self) -> App {
        let mut config = Config::development(self.folder.path());
        config.kek = KekSource::Given(Keks::parse(self.text("kek")).unwrap());
        let made_at = UnixMillis::new(self.known["made_at_ms"].as_u64().unwrap()).unwrap();
        let clock = MovableClock::starting_at(made_at.plus(1_000));
        App::build(&config, Clock::from(clock)).await.unwrap()
    }

    fn browser(&self, app: &App, session: &Value) -> Ask {
        let edge: EdgeId = "dev".parse().unwrap();
        let secret = EdgeSecret::new(Secret32::from_base64url(self.text("edge_secret")).unwrap());
        Ask::new(app.public_router(), "GET", "/auth/session")
            .header("x-sealgate-edge", &secret.credential(&edge))
            .header("x-sealgate-tenant", "demo")
            .header("x-sealgate-host", "demo.test")
            .header("x-sealgate-proto", "https")
            .cookie(session["cookie"].as_str().unwrap())
    }

    fn backend(&self, app: &App, method: &str, path: &str) -> Ask {
        Ask::new(app.private_router(), method, path).bearer(self.text("service_token"))
    }

    /// Runs today's command line on it.
    fn command(&self, words: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sealgate"))
            .args(words.split(' '))
            .env_clear()
            .env("SEALGATE_DATA_DIR", self.folder.path())
            .env("SEALGATE_KEK", self.text("kek"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test]
async fn its_sessions_are_alive_and_say_the_same() {
    let fixture = Fixture::copy();
    let app = fixture.start().await;
    for name in ["ordinary", "remembered", "after-rotation"] {
        let session = fixture.session(name);
        let answer = fixture.browser(&app, session).send().await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_eq!(answer.json()["session"]["id"], session["id"]);
        assert_eq!(answer.json()["csrf_token"], session["csrf_token"], "forms that are open go on working");
    }
    for session in fixture.known["sessions"].as_array().unwrap() {
        let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
        let shown = fixture.backend(&app, "GET", &path).send().await.json();
        for (field, value) in session["shown"].as_object().unwrap() {
            assert_eq!(shown[field], *value, "{} of {}", field, session["name"]);
        }
    }
}

#[tokio::test]
async fn what_was_revoked_stays_revoked_and_the_sequence_goes_on() {
    let fixture = Fixture::copy();
    let app = fixture.start().await;
    for name in ["revoked", "signed-out-elsewhere"] {
        fixture.browser(&app, fixture.session(name)).refused(401, "revoked").await;
    }
    let store = app.office().store();
    let standing = store.standing().await.unwrap();
    assert_eq!((standing.position.epoch, standing.position.sequence), (1, 2));
    assert_eq!(store.revocations_after(0).await.unwrap().len(), 2);
    let ordinary = fixture.session("ordinary");
    let path = format!("/v1/sessions/{}", ordinary["id"].as_str().unwrap());
    assert_eq!(fixture.backend(&app, "DELETE", &path).send().await.status, 200);
    fixture.browser(&app, ordinary).refused(401, "revoked").await;
    assert_eq!(store.revocations_after(2).await.unwrap()[0].sequence, 3);
}

#[tokio::test]
async fn its_credentials_and_keys_are_good() {
    let fixture = Fixture::copy();
    let app = fixture.start().await;
    let mint = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "new" });
    let mint = async || fixture.backend(&app, "POST", "/v1/sessions").json(&mint).send().await;
    assert_eq!(mint().await.status, 201);
    assert!(app.office().try_every_secret().await.unwrap().failures.is_empty());
    let rotated = fixture.command("keys rotate --tenant demo");
    assert!(rotated.contains("active"), "{rotated}");
    assert_eq!(mint().await.status, 201);
    let answer = fixture.browser(&app, fixture.session("remembered")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn the_command_line_brings_it_forward_step_by_step() {
    let fixture = Fixture::copy();
    let applied = fixture.command("migrate");
    let expected = ["0004_key_life", "0005_tenant_life", "0006_revocation_marks", "0007_session_indexes"];
    let expected: Vec<String> = expected.iter().map(|step| format!("applied  {step}")).collect();
    assert_eq!(applied.lines().take(4).collect::<Vec<_>>(), expected);
    assert!(fixture.command("migrate --check --json").contains("\"missing\":[]"));
}
