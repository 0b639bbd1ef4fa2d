//! The interface as it describes itself, asked by schemathesis for what is described and for what is not: no answer contradicts
//! the description, and nothing that anybody sends is our fault (5xx).

use std::path::PathBuf;
use std::process::Stdio;

use sealgate_origin::clock::MovableClock;
use sealgate_origin::config::Config;
use sealgate_origin::credential::Password;
use sealgate_origin::limit::LimitSettings;
use sealgate_origin::office::SetBreakGlass;
use sealgate_origin::session::Actor;
use sealgate_origin::store::RolesChange;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_tests::edge::repository;
use sealgate_tests::origin::Origin;
use sealgate_tests::scale;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

/// Whoever is signed out by what is asked has nothing left to ask.
const ENDS: &str = "(auth/login|logout|sign-out-others|/end|sessions)$";
/// Of which form cursors are, and which hosts others have, is not described.
const STRICT: [&str; 2] = ["--exclude-checks", "positive_data_acceptance"];
/// And pages are for people: what they do not understand they let be.
const LENIENT: [&str; 2] = ["--exclude-checks", "positive_data_acceptance,negative_data_rejection"];

struct Site {
    folder: TempDir,
    origin: Origin,
}

impl Site {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config::development(folder.path());
        let limits = LimitSettings { auth: None, auth_write: None, ..LimitSettings::default() };
        config.limits = LimitSettings { auth_edge: None, credential_failures: None, back_channel: None, ..limits };
        let clock = MovableClock::starting_at(UnixMillis::new(1_780_315_200_000).unwrap());
        let origin = Origin::start_configured(&config, &clock).await;
        Self { folder, origin }
    }

    /// Runs schemathesis over the routes of a description. Panics with what it says unless everything is well.
    async fn examine(&self, description: &str, headers: &[(&str, &str)], options: &[&str]) {
        let examples = scale::count(4, 100).to_string();
        let mut program = Command::new("python3");
        program.arg(install().await.join("bin/schemathesis")).arg("run").arg(description);
        program.args(["--phases", "examples,coverage,fuzzing", "--max-examples", &examples]);
        program.args(["--continue-on-failure", "--no-color", "--no-shrink"]);
        program.args(options);
        for (name, value) in headers {
            program.arg("--header").arg(format!("{name}: {value}"));
        }
        program.current_dir(self.folder.path()).env("PYTHONPATH", install().await);
        let done = program.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
        println!("{}", said.lines().rev().find(|line| line.contains("generated")).unwrap_or_default().trim());
    }

    fn edge(&self) -> String {
        let secret = Secret32::from_base64url(self.origin.edge_secret()).unwrap();
        EdgeSecret::new(secret).credential(&"dev".parse().unwrap())
    }

    /// Without a password there is nothing at its path.
    async fn set_break_glass(&self) {
        let set = SetBreakGlass {
            tenant: &"demo".parse().unwrap(),
            actor: &Actor { kind: "operator".parse().unwrap(), id: "ops".parse().unwrap() },
            password: Password::new("correct horse battery staple".to_owned()),
            roles: RolesChange::Keep,
            assurance: Some(0),
        };
        self.origin.app().office().set_break_glass(set).await.unwrap();
    }

    /// Asks as the edge hands on what somebody with a new session asks.
    async fn examine_public(&self, options: &[&str]) {
        let minted = self.origin.mint_with("ada", json!({})).await;
        let cookie = minted["set_cookie"][0].as_str().unwrap().split(';').next().unwrap().to_owned();
        let edge = self.edge();
        let headers = [
            ("X-Sealgate-Edge", edge.as_str()),
            ("X-Sealgate-Tenant", "demo"),
            ("X-Sealgate-Host", "demo.test"),
            ("X-Sealgate-Proto", "https"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Cookie", &cookie),
        ];
        self.examine(&format!("{}/auth/openapi.json", self.origin.public()), &headers, options).await;
    }
}

async fn install() -> PathBuf {
    let done = Command::new(repository().join("scripts/setup")).arg("schemathesis").output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    repository().join(".tools/schemathesis")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backends() {
    let site = Site::start().await;
    let token = format!("Bearer {}", site.origin.service_token());
    let description = format!("{}/v1/openapi.json", site.origin.private());
    let options = [&STRICT[..], &["--exclude-path-regex", "^/v1/tenants"]].concat();
    site.examine(&description, &[("Authorization", &token)], &options).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators() {
    let site = Site::start().await;
    let token = site.origin.app().office().create_operator_token("ops").await.unwrap().expose();
    let description = format!("{}/v1/openapi.json", site.origin.private());
    let options = [&STRICT[..], &["--include-path-regex", "^/v1/tenants"]].concat();
    site.examine(&description, &[("Authorization", &format!("Bearer {token}"))], &options).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people() {
    let site = Site::start().await;
    site.set_break_glass().await;
    site.examine_public(&[&LENIENT[..], &["--exclude-path-regex", ENDS]].concat()).await;
    site.examine_public(&[&LENIENT[..], &["--include-path-regex", ENDS]].concat()).await;
}
