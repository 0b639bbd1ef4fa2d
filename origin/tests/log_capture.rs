//! The log lines of a session's whole life, at every level, and that nothing secret is in them.
//!
//! A test binary of its own: it takes the process's one global subscriber, so that threads are heard too.

#[path = "kit/mod.rs"]
#[expect(dead_code, reason = "one story uses a part of the kit")]
mod kit;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::fmt::MakeWriter;

use kit::{Origin, bend};
use sealgate_origin::credential::Password;
use sealgate_origin::office::SetBreakGlass;
use sealgate_origin::oidc::ProviderSettings;
use sealgate_origin::session::Actor;
use sealgate_origin::store::RolesChange;
use sealgate_test_provider::{CLIENT_ID, CLIENT_SECRET, Endpoint, Provider};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn no_secret_reaches_the_log_in_a_sessions_whole_life() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .init();
    let origin = Origin::start().await;
    let user_agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 MarkOfThisBrowser";
    let minted = origin.mint_with(json!({ "actor_id": "actor-to-look-for", "user_agent": user_agent })).await;
    let doomed = origin.mint().await;
    let mut cookies = vec![minted.cookie.clone(), doomed.cookie.clone()];

    live(&origin, &minted.cookie, &minted.id).await;
    be_served(&origin, &minted.cookie).await;
    cookies.extend(sign_in(&origin).await);
    let (by_provider, told) = sign_in_by_provider(&origin).await;
    cookies.extend(by_provider);
    cookies.push(sign_in_by_password(&origin).await);
    be_refused(&origin, &doomed.cookie).await;
    origin.app.office().rotate(&"demo".parse().unwrap()).await.unwrap();
    origin.internal("GET", "/internal/keyring").send().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", doomed.id)).send().await;
    origin.v1("DELETE", "/v1/actors/user/actor-to-look-for/sessions").send().await;
    origin.browser("POST", "/auth/logout").cookie(&minted.cookie).send().await;
    break_down(&origin, &minted.cookie).await;

    let dev_file = std::fs::read(origin.folder.path().join("dev.json")).unwrap();
    let dev_file: serde_json::Value = serde_json::from_slice(&dev_file).unwrap();
    let mut secrets = vec![
        ("edge secret", dev_file["edge_secret"].as_str().unwrap().to_owned()),
        ("edge proof", origin.edge.split_once('.').unwrap().1.to_owned()),
        ("service token", origin.token[16..].to_owned()),
        ("csrf token", minted.body["csrf_token"].as_str().unwrap().to_owned()),
        ("kek", std::fs::read_to_string(origin.folder.path().join("kek")).unwrap().trim().to_owned()),
        ("user agent", "MarkOfThisBrowser".to_owned()),
        ("wrong service token", "WRONGWRONGWRONG".to_owned()),
        ("text of a bad body", "hunter2".to_owned()),
        ("query", "query-to-look-for".to_owned()),
        ("password", "horse-to-look-for".to_owned()),
        ("what was typed for a name", "name-to-look-for".to_owned()),
    ];
    secrets.extend(told);
    for cookie in &cookies {
        let token = cookie.split_once('=').unwrap().1;
        secrets.push(("cookie", token.to_owned()));
        secrets.push(("mac", token.rsplit_once('.').unwrap().1.to_owned()));
    }
    let text = log.text();
    for (what, secret) in &secrets {
        assert!(secret.len() >= 7, "{what}: {secret:?} is too short to look for");
        let line = text.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{what} is in the log");
    }
    assert!(!text.contains("v1.") && !text.to_lowercase().contains("bearer s"), "nothing that looks like one");
    // The log was on, and says what it should.
    for expected in [
        "reason=\"state_unknown\"",
        "reason=\"provider_unreachable\"",
        "route=\"/v1/sessions\"",
        "status=201",
        "status=401",
        "status=503",
        "the database does not answer",
        "an operator signed in by password: break-glass",
        "a password for break-glass was refused",
        "account=\"ops\" why=\"wrong\"",
        "account=\"(unknown)\" why=\"unknown\"",
    ] {
        assert!(text.contains(expected), "{expected} is not in the log");
    }
    assert!(text.contains("TRACE") || text.contains("DEBUG"), "the finest levels were on");
}

/// Over real sockets as well: the HTTP layer must keep quiet too.
async fn be_served(origin: &Origin, cookie: &str) {
    let public = TcpListener::bind(origin.config.listen_public).await.unwrap();
    let private = TcpListener::bind(origin.config.listen_private).await.unwrap();
    let me = format!("http://{}/auth/session", public.local_addr().unwrap());
    let sessions = format!("http://{}/v1/sessions?actor_type=user&actor_id=ada", private.local_addr().unwrap());
    tokio::spawn(origin.app.clone().serve(public, private, std::future::pending()));
    let client = reqwest::Client::new();
    let request = client.get(me).header("cookie", cookie).header("x-sealgate-edge", &origin.edge);
    let answer = request.header("x-sealgate-tenant", "demo").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(client.get(sessions).bearer_auth(&origin.token).send().await.unwrap().status(), 200);
}

async fn live(origin: &Origin, cookie: &str, id: &str) {
    assert_eq!(origin.check(id).await, "live");
    let me = origin.browser("GET", "/auth/session").cookie(cookie).send().await;
    assert_eq!(me.status, 200);
    origin.v1("GET", "/v1/sessions?actor_type=user&actor_id=query-to-look-for").send().await;
}

