//! What the browser brings back: forged, twice, missing, or for somebody else.

use sealgate_test_provider::Endpoint;

use super::{Case, World};

const OTHER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn a_stranger_uses_nothing_up() {
    let cases = vec![
        Case::new("no cookie", "binding_missing").cookie(|_| String::new()).burns_nothing(),
        Case::new("a cookie that is none", "binding_missing")
            .cookie(|_| "__Host-sg_login=x".to_owned())
            .burns_nothing(),
        Case::new("another browser", "state_unknown").cookie(|_| format!("__Host-sg_login={OTHER}")).burns_nothing(),
        Case::new("another state", "state_unknown").back(|back| back.with("state", OTHER)).burns_nothing(),
        Case::new("no state", "response_malformed").back(|back| back.without("state")).burns_nothing(),
        Case::new("an empty state", "response_malformed").back(|back| back.with("state", "")).burns_nothing(),
        Case::new("a state that is none", "response_malformed")
            .back(|back| back.with("state", "' or 1=1 --"))
            .burns_nothing(),
        Case::new("two states", "response_malformed").back(|back| back.with_another("state", OTHER)).burns_nothing(),
        Case::new("two codes", "response_malformed").back(|back| back.with_another("code", "another")).burns_nothing(),
        Case::new("two issuers", "response_malformed")
            .back(|back| back.with_another("iss", "https://elsewhere.test"))
            .burns_nothing(),
        Case::new("more than anybody says", "response_malformed")
            .back(|back| back.with("more", &"a".repeat(9_000)))
            .burns_nothing(),
        Case::new("an error without a state", "response_malformed")
            .back(|back| back.without("state").with("error", "access_denied"))
            .burns_nothing(),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn an_answer_that_is_none() {
    let cases = vec![
        Case::new("another issuer's answer", "response_issuer").back(|back| back.with("iss", "https://elsewhere.test")),
        Case::new("no issuer, where it names itself", "response_issuer").back(|back| back.without("iss")),
        Case::new("an empty issuer", "response_issuer").back(|back| back.with("iss", "")),
        Case::new("another issuer, where it need not name itself", "response_issuer")
            .early()
            .plan(|plan, _| plan.names_itself = false)
            .back(|back| back.with("iss", "https://elsewhere.test")),
        Case::new("an error of another issuer's", "response_issuer")
            .back(|back| back.with("error", "access_denied").with("iss", "https://elsewhere.test")),
        Case::new("no code", "code_missing").back(|back| back.without("code")),
        Case::new("an empty code", "code_missing").back(|back| back.with("code", "")),
        Case::new("another code", "code_refused").back(|back| back.with("code", "code-of-somebody-else")),
        Case::new("the person said no", "denied")
            .back(|back| back.without("code").with("error", "access_denied"))
            .kind(),
        Case::new("the provider said no", "provider_error")
            .back(|back| back.without("code").with("error", "server_error"))
            .kind(),
        Case::new("an error, and a code", "provider_error").back(|back| back.with("error", "server_error")).kind(),
        Case::new("an error that is none", "provider_error")
            .back(|back| back.without("code").with("error", "<script>alert(1)</script>"))
            .kind(),
    ];
    World::start().await.refuses(cases).await;
}

#[tokio::test]
async fn what_the_provider_says_is_not_repeated() {
    let mut world = World::start().await;
    let (provider, id) = world.register(|_| {}).await;
    for (error, said) in [("access_denied", "cancelled"), ("temporarily_unavailable", "temporarily_unavailable")] {
        let begun = world.begin(&id, "").await;
        let back = provider.refuse(&begun.location, error);
        let back = back.with("error_description", "<b>Call 555 0100</b>").with("error_uri", "https://elsewhere.test/");
        let page = world.come_back(&back, &begun.cookie).await.text();
        assert!(page.contains(said), "{page}");
        assert!(!page.contains("555") && !page.contains("elsewhere.test"), "{page}");
        assert!(page.contains("return_to=%2Forders") || page.contains("return_to=/orders"), "{page}");
    }
    let begun = world.begin(&id, "").await;
    let page = world.come_back(&provider.refuse(&begun.location, "<b>evil</b>"), &begun.cookie).await.text();
    assert!(!page.contains("evil"), "{page}");
}

/// Two sign-ins of one browser at two providers: what the one answers is not taken for the other's.
#[tokio::test]
async fn a_provider_answers_for_itself_alone() {
    let mut world = World::start().await;
    let (honest, honest_id) = world.register(|_| {}).await;
    let (evil, evil_id) = world.register(|_| {}).await;
    let with_evil = world.begin(&evil_id, "").await;
    let with_honest = world.begin(&honest_id, "").await;
    // The browser is sent back with the honest provider's code to the sign-in that began with the other.
    let code = honest.authorize(&with_honest.location);
    let mixed = evil.authorize(&with_evil.location).with("code", code.get("code").unwrap());
    let mixed = mixed.with("iss", &honest.issuer());
    let before = world.failures().await;
    let cookie = with_evil.cookie;
    assert_eq!(world.come_back(&mixed, &cookie).await.status, 400);
    assert_eq!(world.told(&before).await, [("response_issuer".to_owned(), 1)]);
    assert_eq!(evil.count(Endpoint::Token), 0, "it is not told the code");
}

/// The same with providers of which none names itself: one sends the browser on to the other, whose code comes back with the
/// state of the one (RFC 9700 §4.4.1).
#[tokio::test]
async fn nor_where_none_names_itself() {
    let mut world = World::start().await;
    let (honest, honest_id) = world.register(|_| {}).await;
    let (evil, evil_id) = world.register(|_| {}).await;
    for provider in [&honest, &evil] {
        provider.plan(|plan| plan.names_itself = false);
    }
    for callback in [
        // To this one the honest provider sends whoever comes for us, whatever the state is.
        format!("/auth/oidc/{honest_id}/callback"),
        "/auth/oidc/callback".to_owned(),
        "/auth/oidc/none/callback".to_owned(),
    ] {
        let with_evil = world.begin(&evil_id, "").await;
        let with_honest = world.begin(&honest_id, "").await;
        let code = honest.authorize(&with_honest.location).get("code").unwrap().to_owned();
        let mut mixed = evil.authorize(&with_evil.location).with("code", &code);
        mixed.address = format!("https://demo.test{callback}");
        let before = world.failures().await;
        assert_eq!(world.come_back(&mixed, &with_evil.cookie).await.status, 400, "{callback}");
        assert_eq!(world.told(&before).await, [("response_issuer".to_owned(), 1)], "{callback}");
        assert_eq!(evil.count(Endpoint::Token), 0, "{callback}: it is not told the code");
    }
}
