//! What is asked of providers, how often, and what is answered meanwhile.

use sealgate_test_provider::{Endpoint, Key, Provider, Reply};
use serde_json::json;
use tokio::task::JoinHandle;

use super::*;
use crate::clock::MovableClock;
use crate::outbound::OutboundSettings;

mod slow;

struct Setting {
    provider: Provider,
    directory: Directory,
    issuer: Issuer,
    clock: MovableClock,
}

impl Setting {
    async fn start() -> Self {
        Self::asking(OutboundSettings::default()).await
    }

    /// By these settings, but for being allowed to ask the provider.
    async fn asking(settings: OutboundSettings) -> Self {
        let clock = MovableClock::starting_at(UnixMillis::new(1_780_315_200_000).unwrap());
        let hand = clock.clone();
        let provider = Provider::start(move || hand.now().as_secs()).await;
        let allowed_networks = vec!["127.0.0.1".parse().unwrap()];
        let outbound = Outbound::new(OutboundSettings { plain_http: true, allowed_networks, ..settings });
        let directory = Directory::new(outbound, clock.clone().into());
        let issuer = provider.issuer().parse().unwrap();
        Self { provider, directory, issuer, clock }
    }

    /// How often the provider has been asked for its description, and for its keys.
    fn asked(&self) -> (usize, usize) {
        (self.provider.count(Endpoint::Discovery), self.provider.count(Endpoint::Keys))
    }

    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The names of the keys that are known.
    async fn kids(&self) -> Result<Vec<String>, &'static str> {
        self.ask().await.unwrap()
    }

    /// As [`Self::kids`], in a task of its own.
    fn ask(&self) -> JoinHandle<Result<Vec<String>, &'static str>> {
        let (directory, issuer) = (self.directory.clone(), self.issuer.clone());
        tokio::spawn(async move {
            directory.metadata(&issuer).await.map(|found| names(&found)).map_err(|error| error.label())
        })
    }

    async fn kids_with(&self, kid: &str) -> Vec<String> {
        names(&self.directory.metadata_with_key(&self.issuer, Some(kid)).await.unwrap())
    }
}

fn names(metadata: &Metadata) -> Vec<String> {
    metadata.jwks().keys().iter().map(|key| key.key_id().unwrap().to_string()).collect()
}

#[tokio::test]
async fn a_provider_is_asked_once_in_an_hour_and_for_its_keys_every_ten_minutes() {
    let setting = Setting::start().await;
    for _ in 0..10 {
        assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
    }
    assert_eq!(setting.asked(), (1, 1));
    setting.wait(599);
    setting.kids().await.unwrap();
    assert_eq!(setting.asked(), (1, 1));
    setting.wait(1);
    setting.kids().await.unwrap();
    assert_eq!(setting.asked(), (1, 2));
    setting.wait(2_999);
    setting.kids().await.unwrap();
    assert_eq!(setting.asked(), (1, 3));
    setting.wait(1);
    setting.kids().await.unwrap();
    assert_eq!(setting.asked(), (2, 4));
}

#[tokio::test]
async fn many_who_want_the_same_wait_for_one_question() {
    let setting = Setting::start().await;
    let held = setting.provider.hold(Endpoint::Discovery);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let (directory, issuer) = (setting.directory.clone(), setting.issuer.clone());
            tokio::spawn(async move { directory.metadata(&issuer).await.is_ok() })
        })
        .collect();
    held.arrival().await;
    held.release();
    for asked in asking {
        assert!(asked.await.unwrap());
    }
    assert_eq!(setting.asked(), (1, 1));
}

#[tokio::test]
async fn who_goes_away_takes_no_answer_along() {
    let setting = Setting::start().await;
    let held = setting.provider.hold(Endpoint::Keys);
    let (directory, issuer) = (setting.directory.clone(), setting.issuer.clone());
    let gone = tokio::spawn(async move { directory.metadata(&issuer).await.is_ok() });
    held.arrival().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    held.release();
    assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
    assert_eq!(setting.asked(), (1, 1));
}

