//! Which policy a path has.

use core::num::NonZeroU32;
use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// Whether a session is needed, from the laxest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Nothing. No session is looked at, and none is told to the application.
    Public,
    /// A live session.
    Session,
    /// A live session whose actor proved who they are a short while ago.
    Fresh,
}

/// How it is found out whether a session was revoked, from the laxest to the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// Not at all; what happens to be known counts nevertheless.
    None,
    /// By the feed, at most a second ago.
    #[default]
    Feed,
    /// By asking the origin, each time.
    Ask,
}

/// What happens when the feed cannot be read, from the laxest to the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// The set held decides for a while, about requests that change nothing.
    Open,
    /// The origin is asked about the session.
    Ask,
    /// The request is refused: 503.
    #[default]
    Closed,
}

/// How it is known that a request which changes something comes from a page of this site, from the laxest to the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Csrf {
    /// The browser says so; the session's CSRF token, where it says nothing.
    #[default]
    Headers,
    /// By the session's CSRF token, always.
    Token,
}

/// All that a path needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whether a session is needed.
    pub policy: Policy,
    /// How it is found out whether it was revoked.
    pub revocation: Revocation,
    /// What happens when that cannot be found out.
    pub unreachable: Unreachable,
    /// How many seconds ago, at the most, the actor may have proved who they are. Where the policy is [`Policy::Fresh`].
    pub max_age_s: Option<NonZeroU32>,
    /// How it is known where a request comes from that changes something.
    pub csrf: Csrf,
}

impl Rule {
    const DEFAULT: Self = Self {
        policy: Policy::Session,
        revocation: Revocation::Feed,
        unreachable: Unreachable::Closed,
        max_age_s: None,
        csrf: Csrf::Headers,
    };

    /// What satisfies both.
    fn and(self, other: Self) -> Self {
        Self {
            policy: self.policy.max(other.policy),
            revocation: self.revocation.max(other.revocation),
            unreachable: self.unreachable.max(other.unreachable),
            max_age_s: [self.max_age_s, other.max_age_s].into_iter().flatten().min(),
            csrf: self.csrf.max(other.csrf),
        }
    }
}

/// A path and all below it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Begins with `/`; `/public` covers `/public` and `/public/…`, not `/publicity`.
    pub path: String,
    /// Whether a session is needed.
    pub policy: Policy,
    /// How it is found out whether it was revoked; by the feed if nothing is said.
    #[serde(default)]
    pub revocation: Option<Revocation>,
    /// What happens when the feed cannot be read; `closed` if nothing is said.
    #[serde(default)]
    pub unreachable: Option<Unreachable>,
    /// How many seconds ago, at the most, the actor may have proved who they are: for `fresh` routes, and needed there.
    #[serde(default)]
    pub max_age: Option<NonZeroU32>,
    /// How it is known where a request comes from that changes something; by what the browser says if nothing is said.
    #[serde(default)]
    pub csrf: Option<Csrf>,
}

impl Route {
    /// What in the route contradicts itself.
    pub(crate) const fn check(&self) -> Result<(), &'static str> {
        match self {
            Self { policy: Policy::Public, revocation: Some(_), .. }
            | Self { policy: Policy::Public, unreachable: Some(_), .. } => {
                Err("is public: it looks at no session, and so at no revocation")
            }
            Self { policy: Policy::Public, csrf: Some(_), .. } => {
                Err("is public: it looks at no session, and so at no CSRF token of one")
            }
            Self { policy: Policy::Fresh, max_age: None, .. } => Err("is fresh: it needs a `max_age`, in seconds"),
            Self { policy: Policy::Public | Policy::Session, max_age: Some(_), .. } => {
                Err("has a `max_age`, which is for routes of the policy \"fresh\" alone")
            }
            Self { policy: Policy::Fresh, unreachable: Some(Unreachable::Open), .. } => {
                Err("is fresh, and such a route is never open")
            }
            Self { revocation: Some(Revocation::Ask | Revocation::None), unreachable: Some(_), .. } => {
                Err("does not read the feed: `unreachable` says nothing there")
            }
            _ => Ok(()),
        }
    }

    fn rule(&self) -> Rule {
        Rule {
            policy: self.policy,
            revocation: self.revocation.unwrap_or_default(),
            unreachable: self.unreachable.unwrap_or_default(),
            max_age_s: self.max_age,
            csrf: self.csrf.unwrap_or_default(),
        }
    }
}

