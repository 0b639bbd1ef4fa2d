//! What is kept of a person beyond what a session needs: nothing, unless the operator says so.

use std::time::Duration;

use sealgate_origin::office::{HousekeepingSettings, KeepPersonal};
use serde_json::{Value, json};

use crate::kit::{Minted, Origin};

const DAY: Duration = Duration::from_hours(24);
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 Telltale/7";
const ADDRESS: &str = "203.0.113.77";
const REFRESHED_FROM: &str = "198.51.100.88";

/// Everything that sessions go through: by the API and by the sign-in page, refreshed, named, ended.
async fn live_through(origin: &Origin) -> Minted {
    let fields = json!({ "user_agent": BROWSER, "ip": ADDRESS, "remember": true });
    let minted = origin.mint_with(fields).await;
    let ended = origin.mint_with(json!({ "user_agent": BROWSER, "ip": ADDRESS })).await;
    let ask = |method: &str, path: &str| {
        origin.browser(method, path).same_site().client(ADDRESS).header("user-agent", BROWSER)
    };
    let signed_in = ask("POST", "/auth/login").form("name=grace").send().await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    let label = ask("PATCH", &format!("/auth/sessions/{}", ended.id)).cookie(&minted.cookie);
    assert_eq!(label.json(&json!({ "label": "desk" })).send().await.status, 200);
    assert_eq!(ask("GET", "/auth/account").cookie(&minted.cookie).send().await.status, 200);
    assert_eq!(ask("POST", "/auth/logout").cookie(&ended.cookie).send().await.status, 200);
    refresh(origin, &minted, REFRESHED_FROM).await;
    minted
}

/// The value of a `Cookie` header with nothing but the refresh token.
fn refresh_cookie(minted: &Minted) -> String {
    let lines = minted.body["set_cookie"].as_array().unwrap();
    let line = lines.iter().filter_map(Value::as_str).find(|line| line.starts_with("__Host-sg_refresh=")).unwrap();
    line.split(';').next().unwrap().to_owned()
}

async fn refresh(origin: &Origin, minted: &Minted, address: &str) {
    origin.wait(Duration::from_mins(2));
    let ask = origin.browser("POST", "/auth/refresh").same_site().client(address).header("user-agent", BROWSER);
    let answer = ask.cookie(&refresh_cookie(minted)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn contains(stored: &[u8], text: &str) -> bool {
    stored.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn kept(origin: &Origin, minted: &Minted) -> (Option<String>, Option<String>) {
    let sql = format!("select ip, user_agent from sessions where id = '{}'", minted.id);
    origin.database().await.rows::<(Option<String>, Option<String>)>(&sql).await.remove(0)
}

#[tokio::test]
async fn an_ordinary_database_holds_no_address_and_no_user_agent() {
    let origin = Origin::start().await;
    live_through(&origin).await;
    let stored = origin.database().await.everything().await;
    for text in [ADDRESS, REFRESHED_FROM, BROWSER, "Telltale"] {
        assert!(!contains(&stored, text), "{text}");
    }
    assert!(contains(&stored, "Firefox on Linux"), "the scan sees what there is");
}

#[tokio::test]
async fn what_the_operator_asks_for_is_kept_and_renewed_and_nothing_else() {
    for (ip, user_agent) in [(true, true), (true, false), (false, true)] {
        let origin = Origin::start_with(|config| config.keep = KeepPersonal { ip, user_agent }).await;
        let minted = live_through(&origin).await;
        let stored = origin.database().await.everything().await;
        assert_eq!((contains(&stored, ADDRESS), contains(&stored, "Telltale")), (ip, user_agent));
        let expected = (ip.then(|| REFRESHED_FROM.to_owned()), user_agent.then(|| BROWSER.to_owned()));
        assert_eq!(kept(&origin, &minted).await, expected);
        let grace = "select count(*) from sessions where actor_id = 'grace' and ip = '203.0.113.77'";
        assert_eq!(origin.database().await.number(grace).await, i64::from(ip));
    }
}

#[tokio::test]
async fn nobody_stores_as_much_as_they_like() {
    let origin = Origin::start_with(|config| config.keep.user_agent = true).await;
    let minted = origin.mint_with(json!({ "remember": true })).await;
    let long = "x".repeat(5_000);
    let ask = |path: &str| origin.browser("POST", path).same_site().header("user-agent", &long);
    assert_eq!(ask("/auth/login").form("name=grace").send().await.status, 303);
    origin.wait(Duration::from_mins(2));
    let cookie = refresh_cookie(&minted);
    assert_eq!(ask("/auth/refresh").cookie(&cookie).send().await.status, 200);
    let kept = origin.database().await.rows::<(i64,)>("select cast(length(user_agent) as bigint) from sessions").await;
    assert_eq!(kept, [(1_024,), (1_024,)]);
}

#[tokio::test]
async fn it_is_forgotten_in_time() {
    let both = KeepPersonal { ip: true, user_agent: true };
    let origin = Origin::start_with(|config| config.keep = both).await;
    let fields = || json!({ "user_agent": BROWSER, "ip": ADDRESS, "remember": true });
    let (old, used) = (origin.mint_with(fields()).await, origin.mint_with(fields()).await);
    refresh(&origin, &used, REFRESHED_FROM).await;
    let settings = HousekeepingSettings { personal_retention: DAY, ..origin.config.housekeeping };
    // The refresh took two minutes.
    origin.wait(Duration::from_hours(23) + Duration::from_mins(57) + Duration::from_millis(59_999));
    assert_eq!(origin.app.office().housekeep(&settings).await.personal, 0);
    origin.wait(Duration::from_millis(1));
    let done = origin.app.office().housekeep(&settings).await;
    assert_eq!((done.personal, done.failures.len()), (1, 0));
    assert_eq!(kept(&origin, &old).await, (None, None));
    assert!(kept(&origin, &used).await.0.is_some(), "it was used since");
    assert_eq!((origin.check(&old.id).await, origin.check(&used.id).await), ("live".into(), "live".into()));
    assert_eq!(origin.app.office().housekeep(&settings).await.personal, 0, "there is nothing left to forget");
}

#[tokio::test]
async fn more_than_one_batch_is_forgotten_at_once() {
    let both = KeepPersonal { ip: true, user_agent: true };
    let origin = Origin::start_with(|config| config.keep = both).await;
    let minted = origin.mint_with(json!({ "ip": ADDRESS, "remember": true })).await;
    super::housekeeping::copy(&origin, &minted, 1_100).await;
    let database = origin.database().await;
    database.execute("update sessions set user_agent = 'x'").await.unwrap();
    let settings = HousekeepingSettings { personal_retention: DAY, ..origin.config.housekeeping };
    origin.wait(2 * DAY);
    assert_eq!(origin.app.office().housekeep(&settings).await.personal, 1_101);
    let left = "select count(*) from sessions where ip is not null or user_agent is not null";
    assert_eq!(database.number(left).await, 0);
}
