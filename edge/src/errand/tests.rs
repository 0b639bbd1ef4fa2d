use sealgate_shared::reject::Reject;

use super::*;
use crate::settings::ClientAddress;
use crate::settings::tests::{JSON, secret};

const SESSION: SessionId = SessionId::new([9; 16]);

#[test]
fn errands_go_there_and_back() {
    let check = Errand::Check {
        tenant: "demo".parse().unwrap(),
        session: SESSION,
        expires_at: UnixMillis::new(1_700_000_000_000).unwrap(),
    };
    let position = Position { epoch: 2, sequence: 7 };
    let heads = [true, false].map(|is_direct| Errand::Head { is_direct });
    let refresh = Errand::Refresh { tenant: "demo".parse().unwrap(), token: "r1.a.b.c.d".to_owned() };
    for errand in heads.into_iter().chain([Errand::Keyring, Errand::Snapshot(position), check, refresh]) {
        assert_eq!(errand.to_string().parse(), Ok(errand));
    }
    for text in [
        "",
        "keyring x",
        "head",
        "head x",
        "head direct x",
        "snapshot",
        "snapshot 1",
        "snapshot 1.2 3",
        "check demo",
        "check demo ses-x 1",
        "check demo x 1 2",
        "refresh demo",
        "refresh De-mo! r1",
        "refresh demo r1 x",
        "other",
    ] {
        assert_eq!(text.parse::<Errand>(), Err(()), "{text}");
    }
}

#[test]
fn outcomes_go_there_and_back_and_nonsense_is_none() {
    let asked_at = UnixMillis::new(17).unwrap();
    let others =
        [Outcome::Keyring, Outcome::More, Outcome::Live(SESSION, asked_at), Outcome::Revoked(SESSION)].into_iter();
    let refreshes = [Outcome::Refreshed].into_iter().chain(Reject::ALL.map(Outcome::Refused));
    for outcome in others.chain(refreshes).chain(Keep::ALL.map(Outcome::Feed)).chain(Kind::ALL.map(Outcome::Failed)) {
        assert_eq!(Outcome::parse(&outcome.to_string()), Some(outcome));
    }
    for text in [
        "",
        "live",
        "live x 1",
        "keyring 1",
        "yes",
        "failed",
        "failed x",
        "feed",
        "feed x",
        "failed check x",
        "refused",
        "refused x",
        "refreshed x",
    ] {
        assert_eq!(Outcome::parse(text), None, "{text}");
    }
}

#[test]
fn behind_the_first_line_of_an_outcome_is_what_others_need() {
    assert_eq!(Outcome::parse("refreshed\n__Host-sg=v1.a.b.c\nx"), Some(Outcome::Refreshed));
}

fn header<'q>(question: &'q Question, name: &str) -> Option<&'q str> {
    question.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn questions_carry_the_credential_and_never_the_secret() {
    let settings = Settings::parse(JSON, &secret(), "").unwrap();
    let question = Errand::Keyring.question(&settings, Held::default());
    assert_eq!((question.method, question.url.as_str()), ("GET", "http://127.0.0.1:2/internal/keyring"));
    assert!(header(&question, CREDENTIAL_HEADER).unwrap().starts_with("dev."));
    assert!(!format!("{question:?}").contains(&secret()));
}

#[test]
fn the_origin_is_told_which_keyring_is_held_and_how_exact_an_answer_must_be() {
    let mut settings = Settings::parse(JSON, &secret(), "").unwrap();
    let held = || Held { ring: Some(7), ..Held::default() };
    assert_eq!(header(&Errand::Keyring.question(&settings, Held::default()), "if-none-match"), None);
    assert_eq!(header(&Errand::Keyring.question(&settings, held()), "if-none-match"), Some("\"7\""));
    let expires_at = UnixMillis::new(99).unwrap();
    let check = Errand::Check { tenant: "demo".parse().unwrap(), session: SESSION, expires_at };
    for (check_cache_ms, exact) in [(0, true), (999, true), (1_000, false), (5_000, false)] {
        settings.check_cache_ms = check_cache_ms;
        let question = check.question(&settings, held());
        assert_eq!((question.method, header(&question, "if-none-match")), ("POST", None));
        assert!(question.body.unwrap().contains(&format!("\"exact\":{exact}")), "{check_cache_ms}");
    }
}

#[test]
fn a_head_is_asked_for_with_all_that_concerns_us_alone_or_with_nothing_of_it() {
    let mut settings = Settings::parse(JSON, &secret(), "").unwrap();
    settings.feed_cache = FeedCache::OneSecond;
    let position = Some(Position { epoch: 3, sequence: 9 });
    let held = || Held { ring: Some(7), position, challenge: "c-1", report: "feed.ok=1".to_owned(), ..Held::default() };
    let url = format!("http://127.0.0.1:2/internal/feed/dev/{}", settings.secret.seal_id());
    let direct = Errand::Head { is_direct: true }.question(&settings, held());
    assert_eq!((direct.url, direct.is_shared), (format!("{url}/head"), false));
    let direct = Errand::Head { is_direct: true }.question(&settings, held());
    for (name, value) in [(CHALLENGE_HEADER, "c-1"), (POSITION_HEADER, "3.9"), (REPORT_HEADER, "feed.ok=1")] {
        assert_eq!(header(&direct, name), Some(value));
    }
    let shared = Errand::Head { is_direct: false }.question(&settings, held());
    assert_eq!((shared.headers.len(), shared.is_shared), (1, true), "the credential alone: all ask the same");
    let snapshot = Errand::Snapshot(Position { epoch: 3, sequence: 4 }).question(&settings, held());
    assert_eq!((snapshot.url, snapshot.is_shared), (format!("{url}/snapshot/3/4"), true));
}

#[test]
fn a_refresh_token_is_shown_with_whoever_brought_it() {
    let mut settings = Settings::parse(JSON, &secret(), "").unwrap();
    let errand = Errand::Refresh { tenant: "demo".parse().unwrap(), token: "r1.a.b.c.d".to_owned() };
    let client = Client { user_agent: "Mozilla \"5\"", ip: "192.0.2.7" };
    let question = errand.question(&settings, Held { client, ..Held::default() });
    assert_eq!((question.method, question.url.as_str()), ("POST", "http://127.0.0.1:2/internal/refresh"));
    assert_eq!((header(&question, "content-type"), question.is_shared), (Some("application/json"), false));
    assert!(header(&question, CREDENTIAL_HEADER).is_some());
    assert_eq!(
        question.body.unwrap(),
        r#"{"ip":"192.0.2.7","refresh_token":"r1.a.b.c.d","tenant":"demo","user_agent":"Mozilla \"5\""}"#
    );
    let question = errand.question(&settings, Held::default());
    assert_eq!(question.body.unwrap(), r#"{"refresh_token":"r1.a.b.c.d","tenant":"demo"}"#);
    settings.client_address = ClientAddress::Unknown;
    let question = errand.question(&settings, Held { client, ..Held::default() });
    assert!(!question.body.unwrap().contains("192.0.2.7"), "anybody may have written that");
}
