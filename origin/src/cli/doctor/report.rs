//! What the doctor found, for people and for programs.

use std::io;

use serde::Serialize;
use serde_json::json;

use crate::cli::Out;
use crate::cli::table::make_printable;

/// The width that a terminal has at least.
const WIDTH: usize = 80;
/// Where the words begin: behind the check's name and the verdict.
const INDENT: usize = 20;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    /// Works, and may not be what was meant.
    Warning,
    /// Does not work, or is not safe.
    Problem,
    /// Could not be looked at, for an earlier problem or because there was nothing to look at.
    Skipped,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "WARNING",
            Self::Problem => "PROBLEM",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    message: String,
    /// What to do about it.
    advice: Option<String>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, Verdict::Ok, message.into(), None);
    }

    pub(super) fn skipped(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, Verdict::Skipped, message.into(), None);
    }

    pub(super) fn warning(&mut self, check: &'static str, message: impl Into<String>, advice: impl Into<String>) {
        self.add(check, Verdict::Warning, message.into(), Some(advice.into()));
    }

    pub(super) fn problem(&mut self, check: &'static str, message: impl Into<String>, advice: impl Into<String>) {
        self.add(check, Verdict::Problem, message.into(), Some(advice.into()));
    }

    fn add(&mut self, check: &'static str, verdict: Verdict, message: String, advice: Option<String>) {
        self.0.push(Finding { check, verdict, message, advice });
    }

    /// Whether no problem was found.
    pub(super) fn is_healthy(&self) -> bool {
        self.count(Verdict::Problem) == 0
    }

    /// Whether nothing at all was found with this check.
    pub(super) fn is_clean(&self, check: &str) -> bool {
        !self.0.iter().any(|finding| {
            finding.check == check && matches!(finding.verdict, Verdict::Problem | Verdict::Warning | Verdict::Skipped)
        })
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.0.iter().filter(|finding| finding.verdict == verdict).count()
    }

    pub(super) fn print_json(&self, out: Out<'_>) -> io::Result<()> {
        writeln!(out, "{}", json!({ "healthy": self.is_healthy(), "findings": self.0 }))
    }

    pub(super) fn print(&self, out: Out<'_>) -> io::Result<()> {
        for finding in &self.0 {
            let head = format!("{:<11}{:<9}", finding.check, finding.verdict.as_str());
            print_wrapped(&head, &finding.message, out)?;
            if let Some(advice) = &finding.advice {
                print_wrapped(&format!("{:>INDENT$}", "-> "), advice, out)?;
            }
        }
        let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        let (problems, warnings) = (self.count(Verdict::Problem), self.count(Verdict::Warning));
        writeln!(out, "\n{}, {}.", count(problems, "problem"), count(warnings, "warning"))
    }
}

/// Prints words behind a head, further lines below the first word.
fn print_wrapped(head: &str, text: &str, out: Out<'_>) -> io::Result<()> {
    let mut line = head.to_owned();
    let mut begun = false;
    for word in make_printable(text).split(' ') {
        if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line = " ".repeat(INDENT);
            begun = false;
        }
        if begun {
            line.push(' ');
        }
        line.push_str(word);
        begun = true;
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_on_eighty_columns() {
        let mut report = Report::default();
        report.ok("config", "production");
        report.problem("database", "word ".repeat(30).trim_end(), "do this and ".repeat(8) + "that");
        let mut out = Vec::new();
        report.print(&mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.starts_with("config     ok       production\ndatabase   PROBLEM  word word"), "{out}");
        assert!(out.lines().all(|line| line.len() <= 80), "{out}");
        assert!(out.contains("\n                 -> do this"), "{out}");
        assert!(out.ends_with("\n\n1 problem, 0 warnings.\n"), "{out}");
        assert!(!report.is_healthy());
    }
}
