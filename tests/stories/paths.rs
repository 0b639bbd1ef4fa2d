//! Request targets that some server reads otherwise than the edge does, sent byte by byte, to an application that
//! keeps what arrived byte by byte. Whatever arrives without a session must be public however it is read.

use sealgate_tests::raw;
use sealgate_tests::readings::Reading;
use sealgate_tests::recorder::Recorder;
use sealgate_tests::scale;
use sealgate_tests::stack::{DEMO, Stack};
use serde_json::json;

use self::targets::{Rule, TARGETS};

mod targets;

/// Paths and their policies.
type Table = &'static [(&'static str, &'static str)];

/// Tables of routes, the first of them that of [`TARGETS`], and the host each one is served at.
const TABLES: [(&str, Table); 4] = [
    (DEMO, &[("/public", "public")]),
    ("island.test", &[("/", "public"), ("/private", "session"), ("/public/private", "session")]),
    ("lake.test", &[("/public", "public"), ("/public/private", "session"), ("/public/private/open", "public")]),
    ("case.test", &[("/", "public"), ("/private", "session"), ("/Private/Open", "public"), ("/PUBLIC", "session")]),
];

struct World {
    stack: Stack,
    application: Recorder,
    cookie: String,
}

impl World {
    async fn start() -> Self {
        let application = Recorder::start().await;
        let tenant = |(position, (host, routes)): (usize, &(&str, Table))| {
            let routes: Vec<_> =
                routes.iter().map(|(path, policy)| json!({ "path": path, "policy": policy })).collect();
            let id = if *host == DEMO { "demo".to_owned() } else { format!("t{position}") };
            let upstream = application.address();
            json!({ "id": id, "hosts": [host], "upstream": upstream, "routes": routes, "assertion": *host == DEMO })
        };
        let tenants: Vec<_> = TABLES.iter().enumerate().map(tenant).collect();
        let stack = Stack::start_with(|settings| settings["tenants"] = json!(tenants)).await;
        let (ada, _) = stack.signed_in("ada").await;
        let cookie = format!("Cookie: __Host-sg={}\r\n", ada.cookies["__Host-sg"]);
        Self { stack, application, cookie }
    }

    /// Sends a target, and says how it was answered and which targets arrived.
    async fn ask(&self, target: &str, host: &str, header: &str) -> (u16, Vec<String>) {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{header}\r\n");
        let answer = raw::exchange(self.stack.edge.address(), &raw::bytes(&request)).await;
        let arrived = self.application.take().iter().map(|request| request.target().to_owned()).collect();
        (answer.status(), arrived)
    }
}

