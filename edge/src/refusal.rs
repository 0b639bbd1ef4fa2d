//! Refusals: problem documents (RFC 9457) with stable codes.

use sealgate_shared::reject::Reject;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No session cookie where one is needed.
    Missing,
    /// The session cookie is no good.
    Rejected(Reject),
    /// A host name that no tenant of this edge has.
    UnknownHost,
    /// More cookies than the edge reads.
    CookieTooLarge,
    /// The application did not answer.
    UpstreamUnreachable,
    /// The origin is needed and did not answer.
    OriginUnavailable,
    /// The edge cannot work with its configuration.
    Misconfigured,
}

impl Refusal {
    /// Every refusal that is not about a token.
    const OTHERS: [Self; 6] = [
        Self::Missing,
        Self::UnknownHost,
        Self::CookieTooLarge,
        Self::UpstreamUnreachable,
        Self::OriginUnavailable,
        Self::Misconfigured,
    ];

    /// The stable name of the reason, as it stands in the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Rejected(reject) => reject.label(),
            Self::UnknownHost => "unknown_host",
            Self::CookieTooLarge => "cookie_too_large",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::OriginUnavailable => "origin_unavailable",
            Self::Misconfigured => "misconfigured",
        }
    }

    /// The refusal of that code. A code nobody knows is a mistake of ours, and so a misconfiguration.
    pub fn from_code(code: &str) -> Self {
        let rejected = Reject::ALL.into_iter().map(Self::Rejected);
        Self::OTHERS.into_iter().chain(rejected).find(|refusal| refusal.code() == code).unwrap_or(Self::Misconfigured)
    }

    /// The HTTP status (RFC 9110 §15). 401 is "bad credentials", 503 is "we are broken".
    pub const fn status(self) -> u16 {
        match self {
            Self::Missing | Self::Rejected(_) => 401,
            Self::UnknownHost => 421,
            Self::CookieTooLarge => 431,
            Self::UpstreamUnreachable => 502,
            Self::OriginUnavailable | Self::Misconfigured => 503,
        }
    }

    const fn title(self) -> &'static str {
        match self.status() {
            401 => "Unauthorized",
            421 => "Misdirected Request",
            431 => "Request Header Fields Too Large",
            502 => "Bad Gateway",
            _ => "Service Unavailable",
        }
    }

    fn detail(self) -> String {
        match self {
            Self::Missing => "the request carries no session cookie".to_owned(),
            Self::Rejected(reject) => reject.to_string(),
            Self::UnknownHost => "no site of this name is served here".to_owned(),
            Self::CookieTooLarge => "the Cookie header has more than 8,192 bytes".to_owned(),
            Self::UpstreamUnreachable => "the application did not answer".to_owned(),
            Self::OriginUnavailable => "the session service did not answer; nobody was signed out".to_owned(),
            Self::Misconfigured => "the edge cannot work with its configuration; its log says why".to_owned(),
        }
    }

    /// The page for somebody who was looking at one: what happened in their terms, and the code for whoever they ask.
    pub fn page(self) -> String {
        let (title, advice) = match self.status() {
            401 => (
                "You could not be signed in",
                "You were sent to sign in several times, and the sign-in did not hold. Your browser may be refusing \
                 this site\u{2019}s cookies, or its clock may be wrong.",
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

    /// The problem document.
    pub fn body(self) -> String {
        serde_json::json!({
            "type": "about:blank",
            "title": self.title(),
            "status": self.status(),
            "code": self.code(),
            "detail": self.detail(),
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_say_what_happened_and_leave_no_gap() {
        for refusal in Refusal::OTHERS {
            let page = refusal.page();
            assert!(page.contains(refusal.code()) && !page.contains("{title}") && !page.contains("{advice}"), "{page}");
        }
    }

    #[test]
    fn codes_go_there_and_back() {
        for refusal in Refusal::OTHERS.into_iter().chain(Reject::ALL.map(Refusal::Rejected)) {
            assert_eq!(Refusal::from_code(refusal.code()), refusal);
        }
        assert_eq!(Refusal::from_code("?"), Refusal::Misconfigured);
    }
}
