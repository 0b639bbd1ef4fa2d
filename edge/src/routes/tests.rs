use super::*;

/// What a route says that says nothing but its path.
const NOTHING_SAID: Route = Route {
    path: String::new(),
    policy: Policy::Session,
    revocation: None,
    unreachable: None,
    max_age: None,
    csrf: None,
};

fn route(path: &str, policy: Policy) -> Route {
    Route { path: path.into(), policy, ..NOTHING_SAID }
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
    Route { path: path.into(), revocation, unreachable, ..NOTHING_SAID }
}

fn rule(revocation: Revocation, unreachable: Unreachable) -> Rule {
    Rule { revocation, unreachable, ..Rule::DEFAULT }
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
        assert_eq!(dimensions().rule(path), rule(Revocation::Ask, Unreachable::Closed), "{path}");
    }
    let lax = Routes::new(&[
        Route { path: "/".into(), policy: Policy::Public, ..NOTHING_SAID },
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

fn fresh(path: &str, max_age: u32) -> Route {
    Route { path: path.into(), policy: Policy::Fresh, max_age: NonZeroU32::new(max_age), ..NOTHING_SAID }
}

fn with_token(path: &str) -> Route {
    Route { path: path.into(), csrf: Some(Csrf::Token), ..NOTHING_SAID }
}

/// What a path needs, as far as freshness and CSRF tokens go.
fn needs(routes: &Routes, path: &str) -> (Policy, u32, Csrf) {
    let rule = routes.rule(path);
    (rule.policy, rule.max_age_s.map_or(0, NonZeroU32::get), rule.csrf)
}

#[test]
fn a_fresh_route_says_how_fresh_and_of_several_the_shortest_age_holds() {
    let table = Routes::new(&[
        fresh("/pay", 300),
        fresh("/pay/now", 60),
        fresh("/pay/later", 900),
        route("/pay/faq", Policy::Session),
        fresh("/both", 20),
        fresh("/both/", 10),
        fresh("/BOTH", 5),
        with_token("/both"),
        with_token("/form"),
    ]);
    for (path, needed) in [
        ("/pay", (Policy::Fresh, 300, Csrf::Headers)),
        ("/pay/now/x", (Policy::Fresh, 60, Csrf::Headers)),
        ("/pay/later", (Policy::Fresh, 900, Csrf::Headers)),
        ("/pay/faq", (Policy::Session, 0, Csrf::Headers)),
        ("/PAY/Later", (Policy::Fresh, 900, Csrf::Headers)),
        ("/both", (Policy::Fresh, 5, Csrf::Token)),
        ("/both/a", (Policy::Fresh, 5, Csrf::Token)),
        ("/FORM/a", (Policy::Session, 0, Csrf::Token)),
        ("/other", (Policy::Session, 0, Csrf::Headers)),
        ("/pay//faq", (Policy::Fresh, 5, Csrf::Token)),
        ("/%66orm", (Policy::Fresh, 5, Csrf::Token)),
    ] {
        assert_eq!(needs(&table, path), needed, "{path}");
    }
}

#[test]
fn what_only_a_session_can_have_is_refused_elsewhere() {
    let public = Route { policy: Policy::Public, ..with_token("/") };
    let aged = Route { max_age: NonZeroU32::new(1), ..NOTHING_SAID };
    let ageless = Route { max_age: None, ..fresh("/", 1) };
    let open = Route { unreachable: Some(Unreachable::Open), ..fresh("/", 1) };
    for route in [public, aged.clone(), Route { policy: Policy::Public, ..aged }, ageless, open] {
        assert!(route.check().is_err(), "{route:?}");
    }
    for route in [with_token("/"), fresh("/", 1), Route { csrf: Some(Csrf::Token), ..fresh("/", 1) }] {
        assert_eq!(route.check(), Ok(()), "{route:?}");
    }
}
