use super::*;

fn route(path: &str, policy: Policy) -> Route {
    Route { path: path.into(), policy, revocation: None, unreachable: None }
}

fn routes() -> Routes {
    Routes::new(&[
        route("/public", Policy::Public),
        route("/public/private/", Policy::Session),
        route("/public/private/open", Policy::Public),
    ])
}

#[test]
fn longest_route_decides_and_a_session_is_the_default() {
    for (path, policy) in [
        ("/", Policy::Session),
        ("/public", Policy::Public),
        ("/public/", Policy::Public),
        ("/public/a%20b", Policy::Public),
        ("/public/%C3%A9", Policy::Public),
        ("/publicity", Policy::Session),
        ("/public/private", Policy::Session),
        ("/public/private/a", Policy::Session),
        ("/public/private/open/a", Policy::Public),
        ("/other", Policy::Session),
    ] {
        assert_eq!(routes().rule(path).policy, policy, "{path}");
    }
    assert_eq!(Routes::new(&[]).rule("/").policy, Policy::Session);
    let all = Routes::new(&[route("/", Policy::Public)]);
    assert_eq!(all.rule("/any/thing").policy, Policy::Public);
}

#[test]
fn a_path_with_two_readings_gets_the_strictest_policy() {
    for path in [
        "/public/../private",
        "/public/./a",
        "/public//a",
        "//public",
        "/public/a;x=1",
        "/public;x",
        "/public/a\\b",
        "/public/%2e%2e/a",
        "/public/%2E",
        "/public/%2fa",
        "/public/%5Ca",
        "/public/%70rivate",
        "/public/%00",
        "/public/%7f",
        "/public/%0a",
        "/public/%25",
        "/public/%3f",
        "/public/%3b",
        "/public/%",
        "/public/%2",
        "/public/%zz",
        "/public/%+1",
        "/public/a.",
        "/public./a",
        "/public/a%20",
        "/public/%20a",
        "/public/..%20/a",
        "/public/..%c2%a0/a",
        "/public/%c0%ae%c0%ae/a",
        "/public/%c0%af",
        "/public/%e0%80%af",
        "/public/%ff",
        "/public/%ef%bc%8f",
        "/public/%e2%84%aa",
        "/public/%c2%85",
        "/public/a b",
        "/public/\u{e9}",
        "",
        "public",
    ] {
        assert_eq!(routes().rule(path).policy, Policy::Session, "{path}");
    }
}

#[test]
fn case_never_makes_a_path_laxer() {
    assert_eq!(routes().rule("/public/PRIVATE").policy, Policy::Session);
    assert_eq!(routes().rule("/PUBLIC").policy, Policy::Session);
}

#[test]
fn of_two_routes_of_one_path_the_stricter_holds() {
    let mut table = vec![route("/a", Policy::Public), route("/a/", Policy::Session)];
    assert_eq!(Routes::new(&table).rule("/a").policy, Policy::Session);
    table = vec![route("/b", Policy::Public), route("/B", Policy::Session)];
    assert_eq!(Routes::new(&table).rule("/b").policy, Policy::Session);
}

#[test]
fn encoding_and_case_never_make_a_path_laxer() {
    let table = Routes::new(&[
        route("/", Policy::Public),
        route("/(admin)", Policy::Session),
        route("/wp%3aadmin", Policy::Session),
        route("/caf%c3%a9", Policy::Session),
        route("/%E2%B1%A5%E2%B1%A5", Policy::Public),
        // Shorter than the route above as it is written here, longer in lower case.
        route("/%C8%BA%C8%BA/a", Policy::Session),
    ]);
    for path in ["/(admin)", "/%28admin%29/a", "/(ADMIN%29", "/wp:admin", "/WP%3Aadmin", "/caf%C3%A9", "/CAF%C3%89"] {
        assert_eq!(table.rule(path).policy, Policy::Session, "{path}");
    }
    assert_eq!(table.rule("/%E2%B1%A5%E2%B1%A5/b").policy, Policy::Public);
    assert_eq!(table.rule("/%E2%B1%A5%E2%B1%A5/a").policy, Policy::Session);
    assert_eq!(table.rule("/(a%29").policy, Policy::Public);
}

/// A route that needs a session.
fn how(path: &str, revocation: Option<Revocation>, unreachable: Option<Unreachable>) -> Route {
    Route { path: path.into(), policy: Policy::Session, revocation, unreachable }
}

fn rule(revocation: Revocation, unreachable: Unreachable) -> Rule {
    Rule { policy: Policy::Session, revocation, unreachable }
}

/// A table in which each route is laxer or stricter than its neighbours, in one dimension or the other.
fn dimensions() -> Routes {
    Routes::new(&[
        how("/none", Some(Revocation::None), None),
        how("/none/feed", None, None),
        how("/ask", Some(Revocation::Ask), None),
        how("/open", None, Some(Unreachable::Open)),
        how("/open/fall-back", Some(Revocation::Feed), Some(Unreachable::Ask)),
        how("/open/(a)", None, Some(Unreachable::Closed)),
    ])
}

