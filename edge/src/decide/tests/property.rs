//! Whatever comes together: no page of another site changes anything, nobody becomes somebody else, and nobody who may
//! be signed in loses a cookie.

use proptest::prelude::*;
use sealgate_shared::claims::Claims;
use sealgate_shared::id::SessionId;
use sealgate_shared::revocation::Revoked;

use super::*;
use crate::request::Browsing;
use crate::sample::{bearer_token, csrf_token, expired, refresh_claims, refresh_under, refreshed, refreshed_body};
use crate::sign_in;

const SESSIONS: [SessionId; 2] = [SESSION, OTHER_SESSION];

/// What a cookie, or an `Authorization` header, may have in it: of which session, and in what state.
#[derive(Clone, Copy, Debug)]
enum State {
    Good(usize),
    Expired(usize),
    Future(usize),
    Forged(usize),
    RetiredKey(usize),
    RevokedKey(usize),
    UnknownKey(usize),
    Junk,
}

impl State {
    fn claims(self) -> Claims {
        match self {
            Self::Expired(which) => expired(SESSIONS[which]),
            Self::Future(which) => crate::sample::claims_at(SESSIONS[which], 0, NOW.plus(10_000)),
            Self::Good(which)
            | Self::Forged(which)
            | Self::RetiredKey(which)
            | Self::RevokedKey(which)
            | Self::UnknownKey(which) => claims(SESSIONS[which]),
            Self::Junk => claims(SESSION),
        }
    }

    const fn key(self) -> u8 {
        match self {
            Self::RetiredKey(_) => RETIRED,
            Self::RevokedKey(_) => REVOKED,
            Self::UnknownKey(_) => 9,
            _ => 1,
        }
    }

    fn bend(self, text: String) -> String {
        match self {
            Self::Forged(_) => format!("{}.{}", text.rsplit_once('.').unwrap().0, "A".repeat(43)),
            Self::Junk => "v1.junk".to_owned(),
            _ => text,
        }
    }

    fn access(self) -> String {
        self.bend(token_under(self.key(), &self.claims()))
    }

    fn refresh(self) -> String {
        let mut claims = refresh_claims(self.claims().session, 0);
        if matches!(self, Self::Expired(_)) {
            claims.idle_expires_at = NOW;
        }
        self.bend(refresh_under(self.key(), &claims))
    }

    fn bearer(self) -> String {
        self.bend(bearer_token(&self.claims()))
    }

    /// The session that whoever holds it was once given it for.
    fn session(self) -> Option<SessionId> {
        (!matches!(self, Self::Forged(_) | Self::Junk)).then(|| self.claims().session)
    }
}

fn state() -> impl Strategy<Value = State> {
    (0..8_u8, 0..2_usize).prop_map(|(kind, which)| match kind {
        0 => State::Good(which),
        1 => State::Expired(which),
        2 => State::Future(which),
        3 => State::Forged(which),
        4 => State::RetiredKey(which),
        5 => State::RevokedKey(which),
        6 => State::UnknownKey(which),
        _ => State::Junk,
    })
}

fn revoked() -> impl Strategy<Value = Option<Revoked>> {
    let mark = Revoked::Tenant { tenant: "demo".parse().unwrap(), issued_before: NOW.plus(1) };
    prop_oneof![
        4 => Just(None),
        2 => Just(Some(mark)),
        1 => (0..2_usize).prop_map(|which| Some(Revoked::Session(SESSIONS[which]))),
    ]
}

/// What is said of where a request comes from, and whether this is not another site.
fn said() -> impl Strategy<Value = (Option<&'static str>, bool)> {
    prop::sample::select(vec![
        (Some("sec-fetch-site: same-origin"), true),
        (Some("sec-fetch-site: none"), true),
        (Some("sec-fetch-site: same-site"), false),
        (Some("sec-fetch-site: cross-site"), false),
        (Some("origin: https://app.example"), true),
        (Some("origin: https://evil.example"), false),
        (Some("origin: null"), false),
        (None, false),
    ])
}

/// How the origin answers a refresh.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Refreshed,
    Refused(&'static str),
    Down,
}

fn answer() -> impl Strategy<Value = Answer> {
    let codes = ["revoked", "reuse", "expired", "history_lost", "bad_mac", "ambiguous_session"];
    prop_oneof![
        3 => Just(Answer::Refreshed),
        2 => prop::sample::select(codes.to_vec()).prop_map(Answer::Refused),
        1 => Just(Answer::Down),
    ]
}