#[tokio::test]
async fn a_new_key_is_found_at_once() {
    let setting = Setting::start().await;
    assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
    setting.provider.plan(|plan| plan.published = vec![Key::OtherRsa, Key::P256]);
    let both = [Key::OtherRsa.id(), Key::P256.id()];
    assert_eq!(setting.kids_with(Key::P256.id()).await, both);
    assert_eq!(setting.kids().await.unwrap(), both, "and the one that was withdrawn is known no more");
    assert_eq!(setting.asked(), (1, 2));
}

#[tokio::test]
async fn invented_keys_have_a_provider_asked_once_in_ten_seconds() {
    let setting = Setting::start().await;
    for _ in 0..3 {
        for number in 0..100 {
            assert_eq!(setting.kids_with(&format!("invented-{number}")).await, ["rsa"]);
        }
        // Nor does who names no key.
        setting.directory.metadata_anew(&setting.issuer).await.unwrap();
        setting.wait(9);
        setting.kids_with("invented").await;
        setting.wait(1);
    }
    assert_eq!(setting.asked(), (1, 1 + 3));
    assert_eq!(setting.kids_with("rsa").await, ["rsa"]);
    setting.directory.metadata_with_key(&setting.issuer, None).await.unwrap();
    assert_eq!(setting.asked(), (1, 1 + 3), "a key that is known is no reason to ask");
}

#[tokio::test]
async fn keys_can_be_asked_for_where_none_is_named() {
    let setting = Setting::start().await;
    setting.kids().await.unwrap();
    setting.provider.plan(|plan| plan.published = vec![Key::OtherRsa]);
    assert_eq!(names(&setting.directory.metadata_anew(&setting.issuer).await.unwrap()), [Key::OtherRsa.id()]);
}

#[tokio::test]
async fn a_failure_is_everybodys_answer_for_two_seconds() {
    let setting = Setting::start().await;
    setting.provider.plan(|plan| plan.reply(Endpoint::Discovery, Reply::json(500, &json!({}))));
    for _ in 0..100 {
        assert_eq!(setting.kids().await, Err("status"));
    }
    assert_eq!(setting.asked(), (1, 0));
    setting.provider.behave();
    setting.wait(1);
    assert_eq!(setting.kids().await, Err("status"));
    setting.wait(1);
    assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
    assert_eq!(setting.asked(), (2, 1));
}

#[tokio::test]
async fn a_provider_that_has_gone_is_known_for_an_hour() {
    let mut setting = Setting::start().await;
    setting.kids().await.unwrap();
    setting.provider.stop();
    for _ in 0..5 {
        setting.wait(600);
        assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
        assert_eq!(setting.kids_with("invented").await, ["rsa"]);
    }
    setting.wait(600);
    assert_eq!(setting.kids().await, Err("connection_refused"));
    setting.provider.start_again().await;
    setting.wait(2);
    assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
}

#[tokio::test]
async fn what_was_described_an_hour_ago_is_used_while_the_provider_does_not_answer() {
    let mut setting = Setting::start().await;
    setting.kids().await.unwrap();
    setting.wait(3_000);
    setting.kids().await.unwrap();
    assert_eq!(setting.asked(), (1, 2));
    setting.provider.stop();
    for _ in 0..5 {
        setting.wait(600);
        assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
    }
    // An hour after it was heard of last, by its keys.
    setting.wait(600);
    assert_eq!(setting.kids().await, Err("connection_refused"));
    setting.provider.start_again().await;
    setting.wait(2);
    assert_eq!(setting.kids().await.unwrap(), ["rsa"]);
    assert_eq!(setting.asked(), (2, 3));
}

