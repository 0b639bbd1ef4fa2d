//! The checks that docs/APPLICATIONS.md gives to applications, run as they stand there.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealgate_tests::edge::repository;
use sealgate_tests::wait::within;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

#[expect(unreachable_pub, reason = "it is written for a crate of its own")]
mod check;

/// What a check says of an assertion: its claims, or why it is refused.
pub(super) type Said = Result<Value, String>;

const DOCUMENT: &str = include_str!("../../../docs/APPLICATIONS.md");

/// Asks a check about each assertion in the array on standard input; `null` is none at all.
const ASK_NODE: &str = r#"
import { json } from "node:stream/consumers";
const ask = (assertion) => whoAsks(assertion === null ? {} : { "x-sealgate-assertion": assertion });
const said = (await json(process.stdin)).map((assertion) =>
  ask(assertion).then((Ok) => ({ Ok }), (error) => ({ Err: error.code ?? error.stack })));
console.log(JSON.stringify(await Promise.all(said)));
"#;

/// See [`ASK_NODE`].
const ASK_PYTHON: &str = r#"
import json, sys
def ask(assertion):
    try:
        return {"Ok": who_asks({} if assertion is None else {"x-sealgate-assertion": assertion})}
    except jwt.InvalidTokenError as error:
        return {"Err": type(error).__name__}
print(json.dumps([ask(assertion) for assertion in json.load(sys.stdin)]))
"#;

/// What the check for Node says.
pub(super) async fn ask_node(secret: &str, assertions: &[Option<String>]) -> Vec<Said> {
    said(&run(node(), secret, assertions).await)
}

/// What the check for Python says.
pub(super) async fn ask_python(secret: &str, assertions: &[Option<String>]) -> Vec<Said> {
    said(&run(python().await, secret, assertions).await)
}

/// What the check for Rust says, of the claims that it looks at.
pub(super) fn ask_rust(secret: &str, assertions: &[Option<String>]) -> Vec<Said> {
    let secret = check::read_secret(secret).expect("the secret is one");
    let ask = |assertion: &Option<String>| match check::who_asks(assertion.as_deref().unwrap_or_default(), &secret) {
        Ok(check::Claims { tenant, actor_type, sub, sid, roles }) => {
            Ok(json!({ "tenant": tenant, "actor_type": actor_type, "sub": sub, "sid": sid, "roles": roles }))
        }
        Err(error) => Err(format!("{:?}", error.kind())),
    };
    assertions.iter().map(ask).collect()
}

fn node() -> Command {
    let mut node = Command::new(repository().join("node_modules/.bin/node"));
    // Libraries are looked for from the working folder.
    node.args(["--input-type=module", "--eval", &(block("js") + ASK_NODE)]).current_dir(repository());
    node
}

async fn python() -> Command {
    let mut python = Command::new("python3");
    python.args(["-c", &(block("python") + ASK_PYTHON)]).env("PYTHONPATH", install_python_packages().await);
    python
}

async fn run(mut program: Command, secret: &str, assertions: &[Option<String>]) -> Output {
    program.env("SEALGATE_UPSTREAM_SECRET", secret).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = program.kill_on_drop(true).spawn().expect("the program is there");
    // Whoever does not want the secret does not read the question.
    let _ = running.stdin.take().unwrap().write_all(json!(assertions).to_string().as_bytes()).await;
    within("the check", running.wait_with_output()).await.unwrap()
}

fn said(done: &Output) -> Vec<Said> {
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)))
}

async fn install_python_packages() -> PathBuf {
    let done = Command::new(repository().join("scripts/setup")).arg("python").output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    repository().join(".tools/python")
}

/// The one block of the document in this language.
fn block(language: &str) -> String {
    let fence = format!("\n```{language}\n");
    let mut blocks = DOCUMENT.split(&fence).skip(1);
    let (block, _) = blocks.next().expect("the document has one").split_once("\n```\n").expect("it ends");
    assert!(blocks.next().is_none(), "the document has one block of {language}");
    format!("{block}\n")
}

#[test]
fn the_check_for_rust_is_the_one_that_was_compiled() {
    assert_eq!(block("rust"), include_str!("checks/check.rs"), "the document's and the compiled one");
}

#[tokio::test]
async fn without_a_secret_of_32_bytes_no_check_works() {
    let [short, long] = [31, 33].map(|length| URL_SAFE_NO_PAD.encode(vec![7; length]));
    for secret in ["", "secret", &short, &long] {
        for program in [node(), python().await] {
            let done = run(program, secret, &[]).await;
            let why = String::from_utf8_lossy(&done.stderr);
            let is_said = why.contains("must be 32 bytes") || why.contains("Incorrect padding");
            assert!(!done.status.success() && is_said, "{why}");
        }
        assert_eq!(check::read_secret(secret), None);
    }
}
