use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::reject::Reject;

const SESSIONS: Counter = Counter::Forward(Forwarded::Session);
const REVOKED: Counter = Counter::Refuse(Refused::Token(Reject::Revoked));

fn report(counts: &[(Counter, u64)]) -> Report {
    let mut report = Report::new();
    for (counter, count) in counts {
        report.add(*counter, *count);
    }
    report
}

fn any_report() -> impl Strategy<Value = Report> {
    let counters: Vec<_> = Counter::all().collect();
    proptest::collection::vec((select(counters), 0..=MAX_COUNT), 0..60).prop_map(|counts| report(&counts))
}

#[test]
fn names_never_change() {
    let names: Vec<_> = Counter::all().map(|counter| counter.to_string()).collect();
    let rejects = Reject::ALL.map(|reject| format!("refuse.{}", reject.label()));
    let expected = [
        vec!["forward.public", "forward.session", "forward.origin"],
        rejects.iter().map(String::as_str).collect(),
        vec!["refuse.missing", "refuse.cross_site", "refuse.csrf_token", "refuse.insufficient_user_authentication"],
        vec!["refuse.unknown_host", "refuse.cookie_too_large", "refuse.upstream_unreachable"],
        vec!["refuse.origin_unavailable", "refuse.misconfigured"],
        vec!["age.100", "age.250", "age.500", "age.1000", "age.3000", "age.more"],
        vec!["feed.ok", "feed.failed", "feed.older", "feed.forged", "feed.gap"],
        vec!["snapshot.ok", "snapshot.failed", "keyring.ok", "keyring.failed", "check.ok", "check.failed"],
        vec!["refresh.ok", "refresh.refused", "refresh.failed", "refresh.known"],
        vec!["stale.closed", "stale.ask", "stale.open", "cookie.dropped"],
    ];
    assert_eq!(names, expected.concat());
}

#[test]
fn every_counter_has_a_place_and_a_name_of_its_own() {
    assert_eq!(Counter::all().count(), Counter::COUNT);
    for (place, counter) in Counter::all().enumerate() {
        assert_eq!((counter.index(), Counter::find(&counter.to_string())), (place, Some(counter)));
    }
    for name in ["", ".", "forward", "forward.", "forward.sessions", "Forward.public", "refuse.public", "age.99"] {
        assert_eq!(Counter::find(name), None, "{name}");
    }
    for refused in Refused::all() {
        assert_eq!(Refused::from_code(refused.code()), Some(refused));
    }
    assert_eq!(Refused::from_code("public"), None);
}

#[test]
fn an_age_belongs_to_the_first_class_that_reaches_up_to_it() {
    let classes =
        [0, 100, 101, 250, 251, 500, 501, 1_000, 1_001, 3_000, 3_001, u64::MAX].map(|age| Age::of(age).label());
    let expected = ["100", "100", "250", "250", "500", "500", "1000", "1000", "3000", "3000", "more", "more"];
    assert_eq!(classes, expected);
    for age in Age::ALL {
        assert!(age.bound().is_none_or(|bound| bound.to_string() == age.label()));
    }
}

#[test]
fn zero_counts_are_left_out() {
    let report = report(&[(REVOKED, 3), (Counter::DroppedCookie, 0), (SESSIONS, 512)]);
    assert_eq!(report.to_string(), "forward.session=512,refuse.revoked=3");
    assert_eq!(report.iter().collect::<Vec<_>>(), [(SESSIONS, 512), (REVOKED, 3)]);
    assert!(Report::new().is_empty() && !report.is_empty());
    assert_eq!(Report::new().to_string(), "");
}

#[test]
fn what_is_not_a_report_is_refused() {
    for (text, error) in [
        (",", ReportError::Form),
        ("feed.ok", ReportError::Form),
        ("feed.ok=", ReportError::Form),
        ("feed.ok=1,", ReportError::Form),
        (",feed.ok=1", ReportError::Form),
        ("feed.ok=1, feed.gap=1", ReportError::UnknownName),
        ("feed.ok =1", ReportError::UnknownName),
        ("feed.ok= 1", ReportError::Form),
        ("feed.ok=+1", ReportError::Form),
        ("feed.ok=-1", ReportError::Form),
        ("feed.ok=0", ReportError::Form),
        ("feed.ok=01", ReportError::Form),
        ("feed.ok=1=2", ReportError::Form),
        ("feed.ok=\u{661}", ReportError::Form),
        ("=1", ReportError::UnknownName),
        ("feed.fine=1", ReportError::UnknownName),
        ("FEED.ok=1", ReportError::UnknownName),
        ("feed.ok=1,feed.ok=1", ReportError::Twice),
        ("feed.ok=1000000001", ReportError::TooMany),
        ("feed.ok=18446744073709551616", ReportError::TooMany),
    ] {
        assert_eq!(text.parse::<Report>(), Err(error), "{text}");
    }
    assert_eq!("feed.ok=1000000000".parse(), Ok(report(&[(Counter::Feed(Feed::Ok), MAX_COUNT)])));
    assert_eq!("feed.ok=1,".repeat(500).parse::<Report>(), Err(ReportError::TooLong));
}

#[test]
fn the_fullest_report_can_be_read() {
    let fullest: Vec<_> = Counter::all().map(|counter| (counter, u64::MAX)).collect();
    let text = report(&fullest).to_string();
    assert!(text.len() < MAX_LENGTH / 2, "{}", text.len());
    assert_eq!(text.parse(), Ok(report(&fullest)));
}

proptest! {
    #[test]
    fn text_goes_there_and_back(report in any_report()) {
        prop_assert_eq!(report.to_string().parse(), Ok(report));
    }

    #[test]
    fn no_text_stops_the_reader(text in prop_oneof![
        any::<String>(),
        "((forward\\.session|feed\\.ok|age\\.[0-9]{1,4})=[0-9]{0,22},?){0,5}",
    ]) {
        if let Ok(report) = text.parse::<Report>() {
            prop_assert_eq!(report.iter().map(|(_, count)| count.to_string().len()).sum::<usize>() > 0, !text.is_empty());
            prop_assert_eq!(report.to_string().len(), text.len());
        }
    }

    #[test]
    fn what_was_told_is_not_told_again(told in any_report(), since in any_report()) {
        let mut held = told.clone();
        held.merge(&since);
        held.subtract(&told);
        for (counter, count) in held.iter() {
            // Less only where the two together reached the largest count.
            prop_assert!(count == since.get(counter) || count == MAX_COUNT.saturating_sub(told.get(counter)));
        }
        held.subtract(&since);
        prop_assert!(held.is_empty());
    }
}
