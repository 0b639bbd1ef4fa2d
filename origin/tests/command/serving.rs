//! `sealgate serve` as a process: addresses, signals, and two at once on an empty folder.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use sealgate_origin::outbound::install_provider;
use serde_json::Value;

use crate::run::{bare, must, sealgate};

/// A serving process; killed when the test ends without stopping it.
pub(crate) struct Serving {
    child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) public: String,
    pub(crate) private: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn client() -> reqwest::Client {
    install_provider();
    reqwest::Client::new()
}

fn spawn(command: &mut Command) -> (Child, BufReader<ChildStderr>) {
    let addresses = ["--listen-public", "127.0.0.1:0", "--listen-private", "127.0.0.1:0"];
    let mut child = command.arg("serve").args(addresses).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    (child, log)
}

/// Reads the log until the line that says where the process listens.
fn wait_until_listening(child: Child, mut log: BufReader<ChildStderr>) -> Serving {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended before it listened:\n{seen}");
        seen.push_str(&line);
        if line.contains("listening") {
            let address = |name: &str| {
                let after =
                    line.split(&format!("{name}=")).nth(1).or_else(|| line.split(&format!("{name}\":\"")).nth(1));
                format!("http://{}", after.unwrap().split(['"', ' ']).next().unwrap())
            };
            return Serving { child, log, public: address("public"), private: address("private") };
        }
    }
}

pub(crate) fn start(folder: &Path) -> Serving {
    start_as(&mut sealgate(folder))
}

pub(crate) fn start_as(command: &mut Command) -> Serving {
    let (child, log) = spawn(command);
    wait_until_listening(child, log)
}

/// Asks it to end, and waits for that.
fn stop(mut serving: Serving, signal: &str) -> (i32, String) {
    let pid = serving.child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    let code = serving.child.wait().unwrap().code().unwrap();
    let mut rest = String::new();
    serving.log.read_to_string(&mut rest).unwrap();
    (code, rest)
}

pub(crate) fn read_dev_file(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("dev.json")).unwrap()).unwrap()
}

#[tokio::test]
async fn it_seeds_itself_serves_and_ends_with_zero_on_either_signal() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for signal in ["-TERM", "-INT"] {
        let serving = start(folder.path());
        let file = read_dev_file(folder.path());
        let token = file["service_token"].as_str().unwrap();
        let url = format!("{}/v1/sessions?actor_type=user&actor_id=ada", serving.private);
        let answer = client().get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let (code, log) = stop(serving, signal);
        assert_eq!(code, 0, "{log}");
        assert!(log.contains("stopping") && !log.contains("ERROR"), "{log}");
        files.push(file);
    }
    assert_eq!(files[0], files[1], "the second start kept the secrets of the first");
}

#[tokio::test]
async fn two_at_once_on_an_empty_folder_both_come_up() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let spawned: Vec<_> = (0..3).map(|_| spawn(&mut sealgate(folder.path()))).collect();
        let serving: Vec<Serving> = spawned.into_iter().map(|(child, log)| wait_until_listening(child, log)).collect();
        let file = read_dev_file(folder.path());
        for one in &serving {
            let url = format!("{}/v1/sessions?actor_type=user&actor_id=ada", one.private);
            let token = file["service_token"].as_str().unwrap();
            let answer = client().get(url).bearer_auth(token).send().await.unwrap();
            assert_eq!(answer.status(), 200, "one file of secrets is good at all of them");
        }
        for one in serving {
            assert_eq!(stop(one, "-TERM").0, 0);
        }
    }
}

#[tokio::test]
async fn the_command_line_works_beside_a_serving_process() {
    let folder = tempfile::tempdir().unwrap();
    let serving = start(folder.path());
    let rotated = must(sealgate(folder.path()).args(["keys", "rotate", "--tenant", "demo", "--now"]));
    let active = rotated.lines().find_map(|line| line.strip_prefix("active   ")).unwrap();
    let active = active.split_whitespace().next().unwrap();
    let file = read_dev_file(folder.path());
    let answer = client()
        .post(format!("{}/v1/sessions", serving.private))
        .bearer_auth(file["service_token"].as_str().unwrap())
        .json(&serde_json::json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" }))
        .send()
        .await
        .unwrap();
    let minted: Value = answer.json().await.unwrap();
    let token = minted["set_cookie"][0].as_str().unwrap();
    assert_eq!(format!("sk-{}", token.split('.').nth(1).unwrap()), active, "it signs with the key promoted beside it");
    let cookie = token.split(';').next().unwrap();
    must(sealgate(folder.path()).args(["inspect", cookie]));
    assert_eq!(stop(serving, "-TERM").0, 0);
}

#[tokio::test]
async fn production_logs_json_and_seeds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bare();
    command.env("SEALGATE_DATA_DIR", folder.path()).env("SEALGATE_KEK", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let (child, log) = spawn(&mut command);
    let serving = wait_until_listening(child, log);
    assert!(!folder.path().join("dev.json").exists() && !folder.path().join("kek").exists());
    let answer = client().get(format!("{}/nowhere", serving.private)).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let (code, log) = stop(serving, "-TERM");
    assert_eq!(code, 0);
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(entry["timestamp"].is_string() && entry["level"].is_string(), "{line}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = sealgate(folder.path());
    let ran = crate::run::run(command.args(["serve", "--listen-private", &address, "--listen-public", "127.0.0.1:0"]));
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains(&format!("cannot listen on {address}")), "{}", ran.err);
}
