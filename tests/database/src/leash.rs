//! The process that runs a server for as long as ours lives.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Runs `server.sh`. Dropping it ends the server and removes its folder; where it is never dropped, the kernel closes
/// our end of its input when our process ends, with the same effect.
#[derive(Debug)]
pub(crate) struct Leash {
    process: Child,
    // None only while it is dropped.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Leash {
    /// Sets a server up, which does not run yet. Takes half a second.
    pub(crate) fn new(programs: &Path, password: &str) -> Self {
        let mut process = Command::new("sh")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("server.sh"))
            .arg(programs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An interrupt from the terminal is for us. It hears of our end.
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut leash = Self { process, commands, answers, folder: PathBuf::new() };
        let answer = leash.ask(password);
        assert!(answer.starts_with('/'), "PostgreSQL could not be set up: {}", leash.complain(answer));
        leash.folder = PathBuf::from(answer);
        leash
    }

    /// Starts the server, and tells whether it could.
    pub(crate) fn start(&mut self, port: u16) -> bool {
        match self.ask(&format!("start {port}")).as_str() {
            "started" => true,
            "failed" => false,
            other => panic!("PostgreSQL did not start: {}", self.complain(other.to_owned())),
        }
    }

    /// Stops the server by `stop` or `crash`.
    pub(crate) fn end(&mut self, command: &str) {
        let answer = self.ask(command);
        assert_eq!(answer, "stopped", "{}", self.complain(answer.clone()));
    }

    /// All the server has written.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn ask(&mut self, command: &str) -> String {
        // Where it has ended already, its last words are to be read.
        let _ = writeln!(self.commands.as_ref().expect("only dropping takes it"), "{command}");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.truncate(answer.trim_end().len());
        answer
    }

    // What it answered and everything after it.
    fn complain(&mut self, mut answer: String) -> String {
        drop(self.commands.take());
        answer.push('\n');
        self.answers.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.commands.take());
        // By then the server has ended and its folder is gone.
        let _ = self.process.wait();
    }
}
