//! Several tabs of one browser.

use super::site::{Site, cookies_of, went_to};

#[tokio::test]
async fn each_tab_has_a_sign_in_of_its_own() {
    let site = Site::start().await;
    let one = site.begin("return_to=/one", "").await;
    let other = site.begin("return_to=/other", &one.cookie).await;
    assert_eq!(one.cookie, other.cookie, "what the browser has is kept");
    assert!(other.line.ends_with("; Max-Age=600"), "and lives on: {}", other.line);
    assert_eq!(site.under_way().await, 2);
    let (back_to_one, back_to_other) =
        (site.provider.authorize(&one.location), site.provider.authorize(&other.location));
    let answer = site.come_back(&back_to_other, &one.cookie).await;
    went_to(&answer, "/other");
    // What binds the other tab's to the browser is not taken away.
    assert!(
        !answer.set_cookies().iter().any(|line| line.starts_with("__Host-sg_login=")),
        "{:?}",
        answer.set_cookies()
    );
    let session = cookies_of(&answer);
    let answer = site.come_back(&back_to_one, &format!("{session}; {}", one.cookie)).await;
    went_to(&answer, "/one");
    assert_eq!(
        site.count("select count(*) from sessions where revoked_at is null").await,
        1,
        "one browser, one session"
    );
}

#[tokio::test]
async fn a_cookie_that_is_none_of_ours_is_replaced() {
    let site = Site::start().await;
    let good = site.begin("", "").await.cookie;
    for odd in ["__Host-sg_login=", "__Host-sg_login=x", &format!("{good}A"), &good.replace('=', "=A"), "__Host-sg=x"] {
        let begun = site.begin("", odd).await;
        assert_ne!(begun.cookie, odd);
        assert_eq!(begun.cookie.len(), good.len(), "{odd}");
    }
    let begun = site.begin("", &format!("__Host-sg_login=x; {good}")).await;
    assert_eq!(begun.cookie, good, "the first that is one");
}
