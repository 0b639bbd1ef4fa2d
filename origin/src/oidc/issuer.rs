//! What a provider calls itself.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// An issuer's identifier (`OpenID` Connect Core 1.0 §1.2): a URL, compared letter by letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: Box<str>,
    url: Url,
}

/// Not an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIssuer {
    #[error("must be a URL such as https://login.example")]
    Form,
    #[error("must not have a query, a fragment, a user name or a password")]
    Extras,
    #[error("must have at most 255 characters")]
    TooLong,
}

impl Issuer {
    /// The most characters of one.
    pub const MAX_LENGTH: usize = 255;

    /// As the provider writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As a URL.
    pub const fn as_url(&self) -> &Url {
        &self.url
    }

    /// Where it describes itself (`OpenID` Connect Discovery 1.0 §4).
    pub(crate) fn discovery_url(&self) -> Url {
        let text = format!("{}/.well-known/openid-configuration", self.text.trim_end_matches('/'));
        Url::parse(&text).expect("a URL without query with a longer path is a URL")
    }
}

impl FromStr for Issuer {
    type Err = BadIssuer;

    fn from_str(text: &str) -> Result<Self, BadIssuer> {
        if text.len() > Self::MAX_LENGTH {
            return Err(BadIssuer::TooLong);
        }
        // `Url` forgives blanks and controls, and writes them anew; an issuer is what is written.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>".contains(&byte));
        let url = Url::parse(text).ok().filter(|_| plain).ok_or(BadIssuer::Form)?;
        if !matches!(url.scheme(), "https" | "http") || !text.contains("://") || url.host().is_none() {
            return Err(BadIssuer::Form);
        }
        let extras = url.query().is_some() || url.fragment().is_some() || text.contains('@');
        if extras { Err(BadIssuer::Extras) } else { Ok(Self { text: text.into(), url }) }
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_describes_itself() {
        for (issuer, expected) in [
            ("https://login.example", "https://login.example/.well-known/openid-configuration"),
            ("https://login.example/", "https://login.example/.well-known/openid-configuration"),
            ("https://login.example/realms/a", "https://login.example/realms/a/.well-known/openid-configuration"),
            ("https://login.example:8443/a/", "https://login.example:8443/a/.well-known/openid-configuration"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/.well-known/openid-configuration"),
        ] {
            let parsed: Issuer = issuer.parse().unwrap();
            assert_eq!(parsed.discovery_url().as_str(), expected);
            assert_eq!(parsed.as_str(), issuer, "letter by letter");
        }
    }

    #[test]
    fn what_is_no_issuer_is_refused() {
        for (text, fault) in [
            ("", BadIssuer::Form),
            ("login.example", BadIssuer::Form),
            ("https:login.example", BadIssuer::Form),
            ("https://", BadIssuer::Form),
            (" https://login.example", BadIssuer::Form),
            ("https://login.example\n", BadIssuer::Form),
            ("https:\\\\login.example", BadIssuer::Form),
            ("ftp://login.example", BadIssuer::Form),
            ("file:///etc/passwd", BadIssuer::Form),
            ("https://login.example?a", BadIssuer::Extras),
            ("https://login.example#a", BadIssuer::Extras),
            ("https://me@login.example", BadIssuer::Extras),
        ] {
            assert_eq!(text.parse::<Issuer>(), Err(fault), "{text}");
        }
        let long = format!("https://login.example/{}", "a".repeat(255));
        assert_eq!(long.parse::<Issuer>(), Err(BadIssuer::TooLong));
    }
}
