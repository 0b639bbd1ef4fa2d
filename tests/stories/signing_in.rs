//! Signing in at an `OpenID` provider through the real Worker, and being signed out by it.

use sealgate_test_database::Engine;
use sealgate_test_provider::{Provider, Return};
use sealgate_tests::browser::{Answer, Browser};
use serde_json::json;

use crate::refresh::World;

mod abandoned;
mod back_channel;
mod cookies;
mod overtaken;

/// The name under which sites know the provider.
const ID: &str = "example";

/// A world in which people sign in at a provider.
struct Site {
    world: World,
    provider: Provider,
    operator: String,
}

impl Site {
    async fn start_on(engine: Engine) -> Self {
        let world = World::start_on(engine, |_| {}, |_| {}).await;
        let clock = world.stack.clock();
        let provider = Provider::start(move || clock.now().as_u64() / 1000).await;
        let operator = world.stack.operator().await.create_operator_token("story").await.unwrap().expose();
        let site = Self { world, provider, operator };
        site.register("demo", ID, &site.provider).await;
        site
    }

    /// Makes a provider known to a tenant under this name.
    async fn register(&self, tenant: &str, id: &str, provider: &Provider) {
        let mut body = provider.registration(id);
        body["shares_actors"] = json!(true);
        let address = format!("{}/v1/tenants/{tenant}/oidc", self.world.stack.origin.private());
        let request = sealgate_tests::edge::client().post(address).bearer_auth(&self.operator).json(&body);
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// A browser that comes from this address.
    fn browser_from(&self, address: &str) -> Browser {
        self.world.browser().navigating().with_header("cf-connecting-ip", address)
    }

    fn browser(&self) -> Browser {
        self.browser_from("203.0.113.7")
    }

    /// Goes to the provider, and signs in there as this person in this session of the provider's: where it is sent back to.
    async fn go_and_come_back(&self, browser: &mut Browser, sub: &str, sid: &str) -> Return {
        go_and_come_back(browser, &self.provider, ID, sub, sid).await
    }

    /// A browser that has signed in through the provider.
    async fn signed_in(&self, sub: &str, sid: &str) -> Browser {
        let mut browser = self.browser();
        let back = self.go_and_come_back(&mut browser, sub, sid).await;
        let answer = browser.get(&back.target()).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, Some("/orders")), "{answer:?}");
        let page = browser.get("/orders").await;
        assert_eq!(page.seen("x-sealgate-actor-id").as_deref(), Some(sub), "{page:?}");
        browser
    }

    /// The provider tells that somebody has signed out there.
    async fn log_out(&self, claims: &serde_json::Value) -> Answer {
        log_out(&self.world, &self.provider, ID, claims).await
    }
}

async fn go_and_come_back(browser: &mut Browser, provider: &Provider, id: &str, sub: &str, sid: &str) -> Return {
    let answer = browser.get(&format!("/auth/oidc/{id}/login?return_to=/orders")).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    provider.plan(|plan| plan.claims = json!({ "sub": sub, "sid": sid }));
    provider.authorize(answer.header("location").expect("it leads to the provider"))
}

/// A logout token, sent as providers do: by no browser, to the site's address.
async fn log_out(world: &World, provider: &Provider, id: &str, claims: &serde_json::Value) -> Answer {
    send_logout(world, id, &provider.logout(claims).sign()).await
}

async fn send_logout(world: &World, id: &str, token: &str) -> Answer {
    send_logout_to(world.browser(), id, token).await
}

async fn send_logout_to(browser: Browser, id: &str, token: &str) -> Answer {
    let kind = "application/x-www-form-urlencoded";
    let browser = browser.without_fetch_metadata().with_header("cf-connecting-ip", "198.51.100.1");
    // Nothing in a token has to be written in another way in a form.
    let path = format!("/auth/oidc/{id}/backchannel-logout");
    browser.with_header("content-type", kind).post(&path, format!("logout_token={token}")).await
}
