//! An origin with one provider, and a browser that signs in by it.

use sealgate_origin::config::Config;
use sealgate_origin::oidc::{ProviderId, ProviderSettings};
use sealgate_test_provider::{CLIENT_ID, CLIENT_SECRET, Provider, Return};
use serde_json::Value;

use crate::kit::{Answer, Origin};

pub(crate) struct Site {
    pub(crate) origin: Origin,
    pub(crate) provider: Provider,
}

/// A browser on its way to the provider.
pub(crate) struct Begun {
    /// The authorization request.
    pub(crate) location: String,
    /// The cookie that binds the sign-in to the browser.
    pub(crate) cookie: String,
    /// The line that sets it.
    pub(crate) line: String,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With the provider set up in another way than usual.
    pub(crate) async fn start_with(change: impl FnOnce(&mut ProviderSettings)) -> Self {
        Self::configured(|_| {}, change, Some(CLIENT_SECRET)).await
    }

    pub(crate) async fn configured(
        configure: impl FnOnce(&mut Config),
        change: impl FnOnce(&mut ProviderSettings),
        secret: Option<&str>,
    ) -> Self {
        let origin = Origin::start_with(configure).await;
        let clock = origin.clock.clone();
        let provider = Provider::start(move || clock.now().as_u64() / 1_000).await;
        let site = Self { origin, provider };
        site.add("example", change, secret).await;
        site
    }

    /// Sets the provider up under that name.
    pub(crate) async fn add(&self, id: &str, change: impl FnOnce(&mut ProviderSettings), secret: Option<&str>) {
        let mut settings = ProviderSettings::new("Example", self.provider.issuer().parse().unwrap(), CLIENT_ID);
        change(&mut settings);
        let secret = secret.map(|secret| secret.parse().unwrap());
        let (tenant, id): (_, ProviderId) = ("demo".parse().unwrap(), id.parse().unwrap());
        let office = self.origin.app.office();
        office.add_oidc_provider(&tenant, &id, &settings, secret.as_ref()).await.unwrap();
    }

    /// Sets out for the provider from a browser with these cookies.
    pub(crate) async fn begin(&self, query: &str, cookies: &str) -> Begun {
        let answer = self.set_out("example", query, cookies).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let line = answer.set_cookies().remove(0);
        let cookie = line.split(';').next().unwrap().to_owned();
        Begun { location: answer.headers["location"].to_str().unwrap().to_owned(), cookie, line }
    }

    pub(crate) async fn set_out(&self, provider: &str, query: &str, cookies: &str) -> Answer {
        let ask = self.origin.browser("GET", &format!("/auth/oidc/{provider}/login?{query}"));
        if cookies.is_empty() { ask } else { ask.cookie(cookies) }.send().await
    }

    /// Comes back, with these cookies.
    pub(crate) async fn come_back(&self, back: &Return, cookies: &str) -> Answer {
        self.origin.browser("GET", &back.target()).cookie(cookies).send().await
    }

    /// All the way.
    pub(crate) async fn sign_in(&self, query: &str) -> Answer {
        self.sign_in_with(query, "").await
    }

    /// All the way, in a browser with these cookies.
    pub(crate) async fn sign_in_with(&self, query: &str, cookies: &str) -> Answer {
        let begun = self.begin(query, cookies).await;
        let back = self.provider.authorize(&begun.location);
        let together = if cookies.is_empty() { begun.cookie.clone() } else { format!("{cookies}; {}", begun.cookie) };
        self.come_back(&back, &together).await
    }

    /// What the API says of the session of these cookies.
    pub(crate) async fn me(&self, cookies: &str) -> Value {
        let answer = self.origin.browser("GET", "/auth/session").cookie(cookies).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["session"].clone()
    }

    /// What an operator sees of a session.
    pub(crate) async fn shown(&self, id: &str) -> Value {
        self.origin.v1("GET", &format!("/v1/sessions/{id}")).send().await.json()
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.origin.database().await.number(sql).await
    }

    /// How many sign-ins are under way.
    pub(crate) async fn under_way(&self) -> i64 {
        self.count("select count(*) from sessions where pre_login = true").await
    }

    /// What the audit table says of sign-ins that failed, oldest first.
    pub(crate) async fn failures(&self) -> Vec<String> {
        let sql = "select detail from audit where event = 'sign_in.failed' order by id";
        let rows: Vec<(String,)> = self.origin.database().await.rows(sql).await;
        rows.into_iter().map(|(detail,)| detail).collect()
    }
}

/// The cookies of a session that an answer sets, as a browser sends them.
#[track_caller]
pub(crate) fn cookies_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    let lines = answer.set_cookies();
    let pairs = lines.iter().map(|line| line.split(';').next().unwrap()).filter(|pair| !pair.ends_with('='));
    pairs.collect::<Vec<_>>().join("; ")
}

#[track_caller]
pub(crate) fn went_to(answer: &Answer, path: &str) {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.headers["location"], path);
}

/// A parameter of the authorization request.
pub(crate) fn parameter(location: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(location).unwrap();
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned())
}
