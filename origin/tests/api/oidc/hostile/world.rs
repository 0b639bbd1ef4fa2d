//! An origin, and a provider for each case.

use std::collections::BTreeMap;
use std::time::Duration;

use sealgate_origin::config::Config;
use sealgate_origin::oidc::{ProviderSecret, ProviderSettings};
use sealgate_test_provider::{CLIENT_ID, CLIENT_SECRET, Plan, Provider, Return};
use serde_json::Value;

use crate::kit::database::Backdoor;
use crate::kit::{Answer, Origin};

const FAMILY: &str = "sealgate_sign_in_failures_total";

type Settings = Box<dyn Fn(&mut ProviderSettings)>;
type Misbehaviour = Box<dyn Fn(&mut Plan, &Facts)>;

/// One way to misbehave, and what is to come of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The reason that is told inside.
    reason: &'static str,
    settings: Settings,
    begin: &'static str,
    plan: Misbehaviour,
    back: Box<dyn Fn(Return) -> Return>,
    cookie: Box<dyn Fn(String) -> String>,
    wait: Duration,
    /// Whether the provider does what it does when the sign-in begins already.
    early: bool,
    stops: bool,
    /// Whether the sign-in under way is used up by it.
    burns: bool,
    page: Page,
}

/// What the person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// The page that does not tell why.
    Uniform,
    /// One that tells what the provider or the person did.
    Kind,
    /// The provider cannot be reached.
    Unreachable,
}

/// What a plan may need to know.
pub(crate) struct Facts {
    pub(crate) now: u64,
    pub(crate) issuer: String,
}

impl Case {
    pub(crate) fn new(name: &'static str, reason: &'static str) -> Self {
        Self {
            name,
            reason,
            settings: Box::new(|_| {}),
            begin: "",
            plan: Box::new(|_, _| {}),
            back: Box::new(|back| back),
            cookie: Box::new(|cookie| cookie),
            // By now keys may be fetched again.
            wait: Duration::from_secs(11),
            early: false,
            stops: false,
            burns: true,
            page: Page::Uniform,
        }
    }

    /// The provider does this, from after the sign-in has begun.
    pub(crate) fn plan(mut self, plan: impl Fn(&mut Plan, &Facts) + 'static) -> Self {
        self.plan = Box::new(plan);
        self
    }

    /// The ID token has these claims.
    pub(crate) fn claims(self, claims: impl Fn(&Facts) -> Value + 'static) -> Self {
        self.plan(move |plan, facts| plan.claims = claims(facts))
    }

    /// The browser comes back with other parameters.
    pub(crate) fn back(mut self, back: impl Fn(Return) -> Return + 'static) -> Self {
        self.back = Box::new(back);
        self
    }

    /// The browser comes back with another cookie; none where it is empty.
    pub(crate) fn cookie(mut self, cookie: impl Fn(String) -> String + 'static) -> Self {
        self.cookie = Box::new(cookie);
        self
    }

    /// The provider is registered with these settings.
    pub(crate) fn settings(mut self, settings: impl Fn(&mut ProviderSettings) + 'static) -> Self {
        self.settings = Box::new(settings);
        self
    }

    /// The sign-in begins with these parameters besides.
    pub(crate) fn begin(mut self, query: &'static str) -> Self {
        self.begin = query;
        self
    }

    /// So long after the sign-in has begun.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The provider does it from before the sign-in begins.
    pub(crate) fn early(mut self) -> Self {
        self.early = true;
        self
    }

    /// The provider is gone when the browser comes back.
    pub(crate) fn stops(mut self) -> Self {
        self.stops = true;
        self
    }

    /// The sign-in under way is not touched.
    pub(crate) fn burns_nothing(mut self) -> Self {
        self.burns = false;
        self
    }

    pub(crate) fn kind(mut self) -> Self {
        self.page = Page::Kind;
        self
    }

    pub(crate) fn unreachable(mut self) -> Self {
        self.page = Page::Unreachable;
        self
    }
}

/// A sign-in that has begun.
pub(crate) struct Begun {
    /// The authorization request.
    pub(crate) location: String,
    /// The cookie that binds it to the browser.
    pub(crate) cookie: String,
}

