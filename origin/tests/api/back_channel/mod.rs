//! `POST /auth/oidc/{provider}/backchannel-logout`: a provider says that somebody has signed out there.

mod sessions;
mod tokens;

use std::time::Duration;

use sealgate_origin::office::MintRequest;
use sealgate_origin::oidc::{ProviderSecret, ProviderSettings};
use sealgate_origin::session::{Actor, IdpLink, Method};
use sealgate_origin::store::ProviderOutcome;
use sealgate_shared::id::TenantId;
use sealgate_test_provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, Origin};

/// An origin, and a provider that `demo` calls `login`.
pub(crate) struct Site {
    pub(crate) origin: Origin,
    pub(crate) provider: Provider,
}

impl Site {
    async fn start() -> Self {
        Self::start_with(Origin::start().await).await
    }

    async fn start_with(origin: Origin) -> Self {
        let provider = start_provider(&origin).await;
        register(&origin, "demo", "login", &provider.issuer()).await;
        Self { origin, provider }
    }

    /// What the provider sends.
    fn post(&self, form: &str) -> Ask {
        self.origin.browser("POST", "/auth/oidc/login/backchannel-logout").form(form)
    }

    async fn tell(&self, token: &str) -> Answer {
        self.post(&format!("logout_token={token}")).send().await
    }

    /// A logout with these claims, which must be taken.
    async fn log_out(&self, claims: Value) {
        let answer = self.tell(&self.provider.logout(&claims).sign()).await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, ""), "{claims}");
    }

    /// A session that the provider has vouched for; its id.
    async fn sign_in(&self, actor: &str, subject: &str, sid: Option<&str>) -> String {
        sign_in(&self.origin, "demo", actor, &self.provider.issuer(), subject, sid).await
    }

    /// What was written down of logouts, oldest first: the event and its detail.
    async fn notes(&self) -> Vec<(String, String)> {
        let sql = "select event, coalesce(detail, '') from audit where event like 'back_channel.%' order by id";
        self.origin.database().await.rows(sql).await
    }
}

pub(crate) async fn start_provider(origin: &Origin) -> Provider {
    let clock = origin.clock.clone();
    Provider::start(move || clock.now().as_secs()).await
}

pub(crate) async fn register(origin: &Origin, tenant: &str, id: &str, issuer: &str) {
    let settings =
        ProviderSettings { shares_actors: true, ..ProviderSettings::new(id, issuer.parse().unwrap(), CLIENT_ID) };
    let secret: ProviderSecret = CLIENT_SECRET.parse().unwrap();
    let (tenant, id) = (tenant.parse().unwrap(), id.parse().unwrap());
    let added = origin.app.office().add_oidc_provider(&tenant, &id, &settings, Some(&secret)).await;
    assert_eq!(added.unwrap(), ProviderOutcome::Done);
}

async fn sign_in(origin: &Origin, tenant: &str, actor: &str, issuer: &str, subject: &str, sid: Option<&str>) -> String {
    let actor = Actor { kind: "user".parse().unwrap(), id: actor.parse().unwrap() };
    let idp = IdpLink { issuer: issuer.to_owned(), subject: subject.to_owned(), sid: sid.map(str::to_owned) };
    let tenant: TenantId = tenant.parse().unwrap();
    let mint = MintRequest { idp: Some(idp), ..MintRequest::new(tenant, actor, Method::Oidc) };
    origin.app.office().mint(&mint).await.unwrap().session.id.to_string()
}

#[tokio::test]
async fn a_logout_ends_the_session_for_applications_and_edges() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "sub-of-ada", Some("s-1")).await;
    assert_eq!(site.origin.check(&session).await, "live");
    let answer = site.tell(&site.provider.logout(&json!({ "sub": null, "sid": "s-1" })).sign()).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, ""));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(site.origin.check(&session).await, "revoked");
    let shown = site.origin.v1("GET", &format!("/v1/sessions/{session}")).send().await.json();
    assert_eq!(shown["revoked_reason"], "back_channel", "{shown}");
    assert_eq!(site.notes().await, [("back_channel.logout".to_owned(), "login".to_owned())]);
}