#[test]
fn each_route_says_how_it_wants_to_know() {
    for (path, revocation, unreachable) in [
        ("/", Revocation::Feed, Unreachable::Closed),
        ("/none/a", Revocation::None, Unreachable::Closed),
        ("/none/feed", Revocation::Feed, Unreachable::Closed),
        ("/ask/a", Revocation::Ask, Unreachable::Closed),
        ("/asking", Revocation::Feed, Unreachable::Closed),
        ("/open", Revocation::Feed, Unreachable::Open),
        ("/open/fall-back/a", Revocation::Feed, Unreachable::Ask),
        ("/open/(a)", Revocation::Feed, Unreachable::Closed),
    ] {
        assert_eq!(dimensions().rule(path), rule(revocation, unreachable), "{path}");
    }
    assert_eq!(Routes::new(&[]).rule("/"), rule(Revocation::Feed, Unreachable::Closed));
}

#[test]
fn case_and_encoding_make_a_path_laxer_in_no_dimension() {
    for (path, revocation, unreachable) in [
        // Their spelling is that of no route: the default, and what the route says.
        ("/NONE/a", Revocation::Feed, Unreachable::Closed),
        ("/OPEN/a", Revocation::Feed, Unreachable::Closed),
        ("/Ask", Revocation::Ask, Unreachable::Closed),
        ("/none/FEED", Revocation::Feed, Unreachable::Closed),
        ("/open/FALL-BACK", Revocation::Feed, Unreachable::Ask),
        ("/open/%28a%29", Revocation::Feed, Unreachable::Closed),
        ("/open/(A%29", Revocation::Feed, Unreachable::Closed),
    ] {
        assert_eq!(dimensions().rule(path), rule(revocation, unreachable), "{path}");
    }
}

#[test]
fn a_path_with_two_readings_has_to_satisfy_the_whole_table_in_each_dimension() {
    for path in ["/none//a", "/none/../a", "/open/%61", "/none;a", "/open/a%2fb", "", "/open/."] {
        assert_eq!(dimensions().rule(path), Rule::STRICTEST, "{path}");
    }
    let lax = Routes::new(&[
        Route { path: "/".into(), policy: Policy::Public, revocation: None, unreachable: None },
        how("/none", Some(Revocation::None), None),
        how("/open", None, Some(Unreachable::Open)),
    ]);
    assert_eq!(lax.rule("/none//a"), Rule::DEFAULT, "at least what a path needs of which nothing was said");
}

#[test]
fn of_two_routes_of_one_path_both_have_to_be_satisfied_in_each_dimension() {
    for (first, second) in [("/a", "/a"), ("/a/", "/a"), ("/a", "/A"), ("/A", "/a"), ("/a", "/%41")] {
        let pairs = [
            (how(first, Some(Revocation::None), None), how(second, None, Some(Unreachable::Open))),
            (how(first, None, Some(Unreachable::Ask)), how(second, None, Some(Unreachable::Open))),
            (how(first, Some(Revocation::None), None), how(second, Some(Revocation::Ask), None)),
            (route(first, Policy::Public), how(second, Some(Revocation::None), None)),
        ];
        let expected = [
            rule(Revocation::Feed, Unreachable::Closed),
            rule(Revocation::Feed, Unreachable::Ask),
            rule(Revocation::Ask, Unreachable::Closed),
            rule(Revocation::Feed, Unreachable::Closed),
        ];
        for ((one, other), expected) in pairs.into_iter().zip(expected) {
            assert_eq!(Routes::new(&[one.clone(), other.clone()]).rule("/a"), expected, "{one:?} {other:?}");
            assert_eq!(Routes::new(&[other, one]).rule("/a"), expected);
        }
    }
}

#[test]
fn a_route_that_contradicts_itself_is_refused() {
    let revocations = [Revocation::None, Revocation::Feed, Revocation::Ask];
    let unreachables = [Unreachable::Open, Unreachable::Ask, Unreachable::Closed];
    for revocation in revocations {
        let is_feed = revocation == Revocation::Feed;
        assert_eq!(how("/", Some(revocation), None).check(), Ok(()));
        let public = Route { policy: Policy::Public, ..how("/", Some(revocation), None) };
        assert!(public.check().is_err(), "{public:?}");
        for unreachable in unreachables {
            let both = how("/", Some(revocation), Some(unreachable));
            assert_eq!(both.check().is_ok(), is_feed, "{both:?}");
            assert_eq!(how("/", None, Some(unreachable)).check(), Ok(()));
            let public = Route { policy: Policy::Public, ..how("/", None, Some(unreachable)) };
            assert!(public.check().is_err(), "{public:?}");
        }
    }
    assert_eq!(route("/", Policy::Public).check(), Ok(()));
}