/// Whether a path as it was read is public by a table: the plain meaning of a table, without any of the care that
/// the edge takes.
fn is_public(path: &str, table: Table, ignores_case: bool) -> bool {
    let covers = |route: &str| {
        let route = if ignores_case { route.to_lowercase() } else { route.to_owned() };
        let below = path.strip_prefix(route.trim_end_matches('/'));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = table.iter().filter(|(route, _)| covers(route)).max_by_key(|(route, _)| route.len());
    found.is_some_and(|(_, policy)| *policy == "public")
}

/// Every reading under which the target is not public.
fn readings_against(target: &str, table: Table) -> Vec<(Reading, String)> {
    let read = Reading::all().map(|reading| (reading, reading.read(target)));
    read.filter(|(reading, path)| !is_public(path, table, reading.ignores_case)).collect()
}

#[tokio::test]
async fn every_target_is_treated_as_stated_with_and_without_a_session() {
    assert!(TARGETS.len() >= 60);
    let world = World::start().await;
    let mut otherwise = Vec::new();
    for (target, rule) in TARGETS {
        let without = world.ask(target, DEMO, "").await;
        let with = world.ask(target, DEMO, &world.cookie).await;
        let arrives = |target: &str| (200, vec![target.to_owned()]);
        let refused = |status: u16| (status, Vec::new());
        let expected = match *rule {
            Rule::Public => (arrives(target), arrives(target)),
            Rule::PublicAs(arriving) => (arrives(arriving), arrives(arriving)),
            Rule::Session => (refused(401), arrives(target)),
            Rule::SessionAs(arriving) => (refused(401), arrives(arriving)),
            Rule::Origin(status, with) => (refused(status), refused(with)),
            Rule::Refused(status) => (refused(status), refused(status)),
        };
        if (&without, &with) != (&expected.0, &expected.1) {
            otherwise.push((target, without, with));
        }
    }
    assert!(otherwise.is_empty(), "not as stated: {otherwise:#?}");
}

#[tokio::test]
async fn no_target_reaches_a_protected_page_without_a_session_however_it_is_read() {
    let world = World::start().await;
    let mut arrived_at = Vec::new();
    let composed = || targets::composed().step_by(scale::count(7, 1));
    for (host, table) in TABLES {
        let mut arrived = 0;
        for target in TARGETS.iter().map(|(target, _)| (*target).to_owned()).chain(composed()) {
            for target in world.ask(&target, host, "").await.1 {
                let against = readings_against(&target, table);
                assert!(against.is_empty(), "{target} arrived at {host}, and some read it so: {:?}", against[0]);
                arrived += 1;
            }
        }
        arrived_at.push(arrived);
    }
    assert!(arrived_at.iter().all(|&arrived| arrived > 5), "public targets do arrive: {arrived_at:?}");
}

#[tokio::test]
async fn a_very_long_target_is_refused_or_treated_as_a_short_one() {
    let world = World::start().await;
    for length in [1_000, 8_000, 60_000, 200_000] {
        let long = "a".repeat(length);
        for (target, session) in [
            (format!("/public/{long}"), false),
            (format!("/public/{long}/../../private"), true),
            (format!("/{long}"), true),
            (format!("/public/../{long}"), true),
            (format!("/public?{long}"), false),
            (format!("/private?{long}"), true),
            (format!("/public/{}private", "../".repeat(length / 3)), true),
        ] {
            let (status, arrived) = world.ask(&target, DEMO, "").await;
            let expected = match status {
                200 if !session => vec![target.clone()],
                _ => Vec::new(),
            };
            assert!(matches!(status, 200 | 400 | 401 | 414 | 431), "{status}");
            assert_eq!(arrived, expected, "{length}: {}", &target[..20]);
        }
    }
    assert_eq!(world.ask("/public", DEMO, "").await.0, 200, "the edge lives on");
}

#[tokio::test]
async fn no_spelling_of_the_host_leads_to_a_site_that_is_not_served() {
    let world = World::start().await;
    let ask = async |target: &str, hosts: &str| {
        let request = format!("GET {target} HTTP/1.1\r\n{hosts}\r\n");
        let answers = raw::send(world.stack.edge.address(), &raw::bytes(&request)).await;
        let statuses: Vec<u16> = answers.iter().map(raw::Message::status).collect();
        (statuses, world.application.take())
    };
    for host in
        ["demo.test.", "demo.test:81", "demo.test:080", "sub.demo.test", "x@demo.test:1", "[::1]", "demo.test,a", ""]
    {
        let (statuses, arrived) = ask("/public", &format!("Host: {host}\r\n")).await;
        assert!(matches!(statuses[..], [400 | 421]), "{host}: {statuses:?}");
        assert!(arrived.is_empty(), "{host}");
    }
    // What is appended to the host becomes a part of the URL: then that URL is what was decided on, and what goes on.
    for host in [
        "demo.test/public?",
        "demo.test/public#",
        "demo.test?",
        "demo.test#",
        "demo.test\\public",
        "demo.test/public/..",
    ] {
        let (statuses, arrived) = ask("/private", &format!("Host: {host}\r\n")).await;
        assert!(matches!(statuses[..], [200 | 400 | 401 | 421]), "{host}: {statuses:?}");
        for request in arrived {
            assert_eq!(readings_against(request.target(), TABLES[0].1).len(), 0, "{host}: {request:?}");
        }
    }
    for hosts in ["", "Host: demo.test\r\nHost: island.test\r\n", "Host: island.test\r\nHost: demo.test\r\n"] {
        let (statuses, arrived) = ask("/x", hosts).await;
        assert!(matches!(statuses[..], [400 | 401 | 421]), "{hosts}: {statuses:?}");
        assert!(arrived.is_empty(), "{hosts}: {arrived:?}");
    }
}
