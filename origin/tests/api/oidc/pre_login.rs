//! What is put aside while somebody is at the provider.

use std::time::Duration;

use sealgate_origin::store::ProviderChange;

use super::site::{Site, cookies_of, parameter, went_to};
use crate::kit::bend;

/// The hashes of state and binding, what is sealed, and whose session it seems to be.
type PutAside = (Vec<u8>, Vec<u8>, Vec<u8>, String, String);

#[tokio::test]
async fn nothing_that_is_secret_can_be_read_in_the_row() {
    let site = Site::start().await;
    let begun = site.begin("return_to=/a-place-to-look-for", "").await;
    let state = parameter(&begun.location, "state").unwrap();
    let nonce = parameter(&begun.location, "nonce").unwrap();
    let (_, binding) = begun.cookie.split_once('=').unwrap();
    let sql = "select login_state, login_binding, login_sealed, actor_type, actor_id from sessions";
    let rows: Vec<PutAside> = site.origin.database().await.rows(sql).await;
    let (hash, bound, sealed, kind, id) = &rows[0];
    assert_eq!((hash.len(), bound.len(), kind.as_str(), id.as_str()), (32, 32, "pre-login", "pre-login"));
    let bytes = [hash.as_slice(), bound, sealed].concat();
    for secret in [state.as_str(), &nonce, binding, "a-place-to-look-for", "example"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    let file = site.origin.v1("GET", "/v1/sessions?actor_type=pre-login&actor_id=pre-login").send().await;
    assert_eq!(file.json()["sessions"].as_array().map(Vec::len), Some(0), "it is nobody's session: {}", file.text());
}

#[tokio::test]
async fn a_wrong_state_or_another_browser_burns_nothing() {
    let site = Site::start().await;
    let begun = site.begin("return_to=/orders", "").await;
    let stranger = site.begin("", "").await;
    let back = site.provider.authorize(&begun.location);
    let other = back.clone().with("state", &bend(back.get("state").unwrap()));
    for (back, cookie, reason) in [
        (&other, begun.cookie.as_str(), "- state_unknown"),
        (&back, stranger.cookie.as_str(), "- state_unknown"),
        (&back, "", "- binding_missing"),
        (&back, "__Host-sg_login=x", "- binding_missing"),
        (&back.clone().without("state"), &begun.cookie, "- response_malformed"),
        (&back.clone().with_another("state", back.get("state").unwrap()), &begun.cookie, "- response_malformed"),
    ] {
        let answer = site.come_back(back, cookie).await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (400, 0), "{reason}");
        assert_eq!(site.failures().await.pop().unwrap(), reason);
        assert_eq!(site.under_way().await, 2, "{reason}");
    }
    went_to(&site.come_back(&back, &begun.cookie).await, "/orders");
}

#[tokio::test]
async fn an_answer_is_good_for_once() {
    let site = Site::start().await;
    let begun = site.begin("", "").await;
    let back = site.provider.authorize(&begun.location);
    let (one, other) = tokio::join!(site.come_back(&back, &begun.cookie), site.come_back(&back, &begun.cookie));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400], "of two at once one is let in");
    assert_eq!(site.come_back(&back, &begun.cookie).await.status, 400);
    assert_eq!(site.failures().await, ["- state_unknown", "- state_unknown"]);
    assert_eq!(site.count("select count(*) from sessions").await, 1);
}

#[tokio::test]
async fn another_tenants_sign_in_is_not_there() {
    let site = Site::start().await;
    let begun = site.begin("", "").await;
    let back = site.provider.authorize(&begun.location);
    let ask = site.origin.browser("GET", &back.target()).cookie(&begun.cookie);
    let answer = ask.header("x-sealgate-tenant", "other").header("x-sealgate-host", "other.test").send().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(site.under_way().await, 1);
    cookies_of(&site.come_back(&back, &begun.cookie).await);
}

