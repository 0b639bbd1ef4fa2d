//! Processes that end with us, and the CPU time they use.

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// The kernel tells CPU times in hundredths of a second, whatever it counts in.
const TICK: Duration = Duration::from_millis(10);
const START: Duration = Duration::from_secs(20);
/// Runs a program until nobody holds our standard input any more, however its holder ended. Its output is its own: who
/// reads it learns when the program has ended.
const LEASH: &str = r#"exec 3<&0 </dev/null; "$@" 3<&- & exec >/dev/null; read -r _ <&3; kill -KILL $!; wait"#;

/// A running program. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Process(Child);

/// Prepares to run a program; its arguments are the caller's.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", LEASH, "leash"]).arg(program).stdin(Stdio::piped());
    // An interrupt from the terminal is for us. It hears of our end.
    command.process_group(0);
    command
}

impl Process {
    /// Starts what [`command`] has prepared.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        Ok(Self(command.spawn().context("there is a shell")?))
    }

    pub(crate) fn take_output(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Waits until somebody listens there.
pub(crate) fn wait_for(address: SocketAddr) -> anyhow::Result<()> {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        anyhow::ensure!(begun.elapsed() < START, "nobody listens on {address}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// An address that was free a moment ago.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// What a process and its children have used so far, those that have ended included.
pub(crate) fn cpu_time(pid: u32) -> anyhow::Result<Duration> {
    let running = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let of_children = running.filter_map(read_times).filter(|times| times.parent == pid).map(|times| times.own);
    let own = read_times(pid).context("it has ended")?;
    Ok(TICK * (own.own + own.ended_children + of_children.sum::<u32>()))
}

/// The process that started another one.
pub(crate) fn parent(pid: u32) -> Option<u32> {
    Some(read_times(pid)?.parent)
}

struct Times {
    parent: u32,
    own: u32,
    ended_children: u32,
}

/// See `proc_pid_stat(5)`. The name may contain anything; the last bracket ends it.
fn read_times(pid: u32) -> Option<Times> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u32>().ok();
    Some(Times { parent: number(1)?, own: number(11)? + number(12)?, ended_children: number(13)? + number(14)? })
}