pub(crate) struct World {
    pub(crate) origin: Origin,
    database: Backdoor,
    /// The uniform page, once it was seen.
    page: Option<String>,
    providers: u32,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let origin = Origin::start_with(change).await;
        let database = origin.database().await;
        Self { origin, database, page: None, providers: 0 }
    }

    /// Tries them all.
    pub(crate) async fn refuses(&mut self, cases: Vec<Case>) {
        for case in cases {
            self.refuse(case).await;
            // Away from what is counted by the minute.
            self.origin.wait(Duration::from_secs(61));
        }
    }

    /// A provider that is registered with these settings, under the name that is answered.
    pub(crate) async fn register(&mut self, settings: impl FnOnce(&mut ProviderSettings)) -> (Provider, String) {
        let clock = self.origin.clock.clone();
        let provider = Provider::start(move || clock.now().as_u64() / 1000).await;
        self.providers += 1;
        let id = format!("provider-{}", self.providers);
        let mut registered = ProviderSettings::new(&id, provider.issuer().parse().unwrap(), CLIENT_ID);
        registered.shares_actors = true;
        settings(&mut registered);
        let secret = CLIENT_SECRET.parse::<ProviderSecret>().unwrap();
        let office = self.origin.app.office();
        let tenant = "demo".parse().unwrap();
        office.add_oidc_provider(&tenant, &id.parse().unwrap(), &registered, Some(&secret)).await.unwrap();
        (provider, id)
    }

    /// Begins to sign in.
    pub(crate) async fn begin(&self, id: &str, query: &str) -> Begun {
        let path = format!("/auth/oidc/{id}/login?return_to=%2Forders{query}");
        let answer = self.origin.browser("GET", &path).send().await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.set_cookies().into_iter().find(|line| line.starts_with("__Host-sg_login=")).unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Begun { location: answer.headers["location"].to_str().unwrap().to_owned(), cookie }
    }

    pub(crate) async fn come_back(&self, back: &Return, cookie: &str) -> Answer {
        let ask = self.origin.browser("GET", &back.target());
        if cookie.is_empty() { ask } else { ask.cookie(cookie) }.send().await
    }

    async fn refuse(&mut self, case: Case) {
        let (mut provider, id) = self.register(&case.settings).await;
        let facts =
            Facts { now: (self.origin.clock.now().as_u64() / 1000) + case.wait.as_secs(), issuer: provider.issuer() };
        if case.early {
            provider.plan(|plan| (case.plan)(plan, &facts));
        }
        let begun = self.begin(&id, case.begin).await;
        self.origin.wait(case.wait);
        provider.plan(|plan| (case.plan)(plan, &facts));
        let honest = provider.authorize(&begun.location);
        if case.stops {
            provider.stop();
        }
        let (before, sessions) = (self.failures().await, self.count("pre_login = false").await);
        let answer = self.come_back(&(case.back)(honest.clone()), &(case.cookie)(begun.cookie.clone())).await;

        let name = case.name;
        assert_eq!(self.told(&before).await, [(case.reason.to_owned(), 1)], "{name}: the metric; {}", answer.text());
        let detail = format!("{} {}", if case.burns { id.as_str() } else { "-" }, case.reason);
        assert_eq!(self.last_failure().await, detail, "{name}: the audit");
        self.looks_as_always(&case, &answer);
        assert_eq!(self.count("pre_login = false").await, sessions, "{name}: a session was left behind");
        assert_eq!(self.count("pre_login = true").await, i64::from(!case.burns), "{name}: of the sign-in under way");

        // Whoever comes later with what would have been right.
        provider.behave();
        let later = self.come_back(&honest, &begun.cookie).await;
        if case.burns {
            assert_eq!(later.status, 400, "{name}: it was used up");
            self.expect_page(name, &later);
        } else {
            assert_eq!(
                (later.status.as_u16(), &later.headers["location"]),
                (303, &"/orders".parse().unwrap()),
                "{name}"
            );
            assert_eq!(self.count("pre_login = true").await, 0, "{name}");
        }
    }

    fn looks_as_always(&mut self, case: &Case, answer: &Answer) {
        let name = case.name;
        assert_eq!(answer.status, if case.page == Page::Unreachable { 503 } else { 400 }, "{name}: {}", answer.text());
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8", "{name}");
        assert!(!answer.headers.contains_key("location"), "{name}");
        for line in answer.set_cookies() {
            assert!(line.starts_with("__Host-sg_login="), "{name}: {line}");
        }
        let text = answer.text();
        for word in [case.reason, "id_token", "sealgate-at-test", "127.0.0.1"] {
            let plain = ["denied", "signature", "issuer", "expired"].contains(&word);
            assert!(plain || !text.contains(word), "{name}: the page says {word}");
        }
        if case.page == Page::Uniform {
            self.expect_page(name, answer);
        }
    }

    /// The page is the one that others saw, to the byte, but for where one was going.
    fn expect_page(&mut self, name: &str, answer: &Answer) {
        let text = answer.text();
        assert!(text.contains("href=\"/auth/login"), "{name}: no way on: {text}");
        let text = text.replace("?return_to=/orders", "").replace("?return_to=%2Forders", "");
        let text = text.replace("&#38;max_age=300", "").replace("&#38;max_age=0", "");
        let first = self.page.get_or_insert_with(|| text.clone());
        assert_eq!(*first, text, "{name}: another page than the others");
    }

    /// How often sign-ins have failed, by reason.
    pub(crate) async fn failures(&self) -> BTreeMap<String, u64> {
        let text = self.origin.private("GET", "/metrics").send().await.text();
        let samples = text.lines().filter_map(|line| line.strip_prefix(FAMILY)?.strip_prefix("{reason=\""));
        samples
            .map(|sample| {
                let (reason, count) = sample.split_once("\"} ").unwrap();
                (reason.to_owned(), count.parse().unwrap())
            })
            .collect()
    }

    /// Those that have failed since.
    pub(crate) async fn told(&self, before: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
        let since = |(reason, count): (String, u64)| {
            let more = count - before.get(&reason).copied().unwrap_or_default();
            (more > 0).then_some((reason, more))
        };
        self.failures().await.into_iter().filter_map(since).collect()
    }

    /// What the audit table says of the last one.
    pub(crate) async fn last_failure(&self) -> String {
        let sql = "select detail from audit where event = 'sign_in.failed' order by id desc limit 1";
        self.database.rows::<(String,)>(sql).await.remove(0).0
    }

    /// How many rows of sessions there are of that kind.
    pub(crate) async fn count(&self, which: &str) -> i64 {
        self.database.number(&format!("select count(*) from sessions where {which}")).await
    }
}