#[tokio::test]
async fn ten_minutes_and_no_longer() {
    let site = Site::start().await;
    for (wait, status) in [(599_999, 303), (600_000, 400)] {
        let begun = site.begin("", "").await;
        site.origin.wait(Duration::from_millis(wait));
        let answer = site.come_back(&site.provider.authorize(&begun.location), &begun.cookie).await;
        assert_eq!(answer.status, status, "{wait}");
        assert_eq!(site.under_way().await, 0, "it is gone in any case");
    }
    assert_eq!(site.failures().await, ["example login_expired"]);
}

#[tokio::test]
async fn what_was_abandoned_is_swept() {
    let site = Site::start().await;
    site.begin("", "").await;
    site.origin.wait(Duration::from_mins(9));
    site.begin("", "").await;
    site.origin.wait(Duration::from_mins(1));
    let done = site.origin.app.office().housekeep(&site.origin.config.housekeeping).await;
    assert_eq!((done.pre_login, site.under_way().await), (1, 1));
}

#[tokio::test]
async fn what_is_posted_is_not_taken() {
    let site = Site::start().await;
    let begun = site.begin("", "").await;
    let back = site.provider.authorize(&begun.location);
    let query = back.target().split_once('?').unwrap().1.to_owned();
    let post = |path: &str| site.origin.browser("POST", path).cookie(&begun.cookie);
    post("/auth/oidc/callback").form(&query).refused(405, "method_not_allowed").await;
    post(&back.target()).refused(405, "method_not_allowed").await;
    let head = site.origin.browser("HEAD", &back.target()).cookie(&begun.cookie).send().await;
    assert_eq!(head.status, 405, "and who looks only does not use it up");
    assert_eq!(site.under_way().await, 1);
    cookies_of(&site.come_back(&back, &begun.cookie).await);
}

#[tokio::test]
async fn a_provider_that_is_taken_away_meanwhile_signs_nobody_in() {
    for change in [ProviderChange::Disable, ProviderChange::Remove] {
        let site = Site::start().await;
        let begun = site.begin("", "").await;
        let back = site.provider.authorize(&begun.location);
        let (tenant, id) = ("demo".parse().unwrap(), "example".parse().unwrap());
        site.origin.app.office().change_oidc_provider(&tenant, &id, &change).await.unwrap();
        assert_eq!(site.come_back(&back, &begun.cookie).await.status, 400);
        assert_eq!(site.failures().await, ["example provider_unknown"]);
        assert_eq!(site.under_way().await, 0);
        assert_eq!(site.set_out("example", "", "").await.status, 400);
        assert_eq!(site.set_out("nobody", "", "").await.status, 400);
        assert_eq!(site.set_out("no%20name", "", "").await.status, 400);
        assert_eq!(site.under_way().await, 0);
    }
}

#[tokio::test]
async fn what_was_sealed_for_one_sign_in_does_not_open_in_another() {
    let site = Site::start().await;
    let first = site.begin("", "").await;
    let sealed = "update sessions set login_sealed = (select login_sealed from sessions where created_at = \
        (select min(created_at) from sessions)) where created_at > (select min(created_at) from sessions)";
    site.origin.wait(Duration::from_secs(1));
    let second = site.begin("", "").await;
    assert_eq!(site.origin.database().await.execute(sealed).await, Ok(1));
    let back = site.provider.authorize(&second.location);
    assert_eq!(site.come_back(&back, &second.cookie).await.status, 400);
    assert_eq!(site.failures().await, ["- login_unreadable"]);
    cookies_of(&site.come_back(&site.provider.authorize(&first.location), &first.cookie).await);
    assert_eq!(site.under_way().await, 0);
}

#[tokio::test]
async fn a_disabled_tenant_begins_nothing() {
    let site = Site::start().await;
    let begun = site.begin("", "").await;
    let back = site.provider.authorize(&begun.location);
    site.origin.app.office().disable_tenant(&"demo".parse().unwrap()).await.unwrap();
    site.origin.browser("GET", "/auth/oidc/example/login").refused(403, "tenant_disabled").await;
    site.origin.browser("GET", &back.target()).cookie(&begun.cookie).refused(403, "tenant_disabled").await;
}
