//! Asking over HTTP, and what was heard.

use std::time::Duration;

use sealgate_shared::time::UnixMillis;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use ureq::Agent;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than any answer of ours has.
const MAX_BODY: u64 = 64 * 1024;

/// An answer.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    /// When it was sent, by the sender's clock.
    pub(super) date: Option<UnixMillis>,
    /// What the body says, if it is JSON.
    pub(super) body: Value,
    is_problem: bool,
}

impl Heard {
    /// The code of a problem document (RFC 9457).
    pub(super) fn code(&self) -> Option<&str> {
        self.is_problem.then(|| self.body["code"].as_str()).flatten()
    }
}

/// Sends a GET. Redirects are answers, and so are errors.
pub(super) async fn ask(url: String, cookie: Option<String>) -> Result<Heard, String> {
    let asked = tokio::task::spawn_blocking(move || send(&url, cookie.as_deref()).map_err(|error| error.to_string()));
    asked.await.unwrap_or_else(|panicked| Err(panicked.to_string()))
}

fn send(url: &str, cookie: Option<&str>) -> Result<Heard, ureq::Error> {
    let config = Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).http_status_as_error(false);
    let agent: Agent = config.user_agent(concat!("sealgate-doctor/", env!("CARGO_PKG_VERSION"))).build().into();
    let mut request = agent.get(url).header("accept", "application/json");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let mut answer = request.call()?;
    let text = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let date = text("date").and_then(parse_date);
    let is_problem = text("content-type").is_some_and(|kind| kind.starts_with("application/problem+json"));
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(MAX_BODY).read_to_string().unwrap_or_default();
    Ok(Heard { status, date, body: serde_json::from_str(&body).unwrap_or_default(), is_problem })
}

/// The form that is written today (RFC 9110 §5.6.7).
fn parse_date(text: &str) -> Option<UnixMillis> {
    let at = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    UnixMillis::new(u64::try_from(at.unix_timestamp()).ok()?.checked_mul(1_000)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_servers_write_them() {
        assert_eq!(parse_date("Fri, 02 Jan 2026 03:04:05 GMT").unwrap().as_u64(), 1_767_323_045_000);
        assert_eq!(parse_date("yesterday"), None);
    }
}