/// The routes of a tenant. The longest matching path decides; where none matches, a session is needed.
#[derive(Clone, Debug)]
pub struct Routes {
    exact: Vec<(String, Rule)>,
    lower_case: Vec<(String, Rule)>,
    /// What satisfies all of them.
    strictest: Rule,
}

impl Routes {
    /// Makes the table. Of two routes of the same path, or of paths that differ in case alone, both have to be satisfied.
    pub fn new(routes: &[Route]) -> Self {
        let table = |read: fn(&str) -> String| {
            let mut table: Vec<_> = routes.iter().map(|route| (read(trim_slash(&route.path)), route.rule())).collect();
            table.sort_by_key(|(path, _)| core::cmp::Reverse(path.len()));
            table
        };
        let strictest = routes.iter().map(Route::rule).fold(Rule::DEFAULT, Rule::and);
        let exact = table(|path| decode(path).into_owned());
        Self { exact, lower_case: table(|path| decode(path).to_lowercase()), strictest }
    }

    /// What a path needs.
    ///
    /// What the application makes of a path is its own affair: it may decode `%70`, fold `//`, ignore case.
    /// So a path that can be read in two ways has to satisfy all of the table, and one that differs
    /// from a route in case alone both readings. What remains may be written with or
    /// without `%` (`%28` and a bracket, RFC 3986 §2.2), and is compared decoded.
    pub fn rule(&self, path: &str) -> Rule {
        if !is_canonical(path) {
            return self.strictest;
        }
        let path = decode(path);
        let exact = look_up(&self.exact, &path);
        if exact == self.strictest {
            return exact;
        }
        exact.and(look_up(&self.lower_case, &path.to_lowercase()))
    }
}

fn look_up(routes: &[(String, Rule)], path: &str) -> Rule {
    let covers = |route: &str| path.strip_prefix(route).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let mut covering = routes.iter().filter(|(route, _)| covers(route));
    let Some((longest, rule)) = covering.next() else { return Rule::DEFAULT };
    covering.take_while(|(route, _)| route.len() == longest.len()).fold(*rule, |rule, (_, other)| rule.and(*other))
}

fn trim_slash(path: &str) -> &str {
    path.trim_end_matches('/')
}

fn decode(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether every reader makes the same of the path: no empty or dot segments, none with ends that some
/// servers trim, no parameters, backslashes or controls, and nothing percent-encoded that stands for itself or for
/// a separator (RFC 3986 §6.2.2), or that some decoders take for it.
pub(crate) fn is_canonical(path: &str) -> bool {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b';' | b'?' | b'#'));
    let segments = path.strip_prefix('/').is_some_and(|rest| {
        let mut segments = rest.split('/').peekable();
        core::iter::from_fn(|| segments.next().map(|segment| (segment, segments.peek().is_none())))
            .all(|(segment, last)| (last || !segment.is_empty()) && !may_be_trimmed(segment))
    });
    plain && segments && path.split('%').skip(1).all(encodes_data) && (!path.contains('%') || decodes_to_text(path))
}

fn may_be_trimmed(segment: &str) -> bool {
    segment.ends_with('.') || segment.ends_with("%20") || segment.starts_with("%20")
}

/// Whether what follows a `%` is two digits that stand for a byte of data.
fn encodes_data(after_percent: &str) -> bool {
    let byte = after_percent.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.is_some_and(|byte| {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let separator = b"/\\;%?#".contains(&byte);
        !unreserved && !separator && !byte.is_ascii_control()
    })
}

/// Whether what is percent-encoded is UTF-8 as RFC 3629 has it (a lax decoder reads `%c0%af` as a slash), and
/// nothing in it is stripped as white space or becomes ASCII where case or width is ignored.
fn decodes_to_text(path: &str) -> bool {
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    let folds = |char| matches!(char, '\u{130}' | '\u{131}' | '\u{17f}' | '\u{212a}' | '\u{ff01}'..='\u{ff5e}');
    core::str::from_utf8(&bytes).is_ok_and(|text| {
        text.chars().all(|char| char.is_ascii() || !(char.is_whitespace() || char.is_control() || folds(char)))
    })
}

#[cfg(test)]
mod tests;