async fn sign_in(origin: &Origin) -> Vec<String> {
    let answer = origin.browser("POST", "/auth/login").form("name=ada").send().await;
    let cookies = answer.set_cookies();
    vec![cookies[0].split(';').next().unwrap().to_owned()]
}

/// All the way through a provider, once in vain. The cookies of the session, and what nobody may read.
async fn sign_in_by_provider(origin: &Origin) -> (Vec<String>, Vec<(&'static str, String)>) {
    let clock = origin.clock.clone();
    let mut provider = Provider::start(move || clock.now().as_u64() / 1_000).await;
    let mut settings = ProviderSettings::new("Example", provider.issuer().parse().unwrap(), CLIENT_ID);
    settings.email_domains = vec!["mail-to-look-for.test".to_owned()];
    settings.name_claim = Some("name".to_owned());
    let (tenant, id, secret) = ("demo".parse().unwrap(), "example".parse().unwrap(), CLIENT_SECRET.parse().unwrap());
    origin.app.office().add_oidc_provider(&tenant, &id, &settings, Some(&secret)).await.unwrap();
    let email = "ada@mail-to-look-for.test";
    provider.plan(|plan| {
        plan.claims = json!({ "sub": "subject-to-look-for", "name": "Name To Look For" });
        plan.userinfo = json!({ "sub": "subject-to-look-for", "email": email, "email_verified": true });
    });
    let (cookie, back) = set_out(origin, &provider).await;
    let id_token = provider.id_token(back.get("code").unwrap());
    let bent = back.clone().with("state", &bend(back.get("state").unwrap()));
    assert_eq!(origin.browser("GET", &bent.target()).cookie(&cookie).send().await.status, 400);
    let answer = origin.browser("GET", &back.target()).cookie(&cookie).send().await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let (lost, gone) = set_out(origin, &provider).await;
    provider.stop();
    assert_eq!(origin.browser("GET", &gone.target()).cookie(&lost).send().await.status, 503);
    let asked = provider.asked();
    let userinfo = asked.iter().find(|asked| asked.endpoint == Endpoint::Userinfo).unwrap();
    let exchange = asked.iter().find(|asked| asked.endpoint == Endpoint::Token).unwrap();
    let told = vec![
        ("client secret", CLIENT_SECRET.to_owned()),
        ("client secret as it is sent", exchange.header("authorization").unwrap()[6..].to_owned()),
        ("code verifier", exchange.field("code_verifier").unwrap().to_owned()),
        ("code", format!("{}\"", back.get("code").unwrap())),
        ("code in a query", format!("code={}", back.get("code").unwrap())),
        ("state", back.get("state").unwrap().to_owned()),
        ("binding", cookie.split_once('=').unwrap().1.to_owned()),
        ("access token", userinfo.header("authorization").unwrap().to_owned()),
        ("ID token", id_token.split('.').nth(1).unwrap().to_owned()),
        ("e-mail", "mail-to-look-for".to_owned()),
        ("subject", "subject-to-look-for".to_owned()),
        ("name", "Name To Look For".to_owned()),
    ];
    (vec![answer.set_cookies()[0].split(';').next().unwrap().to_owned()], told)
}

/// Twice in vain: with a wrong password, and under a name that is no account's. The cookie of the session.
async fn sign_in_by_password(origin: &Origin) -> String {
    let (tenant, actor) =
        ("demo".parse().unwrap(), Actor { kind: "operator".parse().unwrap(), id: "ops".parse().unwrap() });
    let password = Password::new("horse-to-look-for".to_owned());
    let (roles, assurance) = (RolesChange::Keep, None);
    let set = SetBreakGlass { tenant: &tenant, actor: &actor, password, roles, assurance };
    origin.app.office().set_break_glass(set).await.unwrap();
    let show = async |form: &str| {
        origin.browser("POST", "/auth/break-glass").same_site().client("203.0.113.7").form(form).send().await
    };
    assert_eq!(show("name=ops&password=horse-to-look-for-").await.status, 403);
    assert_eq!(show("name=name-to-look-for&password=horse-to-look-for").await.status, 403);
    let answer = show("name=ops&password=horse-to-look-for").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.set_cookies()[0].split(';').next().unwrap().to_owned()
}

async fn set_out(origin: &Origin, provider: &Provider) -> (String, sealgate_test_provider::Return) {
    let answer = origin.browser("GET", "/auth/oidc/example/login").send().await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = answer.set_cookies()[0].split(';').next().unwrap().to_owned();
    (cookie, provider.authorize(answer.headers["location"].to_str().unwrap()))
}

async fn be_refused(origin: &Origin, cookie: &str) {
    let (signed, mac) = cookie.rsplit_once('.').unwrap();
    let bent = format!("{signed}.{}", bend(mac));
    origin.browser("GET", "/auth/session").cookie(&bent).refused(401, "bad_mac").await;
    let wrong = format!("{}WRONGWRONGWRONG{}", &origin.token[..16], &origin.token[31..]);
    origin.v1("GET", "/v1/sessions").bearer(&wrong).refused(401, "service_token").await;
    let body = r#"{"tenant":"hunter2 hunter2"#;
    let ask = origin.v1("POST", "/v1/sessions").header("content-type", "application/json").body(body);
    ask.refused(400, "invalid_json").await;
}

async fn break_down(origin: &Origin, cookie: &str) {
    let database = origin.database().await;
    database.execute("alter table sessions rename to gone").await.unwrap();
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "actor-to-look-for" });
    origin.v1("POST", "/v1/sessions").json(&body).refused(503, "database_unavailable").await;
    origin.browser("GET", "/auth/session").cookie(cookie).send().await;
}
