//! Refusals: problem documents (RFC 9457) with stable codes.

use core::fmt;
use core::num::NonZeroU32;

pub use sealgate_shared::report::Refused as Refusal;
use serde::Serialize;

/// A refusal, and what is said of it to whoever may do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub why: Refusal,
    /// Whether the request came with a token of ours in `Authorization: Bearer`.
    pub is_bearer: bool,
    /// How many seconds ago, at the most, the actor would have had to prove who they are (RFC 9470 §3).
    pub max_age_s: Option<NonZeroU32>,
}

impl From<Refusal> for Denial {
    fn from(why: Refusal) -> Self {
        Self { why, is_bearer: false, max_age_s: None }
    }
}

/// Written as the code, and what else there is, with blanks between.
impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why.code())?;
        if self.is_bearer {
            f.write_str(" bearer")?;
        }
        self.max_age_s.map_or(Ok(()), |seconds| write!(f, " {seconds}"))
    }
}

impl Denial {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, rest) = text.split_once(' ').unwrap_or((text, ""));
        let mut denial = Self::from(Refusal::from_code(code)?);
        for word in rest.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "bearer" => denial.is_bearer = true,
                seconds => denial.max_age_s = Some(seconds.parse().ok()?),
            }
        }
        Some(denial)
    }
}

/// A struct and not `json!`, whose maps and numbers of every kind come to 5 kB of the compressed Worker.
#[derive(Serialize)]
struct Problem {
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<NonZeroU32>,
    status: u16,
    title: &'static str,
    #[serde(rename = "type")]
    about: &'static str,
}

/// How somebody is told that a request was refused.
pub trait Explained {
    /// The HTTP status (RFC 9110 §15). 401 is "bad credentials", 503 is "we are broken".
    fn status(self) -> u16;

    /// The page for somebody who was looking at one: what happened in their terms, and the code for whoever they ask.
    fn page(self) -> String;

    /// The problem document. `max_age_s` is its member of that name.
    fn body(self, max_age_s: Option<NonZeroU32>) -> String;
}

impl Explained for Refusal {
    fn status(self) -> u16 {
        match self {
            Self::Missing | Self::NotFresh | Self::Token(_) => 401,
            Self::CrossSite | Self::CsrfToken => 403,
            Self::UnknownHost => 421,
            Self::CookieTooLarge => 431,
            Self::UpstreamUnreachable => 502,
            Self::OriginUnavailable | Self::Misconfigured => 503,
        }
    }

    fn page(self) -> String {
        let (title, advice) = match self.status() {
            401 => (
                "You could not be signed in",
                "You were sent to sign in several times, and the sign-in did not hold. Your browser may be refusing \
                 this site\u{2019}s cookies, or its clock may be wrong.",
            ),
            403 => (
                "This could not be done from there",
                "The request did not come from a page of this site. Please go back, load the page again and try once \
                 more.",
            ),
            421 => ("There is no such site here", "Please check the address."),
            431 => ("Your browser sends too much", "Deleting this site\u{2019}s cookies will help."),
            _ => ("This site cannot answer right now", "You are still signed in. Please try again in a moment."),
        };
        let fill = |page: String, (name, value): (&str, &str)| page.replace(name, value);
        [("{title}", title), ("{advice}", advice), ("{code}", self.code())]
            .into_iter()
            .fold(include_str!("page.html").to_owned(), fill)
    }

    fn body(self, max_age_s: Option<NonZeroU32>) -> String {
        let problem = Problem {
            code: self.code(),
            detail: detail(self),
            max_age: max_age_s,
            status: self.status(),
            title: title(self),
            about: "about:blank",
        };
        // Writing texts and a number to memory does not fail.
        serde_json::to_string(&problem).unwrap_or_default()
    }
}

fn title(refusal: Refusal) -> &'static str {
    match refusal.status() {
        401 => "Unauthorized",
        403 => "Forbidden",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        502 => "Bad Gateway",
        _ => "Service Unavailable",
    }
}

fn detail(refusal: Refusal) -> String {
    match refusal {
        Refusal::Missing => "the request carries no session cookie".to_owned(),
        Refusal::CrossSite => "the request comes from another site".to_owned(),
        Refusal::CsrfToken => "the request needs the session's CSRF token in the header X-CSRF-Token".to_owned(),
        Refusal::NotFresh => "this needs a sign-in more recent than the session's".to_owned(),
        Refusal::Token(reject) => reject.to_string(),
        Refusal::UnknownHost => "no site of this name is served here".to_owned(),
        Refusal::CookieTooLarge => "the Cookie header has more than 8,192 bytes".to_owned(),
        Refusal::UpstreamUnreachable => "the application did not answer".to_owned(),
        Refusal::OriginUnavailable => "the session service did not answer; nobody was signed out".to_owned(),
        Refusal::Misconfigured => "the edge cannot work with its configuration; its log says why".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_go_there_and_back() {
        for why in Refusal::all() {
            for is_bearer in [false, true] {
                for max_age_s in [None, NonZeroU32::new(1), Some(NonZeroU32::MAX)] {
                    let denial = Denial { why, is_bearer, max_age_s };
                    assert_eq!(Denial::parse(&denial.to_string()), Some(denial));
                }
            }
        }
        assert_eq!(Denial::from(Refusal::Missing).to_string(), "missing");
        for text in ["", "no_such_code", "missing cookie", "missing 0", "missing -1", "missing bearer x"] {
            assert_eq!(Denial::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_age_that_is_asked_for_is_a_member_of_the_problem() {
        let body = Refusal::NotFresh.body(NonZeroU32::new(300));
        assert!(
            body.contains("\"code\":\"insufficient_user_authentication\"") && body.contains("\"max_age\":300,"),
            "{body}"
        );
        assert!(!Refusal::Missing.body(None).contains("max_age"));
    }

    #[test]
    fn pages_say_what_happened_and_leave_no_gap() {
        for refusal in Refusal::OTHERS {
            let page = refusal.page();
            assert!(page.contains(refusal.code()) && !page.contains("{title}") && !page.contains("{advice}"), "{page}");
        }
    }
}