/// Asks the gate and runs its errands, as the entry module does. Whose tokens the origin was shown, and how it ended.
fn settle(door: &mut Door, incoming: &Incoming<'_>, answer: Answer) -> (Vec<SessionId>, Verdict) {
    let (mut cookies, mut outcome, mut shown) = (incoming.cookie.to_owned(), None, vec![]);
    for _ in 0..8 {
        let verdict = door.decide(&Incoming { cookie: &cookies, ..*incoming }, outcome);
        let Verdict::Need(errand) = verdict else { return (shown, verdict) };
        let now = incoming.now;
        outcome = Some(match &errand {
            Errand::Head { .. } => read_head(door, 1),
            Errand::Refresh { token, .. } => {
                let of = |session: &&SessionId| {
                    [1, RETIRED].iter().any(|key| *token == refresh_under(*key, &refresh_claims(**session, 0)))
                };
                let session = *SESSIONS.iter().find(of).expect("nothing else is shown to the origin");
                shown.push(session);
                let (lines, pairs) = refreshed(session, 1, NOW.plus(1));
                match answer {
                    Answer::Refreshed => {
                        cookies = format!("{pairs}; {cookies}");
                        absorb(door, &errand, 200, &refreshed_body(&lines), now)
                    }
                    Answer::Refused(code) => {
                        let body = format!(r#"{{"status":"refused","code":"{code}"}}"#);
                        absorb(door, &errand, 200, body.as_bytes(), now)
                    }
                    Answer::Down => absorb(door, &errand, 503, b"", now),
                }
            }
            other => panic!("{other}"),
        });
    }
    panic!("never decided");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_combination_breaks_a_promise(
        accesses in prop::collection::vec(state(), 0..3),
        refreshes in prop::collection::vec(state(), 0..3),
        bearer in prop::option::weighted(0.2, state()),
        revoked in revoked(),
        answer in answer(),
        (method, upgrade) in prop::sample::select(vec![
            ("GET", false), ("GET", true), ("HEAD", false), ("POST", false), ("DELETE", false), ("PUT", true),
        ]),
        (said, is_from_here) in said(),
        csrf in prop::option::of(0..2_usize),
        path in prop::sample::select(vec!["/page", "/token", "/fresh", "/none", "/open", "/auth/session", "/auth/refresh"]),
        newer in any::<bool>(),
    ) {
        let mut door = door();
        absorb(&mut door, &HEAD, 200, &head(at(1), 0, revoked.as_slice()), NOW);
        let cookies: Vec<_> = accesses.iter().map(|state| format!("__Host-sg={}", state.access()))
            .chain(refreshes.iter().map(|state| format!("__Host-sg_refresh={}", state.refresh())))
            .collect();
        let (url, cookies) = (format!("https://app.example{path}"), cookies.join("; "));
        let headers: Vec<_> = bearer.map(|state| format!("authorization: Bearer {}", state.bearer())).into_iter()
            .chain(upgrade.then(|| "upgrade: websocket".to_owned()))
            .chain(said.map(str::to_owned))
            .chain(csrf.map(|which| format!("x-csrf-token: {}", csrf_token(SESSIONS[which]))))
            .collect();
        let headers = headers.join("\n");
        let now = NOW.plus(if newer { 2 } else { 1 });
        let incoming = Incoming { url: &url, method, cookie: &cookies, headers: &headers, now };
        let is_down = matches!(answer, Answer::Down);
        let (shown, verdict) = settle(&mut door, &incoming, answer);

        prop_assert!(shown.len() <= 1, "one question is enough");
        prop_assert!(bearer.is_none() || shown.is_empty(), "native clients refresh by themselves");
        match &verdict {
            Verdict::Forward(forward, _) if forward.to == Forwarded::Session => {
                let session: SessionId = header(forward, "x-sealgate-session").unwrap().parse().unwrap();
                // It is somebody whose token came along, and nobody else's did that could be taken for good.
                let came: Vec<_> = match bearer {
                    Some(state) => vec![state],
                    None => accesses.iter().chain(&refreshes).copied().collect(),
                };
                prop_assert!(came.iter().any(|state| state.session() == Some(session)));
                let others = |states: &[State], is_good: fn(&State) -> bool| {
                    states.iter().any(|state| is_good(state) && state.session().is_some_and(|other| other != session))
                };
                if bearer.is_none() {
                    prop_assert!(!others(&accesses, |state| matches!(state, State::Good(_))));
                }
                if !shown.is_empty() {
                    prop_assert_eq!(&shown, &[session]);
                    prop_assert!(!others(&refreshes, |state| matches!(state, State::Good(_) | State::RetiredKey(_))));
                }
                prop_assert_ne!(revoked, Some(Revoked::Session(session)));
                let changes = method != "GET" && method != "HEAD" || upgrade;
                if bearer.is_none() && changes {
                    let proves = csrf.is_some_and(|which| SESSIONS[which] == session);
                    let is_silent = said.is_none();
                    prop_assert!(is_from_here || is_silent && proves, "another site's page did this");
                    prop_assert!(path != "/token" || proves);
                }
            }
            Verdict::Forward(forward, _) => prop_assert_eq!(forward.to, Forwarded::Origin),
            Verdict::Need(errand) => prop_assert!(false, "{}", errand),
            Verdict::Refuse(denial) => {
                let browsing = Browsing { accept: "*/*", fetch_mode: "cors" };
                let answer = sign_in::answer(*denial, &incoming, &browsing, Some(&door.settings)).to_string();
                let clears = answer.contains("set-cookie");
                let is_ambiguous = denial.why == Refusal::Token(Reject::AmbiguousSession);
                prop_assert_eq!(clears, is_ambiguous);
                if is_ambiguous {
                    let all: Vec<_> = accesses.iter().chain(&refreshes).filter_map(|state| state.session()).collect();
                    prop_assert!(SESSIONS.iter().all(|session| all.contains(session)), "two sessions came along");
                }
                if is_down && !shown.is_empty() {
                    prop_assert_eq!(denial.why, Refusal::OriginUnavailable, "that is not the browser's fault");
                }
            }
        }
    }
}
