//! Tables of routes, and paths that some application would read in another way than we do.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use sealgate_edge::request::Target;
use sealgate_edge::routes::{Csrf, Policy, Revocation, Route, Rule, Unreachable};
use sealgate_edge::settings::Settings;
use serde_json::{Value, json};

/// Lines: routes, each with what it needs before it ([`route`] reads it), and last the path that is asked for.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (table, path) = text.rsplit_once('\n').unwrap_or(("+/public\n-/public/private\n+/Docs\n-/docs/a", text));
    let Some(table) = table.lines().map(route).collect::<Option<Vec<_>>>() else { return };
    let Some(settings) = settings(&table) else { return };
    let url = format!("https://h{path}");
    let Some(target) = Target::parse(&url).filter(|target| target.host == "h") else { return };
    let rule = settings.tenant("h").unwrap().routes.rule(target.path);
    if is_plain(path) && table.iter().all(|route| is_plain(&route.path)) {
        assert_eq!(rule, look_up(&table, path), "{path:?} of {table:?}");
    }
    for reading in readings(target.path) {
        let needed = look_up(&table, &reading);
        assert_eq!(both(rule, needed), rule, "{path:?} can be read as {reading:?}, by {table:?}");
    }
}

/// `+` is public and `-` needs a session; so do those that do not ask whether it was revoked (`n`), ask each time (`a`),
/// go on without the origin (`o`), or ask when the feed cannot be read (`f`); those that want a CSRF token always (`t`); and
/// those for whoever signed in a minute (`1`) or a quarter of an hour (`q`) ago.
fn route(line: &str) -> Option<Route> {
    let (kind, path) = line.split_at_checked(1)?;
    let (max_age, csrf) = match kind {
        "1" => (NonZeroU32::new(60), None),
        "q" => (NonZeroU32::new(900), None),
        "t" => (None, Some(Csrf::Token)),
        _ => (None, None),
    };
    let (policy, revocation, unreachable) = match kind {
        "1" | "q" => (Policy::Fresh, None, None),
        "t" => (Policy::Session, None, None),
        "+" => (Policy::Public, None, None),
        "-" => (Policy::Session, None, None),
        "n" => (Policy::Session, Some(Revocation::None), None),
        "a" => (Policy::Session, Some(Revocation::Ask), None),
        "o" => (Policy::Session, None, Some(Unreachable::Open)),
        "f" => (Policy::Session, Some(Revocation::Feed), Some(Unreachable::Ask)),
        _ => return None,
    };
    Some(Route { path: path.to_owned(), policy, revocation, unreachable, max_age, csrf })
}

/// By way of the configuration, since that refuses some routes.
fn settings(table: &[Route]) -> Option<Settings> {
    let routes: Vec<_> = table.iter().map(write).collect();
    let document = json!({
        "edge": "e",
        "origin_public": "http://o",
        "origin_private": "http://o",
        "tenants": [{ "id": "t", "hosts": ["h"], "assertion": false, "routes": routes }],
    });
    Settings::parse(&document.to_string(), &"A".repeat(43), "").ok()
}

fn write(route: &Route) -> Value {
    let policy = match route.policy {
        Policy::Public => "public",
        Policy::Session => "session",
        Policy::Fresh => "fresh",
    };
    let csrf = route.csrf.map(|csrf| if csrf == Csrf::Token { "token" } else { "headers" });
    let revocation = route.revocation.map(|revocation| match revocation {
        Revocation::None => "none",
        Revocation::Feed => "feed",
        Revocation::Ask => "ask",
    });
    let unreachable = route.unreachable.map(|unreachable| match unreachable {
        Unreachable::Open => "open",
        Unreachable::Ask => "ask",
        Unreachable::Closed => "closed",
    });
    json!({
        "path": route.path,
        "policy": policy,
        "revocation": revocation,
        "unreachable": unreachable,
        "max_age": route.max_age,
        "csrf": csrf,
    })
}

/// Nobody can read such a path in two ways.
fn is_plain(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/')
            .all(|segment| !segment.is_empty() && segment.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9')))
    })
}

/// What a path needs once it is read: what the longest route says which begins it, segment for segment, decoded
/// and whatever the case. Where several are as long, or differ in case alone, what satisfies all of them.
fn look_up(table: &[Route], path: &str) -> Rule {
    let wanted = segments(path);
    let begins = |route: &&Route| wanted.starts_with(&segments(&route.path));
    let longest = table.iter().filter(begins).map(|route| segments(&route.path).len()).max();
    let of_that_length = table.iter().filter(begins).filter(|route| Some(segments(&route.path).len()) == longest);
    let rule = |route: &Route| Rule {
        policy: route.policy,
        revocation: route.revocation.unwrap_or(Revocation::Feed),
        unreachable: route.unreachable.unwrap_or(Unreachable::Closed),
        max_age_s: route.max_age,
        csrf: route.csrf.unwrap_or(Csrf::Headers),
    };
    let nothing_said = Rule {
        policy: Policy::Session,
        revocation: Revocation::Feed,
        unreachable: Unreachable::Closed,
        max_age_s: None,
        csrf: Csrf::Headers,
    };
    of_that_length.map(rule).reduce(both).unwrap_or(nothing_said)
}

/// What satisfies both.
fn both(one: Rule, other: Rule) -> Rule {
    Rule {
        policy: one.policy.max(other.policy),
        revocation: one.revocation.max(other.revocation),
        unreachable: one.unreachable.max(other.unreachable),
        max_age_s: [one.max_age_s, other.max_age_s].into_iter().flatten().min(),
        csrf: one.csrf.max(other.csrf),
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(|segment| decode(segment).to_lowercase()).collect()
}

/// Everything that one or several of the known readings make of a path.
fn readings(path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([path.to_owned()]);
    let mut new: Vec<String> = found.iter().cloned().collect();
    while let Some(path) = new.pop() {
        for read in
            [decode, turn_backslashes, strip_parameters, cut_at_the_end, trim_segments, resolve_dots, fold_slashes]
        {
            let other = read(&path);
            if found.insert(other.clone()) {
                new.push(other);
            }
        }
    }
    found
}

/// Percent-decoding, as servers do that also take overlong UTF-8 (RFC 3629 §10).
fn decode(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&shorten(&bytes)).into_owned()
}

/// What a decoder reads that does not mind two bytes for a character of ASCII.
fn shorten(mut bytes: &[u8]) -> Vec<u8> {
    let mut read = Vec::new();
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = rest;
        match (first, rest) {
            (0xC0 | 0xC1, [second @ 0x80..=0xBF, rest @ ..]) => {
                read.push((first & 1) << 6 | second & 0x3F);
                bytes = rest;
            }
            _ => read.push(first),
        }
    }
    read
}

fn turn_backslashes(path: &str) -> String {
    path.replace('\\', "/")
}

fn strip_parameters(path: &str) -> String {
    path.split('/').map(|segment| segment.split(';').next().unwrap()).collect::<Vec<_>>().join("/")
}

/// C strings end at NUL, paths at `?` and `#`.
fn cut_at_the_end(path: &str) -> String {
    path.split(['\0', '?', '#']).next().unwrap().to_owned()
}

/// Windows takes names without the dots and spaces at their end for the same; others trim what is no text.
fn trim_segments(path: &str) -> String {
    let trim = |segment| match segment {
        "." | ".." => segment,
        _ => segment.trim_matches(|char: char| char <= ' ').trim_end_matches(['.', ' ']),
    };
    path.split('/').map(trim).collect::<Vec<_>>().join("/")
}

fn resolve_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

fn fold_slashes(path: &str) -> String {
    format!("/{}", path.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/"))
}
