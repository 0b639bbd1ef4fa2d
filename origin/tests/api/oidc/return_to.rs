//! Where somebody gets in the end: to a path of the same site, whatever the address said.

use super::site::{Site, went_to};

/// As they stand in the address, between `return_to=` and the end.
const HOSTILE: [&str; 40] = [
    "//evil.test",
    "%2F%2Fevil.test",
    "///evil.test",
    "%2F%5Cevil.test",
    "/%5Cevil.test",
    "/%5C%5Cevil.test",
    "%5C%2Fevil.test",
    "%5C%5Cevil.test",
    "https:evil.test",
    "https://evil.test",
    "https%3A%2F%2Fevil.test",
    "https:%5C%5Cevil.test",
    "HTTPS://evil.test",
    "http:/evil.test",
    "javascript:alert(1)",
    "javascript%3Aalert(1)",
    "data:text/html,x",
    "%2F%09%2Fevil.test",
    "%2F%0A%2Fevil.test",
    "%2F%0D%2Fevil.test",
    "%09%2F%2Fevil.test",
    "%0A//evil.test",
    "%20%2F%2Fevil.test",
    "+//evil.test",
    "/a%0D%0ASet-Cookie:+x=y",
    "/a%0D%0A%0D%0A%3Chtml%3E",
    "/a%00",
    "/%7F",
    "/a+b",
    "/%EF%BC%8Fevil.test",
    "%EF%BB%BF/orders",
    "evil.test",
    "@evil.test",
    ".evil.test",
    "%3Fnext=/orders",
    "/%252F%252Fevil.test",
    "/%252f/evil.test",
    "/%255Cevil.test",
    "/%2509/evil.test",
    "",
];

/// These look bad, and lead to no other site: a browser resolves them to paths of this one.
const KEPT: [(&str, &str); 8] = [
    ("/orders?page=2%26sort=up", "/orders?page=2&sort=up"),
    ("/orders%23top", "/orders#top"),
    ("/@evil.test", "/@evil.test"),
    ("/a//b", "/a//b"),
    ("/a%5Cb", "/a\\b"),
    ("/?x=https://evil.test", "/?x=https://evil.test"),
    ("/%22%3E%3Cscript%3E", "/\"><script>"),
    ("/:80", "/:80"),
];

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let site = Site::start().await;
    for hostile in HOSTILE {
        let answer = site.sign_in(&format!("return_to={hostile}")).await;
        went_to(&answer, "/");
    }
    let long = format!("return_to=/{}", "a".repeat(2_048));
    went_to(&site.sign_in(&long).await, "/");
    let twice = site.sign_in("return_to=/orders&return_to=//evil.test").await;
    went_to(&twice, "/orders");
}

#[tokio::test]
async fn dots_lead_nowhere_else_either() {
    let site = Site::start().await;
    // `/.//evil.test` is the path `//evil.test` once the dots are gone, and some would take that for a host.
    for hostile in [
        "/.//evil.test",
        "/..//evil.test",
        "/./%5Cevil.test",
        "/a/..//evil.test",
        "/a/../%5Cevil.test",
        "/%252e//evil.test",
        "/%252E%252e//evil.test",
        "/.%252e/%5Cevil.test",
        "/.%09//evil.test",
    ] {
        let answer = site.sign_in(&format!("return_to={hostile}")).await;
        went_to(&answer, "/");
    }
}

#[tokio::test]
async fn nobody_goes_round_in_circles() {
    let site = Site::start().await;
    for circle in [
        "/auth/login",
        "/auth/login?return_to=/orders",
        "/auth/oidc/example/login",
        "/auth/oidc/example/login?max_age=0",
        "/auth/oidc/callback?state=x",
        "/auth/oidc/example/callback?state=x",
        "/auth/logout",
        "/auth/break-glass",
        "/auth/./login",
        "/x/../auth/login",
        "//auth/login",
    ] {
        let answer = site.sign_in(&format!("return_to={circle}")).await;
        went_to(&answer, "/");
    }
    went_to(&site.sign_in("return_to=/auth/account").await, "/auth/account");
    went_to(&site.sign_in("return_to=/auth/account?note=ended").await, "/auth/account?note=ended");
    went_to(&site.sign_in("return_to=/authors").await, "/authors");
}

#[tokio::test]
async fn what_is_a_path_of_ours_is_kept() {
    let site = Site::start().await;
    for (written, meant) in KEPT {
        let answer = site.sign_in(&format!("return_to={written}")).await;
        went_to(&answer, meant);
    }
    // So much of it that it takes twice the room when it is put aside.
    let heavy = format!("return_to=/{}", "%5C".repeat(2_047));
    assert_eq!(site.sign_in(&heavy).await.status, 303, "better to be signed in than to get there");
}