#[tokio::test]
async fn what_a_provider_says_is_believed_or_named() {
    let setting = Setting::start().await;
    let issuer = setting.provider.issuer();
    let text = |body: &str| Reply::Text(200, "application/json", body.to_owned());
    for (endpoint, reply, label) in [
        (Endpoint::Discovery, text("<html>"), "document"),
        (Endpoint::Discovery, text("[]"), "document"),
        (Endpoint::Discovery, text("{}"), "document"),
        (Endpoint::Discovery, Reply::json(404, &json!({})), "status"),
        (Endpoint::Discovery, Reply::Redirect(302, format!("{issuer}/elsewhere")), "status"),
        (Endpoint::Discovery, Reply::Endless, "too_large"),
        (Endpoint::Keys, text("<html>"), "document"),
        (Endpoint::Keys, text("{}"), "document"),
        (Endpoint::Keys, text(r#"{"keys":{}}"#), "document"),
        (Endpoint::Keys, Reply::json(503, &json!({})), "status"),
        (Endpoint::Keys, Reply::Redirect(307, issuer.clone()), "status"),
        (Endpoint::Keys, Reply::Endless, "too_large"),
    ] {
        setting.provider.behave();
        let shown = format!("{endpoint:?} {reply:?}");
        setting.provider.plan(|plan| plan.reply(endpoint, reply));
        setting.wait(2);
        assert_eq!(setting.kids().await, Err(label), "{shown}");
    }
    for (discovery, label) in [
        (json!({ "issuer": "https://evil.example" }), "other_issuer"),
        (json!({ "issuer": format!("{issuer}/") }), "other_issuer"),
        (json!({ "issuer": issuer.to_uppercase() }), "other_issuer"),
        (json!({ "issuer": null }), "document"),
        (json!({ "issuer": 7 }), "document"),
        (json!({ "token_endpoint": null }), "document"),
        (json!({ "jwks_uri": null }), "document"),
        (json!({ "authorization_endpoint": "javascript:alert(1)" }), "endpoint"),
        (json!({ "authorization_endpoint": "/authorize" }), "document"),
        (json!({ "token_endpoint": "http://10.0.0.1/token" }), "endpoint"),
        (json!({ "token_endpoint": "http://169.254.169.254/latest" }), "endpoint"),
        (json!({ "userinfo_endpoint": "ftp://login.example/" }), "endpoint"),
        (json!({ "jwks_uri": "http://me:word@login.example/" }), "endpoint"),
        (json!({ "jwks_uri": "file:///etc/passwd" }), "endpoint"),
    ] {
        setting.provider.behave();
        let shown = discovery.to_string();
        setting.provider.plan(|plan| plan.discovery = discovery);
        setting.wait(2);
        assert_eq!(setting.kids().await, Err(label), "{shown}");
    }
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let hasty = OutboundSettings { total_timeout: Duration::from_millis(200), ..OutboundSettings::default() };
    let setting = Setting::asking(hasty).await;
    for (endpoint, reply) in [
        (Endpoint::Discovery, Reply::Stalls),
        (Endpoint::Discovery, Reply::Silent),
        (Endpoint::Keys, Reply::Stalls),
        (Endpoint::Keys, Reply::Silent),
    ] {
        setting.provider.behave();
        setting.provider.plan(|plan| plan.reply(endpoint, reply));
        setting.wait(2);
        assert_eq!(setting.kids().await, Err("timeout"), "{endpoint:?}");
    }
}

#[tokio::test]
async fn the_issuers_that_are_remembered_have_an_end() {
    let setting = Setting::start().await;
    setting.kids().await.unwrap();
    for number in 0..MOST {
        setting.wait(1);
        setting.directory.entry(&format!("http://127.0.0.1/{number}").parse().unwrap());
    }
    assert_eq!(setting.directory.entries.lock().unwrap().len(), MOST);
    assert!(!setting.directory.entries.lock().unwrap().contains_key(&setting.issuer), "used the longest ago");
}