#[tokio::test]
async fn another_origin_knows_of_it_too() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "ada", Some("s-1")).await;
    let other = site.origin.start_another().await;
    let ask = |app: &sealgate_origin::app::App| {
        let body = json!({ "tenant": "demo", "session": session });
        Ask::new(app.private_router(), "POST", "/internal/check")
            .header("x-sealgate-edge", &site.origin.edge)
            .json(&body)
            .send()
    };
    assert_eq!(ask(&other).await.json()["status"], "live");
    site.log_out(json!({})).await;
    assert_eq!(ask(&other).await.json()["status"], "revoked");
}

#[tokio::test]
async fn a_provider_that_is_not_there_has_no_logouts() {
    let site = Site::start().await;
    let form = format!("logout_token={}", site.provider.logout(&json!({})).sign());
    for id in ["nobody", "Login", "%FF", "login%2F"] {
        let path = format!("/auth/oidc/{id}/backchannel-logout");
        site.origin.browser("POST", &path).form(&form).refused(404, "not_found").await;
    }
    // It is `demo` that knows it.
    let elsewhere = site.post(&form).header("x-sealgate-tenant", "other");
    elsewhere.refused(404, "not_found").await;
    site.origin.public("POST", "/auth/oidc/login/backchannel-logout").form(&form).refused(401, "edge_credential").await;
    site.origin.browser("GET", "/auth/oidc/login/backchannel-logout").refused(405, "method_not_allowed").await;
}

#[tokio::test]
async fn a_disabled_provider_still_ends_sessions() {
    let site = Site::start().await;
    let session = site.sign_in("ada", "ada", Some("s-1")).await;
    let operator = site.origin.create_operator_token().await;
    let disable = site.origin.private("POST", "/v1/tenants/demo/oidc/login/disable").bearer(&operator).send().await;
    assert_eq!(disable.status, 200, "{}", disable.text());
    site.log_out(json!({})).await;
    assert_eq!(site.origin.check(&session).await, "revoked");
}

#[tokio::test]
async fn logouts_are_limited_by_themselves() {
    let origin = Origin::start_with(|config| {
        config.limits.back_channel = Some("3/h".parse().unwrap());
        config.limits.auth_write = Some("1/h".parse().unwrap());
    });
    let site = Site::start_with(origin.await).await;
    for _ in 0..3 {
        let token = site.provider.logout(&json!({})).sign();
        let answer = site.post(&format!("logout_token={token}")).client("203.0.113.7").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    site.post("logout_token=x").client("203.0.113.7").refused(429, "rate_limited").await;
    assert_eq!(site.post("logout_token=x").client("203.0.113.8").send().await.status, 400, "another address");
    let login = site.origin.browser("POST", "/auth/logout").client("203.0.113.7").send().await;
    assert_ne!(login.status, 429, "people are not kept from signing out by what their provider tells");
}

#[tokio::test]
async fn every_end_is_counted() {
    let mut site = Site::start().await;
    site.sign_in("ada", "ada", None).await;
    let token = site.provider.logout(&json!({})).sign();
    for _ in 0..2 {
        assert_eq!(site.tell(&token).await.status, 200);
    }
    site.log_out(json!({ "sub": "nobody" })).await;
    assert_eq!(site.tell("x").await.status, 400);
    site.provider.stop();
    site.origin.wait(Duration::from_hours(2));
    let answer = site.tell(&token).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (503, &json!("provider_unreachable")));
    let metrics = site.origin.private("GET", "/metrics").send().await.text();
    for (outcome, count) in
        [("ended", 1), ("replayed", 1), ("nothing", 1), ("refused", 1), ("unreachable", 1), ("failed", 0)]
    {
        let line = format!("sealgate_back_channel_logouts_total{{outcome=\"{outcome}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}
