//! Sign-ins that are begun and never finished, by the thousand.

use super::site::{Begun, Site, went_to};
use crate::kit::Answer;

const TOO_MANY: u32 = 1_000;

async fn begin_from(site: &Site, address: &str) -> Begun {
    let answer = site.origin.browser("GET", "/auth/oidc/example/login").client(address).send().await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    // One comes after the other.
    site.origin.wait(std::time::Duration::from_millis(150));
    begun(&answer)
}

fn begun(answer: &Answer) -> Begun {
    let line = answer.set_cookies().remove(0);
    let cookie = line.split(';').next().unwrap().to_owned();
    Begun { location: answer.headers["location"].to_str().unwrap().to_owned(), cookie, line }
}

#[tokio::test]
async fn whoever_begins_many_crowds_out_their_own() {
    let site = Site::start().await;
    let elsewhere = begin_from(&site, "2001:db8:1:2::1").await;
    let first = begin_from(&site, "203.0.113.7").await;
    let second = begin_from(&site, "203.0.113.7").await;
    for _ in 2..TOO_MANY {
        begin_from(&site, "203.0.113.7").await;
    }
    assert_eq!(site.under_way().await, 1_001, "all of them, and the one from elsewhere");
    let last = begin_from(&site, "203.0.113.7").await;
    assert_eq!(site.under_way().await, 1_001);
    let finish = async |begun: &Begun| site.come_back(&site.provider.authorize(&begun.location), &begun.cookie).await;
    assert_eq!(finish(&first).await.status, 400, "the oldest had to go");
    for begun in [&second, &last, &elsewhere] {
        went_to(&finish(begun).await, "/");
    }
}

#[tokio::test]
async fn strangers_behind_an_edge_that_does_not_tell_them_apart_do_not_crowd_each_other_out() {
    let site = Site::start().await;
    let first = site.begin("", "").await;
    for _ in 0..=TOO_MANY {
        site.begin("", "").await;
        site.origin.wait(std::time::Duration::from_millis(150));
    }
    assert_eq!(site.under_way().await, 1_002);
    went_to(&site.come_back(&site.provider.authorize(&first.location), &first.cookie).await, "/");
}

#[tokio::test]
async fn all_together_fill_so_much_and_no_more_and_who_comes_then_is_let_in() {
    let site = Site::start().await;
    site.begin("", "").await;
    let many = "insert into sessions (id, tenant, actor_type, actor_id, pre_login, issued_at, access_expires_at, \
        signing_key, channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, \
        remember, assurance, roles, login_sealed) \
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 20499) \
        select 'ses-0000000000000000' || cast(100000 + i as text), tenant, actor_type, actor_id, pre_login, issued_at, \
        access_expires_at, signing_key, channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, \
        authenticated_at, remember, assurance, roles, login_sealed from sessions, n";
    assert_eq!(site.origin.database().await.execute(many).await, Ok(20_499));
    site.origin.wait(std::time::Duration::from_secs(1));
    // One in 64 has them counted, as chance will have it.
    let mut begun = 0;
    let last = loop {
        begun += 1;
        let last = site.begin("return_to=/orders", "").await;
        let under_way = site.under_way().await;
        assert!(under_way == 20_000 || (under_way == 20_500 + begun && begun < 3_000), "{begun}: {under_way}");
        if under_way == 20_000 {
            break last;
        }
    };
    went_to(&site.come_back(&site.provider.authorize(&last.location), &last.cookie).await, "/orders");
}

#[tokio::test]
async fn the_network_is_not_kept_in_a_form_that_tells_it() {
    let site = Site::start().await;
    begin_from(&site, "203.0.113.7").await;
    begin_from(&site, "203.0.113.7").await;
    begin_from(&site, "203.0.113.8").await;
    let sql = "select distinct login_network from sessions";
    let hashes: Vec<(Vec<u8>,)> = site.origin.database().await.rows(sql).await;
    assert_eq!(hashes.len(), 2);
    assert!(hashes.iter().all(|(hash,)| hash.len() == 32));
    assert_eq!(site.count("select count(*) from sessions where ip is not null").await, 0);
}

#[tokio::test]
async fn a_client_asks_so_often_and_no_more() {
    let rate = Some("2/m".parse().unwrap());
    let site = Site::configured(|config| config.limits.auth = rate, |_| {}, None).await;
    let ask = |path: &str| site.origin.browser("GET", path).client("203.0.113.7");
    assert_eq!(ask("/auth/oidc/example/login").send().await.status, 303);
    assert_eq!(ask("/auth/oidc/callback").send().await.status, 400);
    ask("/auth/oidc/callback").refused(429, "rate_limited").await;
    ask("/auth/oidc/example/login").refused(429, "rate_limited").await;
    ask("/auth/login").refused(429, "rate_limited").await;
}
