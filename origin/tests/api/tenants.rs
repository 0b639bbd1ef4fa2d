//! `/v1/tenants`: made, shown, listed; and who may ask.

use serde_json::{Value, json};

use crate::kit::{Ask, Origin};

/// An origin, and an operator who asks it.
pub(crate) struct Operator {
    pub(crate) origin: Origin,
    token: String,
}

impl Operator {
    pub(crate) async fn start() -> Self {
        let origin = Origin::start().await;
        let token = origin.create_operator_token().await;
        Self { origin, token }
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        self.origin.private(method, path).bearer(&self.token)
    }

    /// Asks for what must be answered with this status.
    #[track_caller]
    pub(crate) fn must(&self, method: &str, path: &str, status: u16) -> impl Future<Output = Value> {
        answered(self.ask(method, path), status)
    }

    pub(crate) async fn create(&self, body: Value) -> Value {
        answered(self.ask("POST", "/v1/tenants").json(&body), 201).await
    }
}

#[track_caller]
fn answered(ask: Ask, status: u16) -> impl Future<Output = Value> {
    let place = std::panic::Location::caller();
    async move {
        let answer = ask.send().await;
        assert_eq!(answer.status, status, "{place}: {}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn a_tenant_is_made_and_shown_and_has_sessions() {
    let operator = Operator::start().await;
    let body = json!({ "id": "shop", "hosts": ["www.shop.example", "shop.example", "shop.example"] });
    let answer = operator.ask("POST", "/v1/tenants").json(&body).send().await;
    assert_eq!((answer.status.as_u16(), answer.headers["location"].to_str().unwrap()), (201, "/v1/tenants/shop"));
    let expected = json!({
        "id": "shop",
        "hosts": ["shop.example", "www.shop.example"],
        "created_at": "2026-06-01T12:00:00.000Z",
        "disabled_at": null,
        "live_sessions": 0,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(operator.must("GET", "/v1/tenants/shop", 200).await, expected);

    let token = operator.origin.create_token("shop", "sessions:mint").await;
    let session = json!({ "tenant": "shop", "actor_type": "user", "actor_id": "ada" });
    let minted = operator.origin.private("POST", "/v1/sessions").bearer(&token).json(&session).send().await;
    assert_eq!(minted.status, 201, "{}", minted.text());
    assert_eq!(operator.must("GET", "/v1/tenants/shop", 200).await["live_sessions"], 1);

    let bare = operator.create(json!({ "id": "bare" })).await;
    assert_eq!(bare["hosts"], json!([]));
}

#[tokio::test]
async fn they_are_listed_page_by_page_with_their_hosts() {
    let operator = Operator::start().await;
    for (id, hosts) in [("shop", json!(["b.example", "a.example"])), ("blog", json!(["blog.example"]))] {
        operator.create(json!({ "id": id, "hosts": hosts })).await;
    }
    let all = operator.must("GET", "/v1/tenants", 200).await;
    let summary = |list: &Value| -> Vec<(String, usize)> {
        let tenants = list["tenants"].as_array().unwrap().iter();
        tenants.map(|t| (t["id"].as_str().unwrap().to_owned(), t["hosts"].as_array().unwrap().len())).collect()
    };
    let expected = [("blog", 1), ("demo", 0), ("other", 0), ("shop", 2)].map(|(id, hosts)| (id.to_owned(), hosts));
    assert_eq!((summary(&all), &all["next_cursor"]), (expected.to_vec(), &Value::Null));
    assert_eq!(all["tenants"][3]["hosts"], json!(["a.example", "b.example"]));

    let mut paged = Vec::new();
    let mut path = "/v1/tenants?limit=3".to_owned();
    loop {
        let page = operator.must("GET", &path, 200).await;
        paged.extend(summary(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/tenants?limit=3&cursor={cursor}");
    }
    assert_eq!(paged, expected);
}

#[tokio::test]
async fn what_is_there_already_is_named() {
    let operator = Operator::start().await;
    operator.create(json!({ "id": "shop", "hosts": ["shop.example"] })).await;
    let create = |body: &Value| operator.ask("POST", "/v1/tenants").json(body);
    create(&json!({ "id": "shop" })).refused(409, "tenant_exists").await;
    let taken = create(&json!({ "id": "blog", "hosts": ["a.example", "shop.example"] }));
    let problem = taken.refused(409, "host_taken").await.json();
    assert!(problem["detail"].as_str().unwrap().contains("shop.example"), "{problem}");
    // It all happened, or nothing did.
    operator.ask("GET", "/v1/tenants/blog").refused(404, "tenant_not_found").await;
    let hosts = json!({ "hosts": ["a.example"] });
    let answer = operator.ask("PUT", "/v1/tenants/demo/hosts").json(&hosts).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn bad_input_is_named() {
    let operator = Operator::start().await;
    let create = |body: Value| operator.ask("POST", "/v1/tenants").json(&body);
    create(json!({})).refused_field("invalid_field", "id").await;
    for id in [json!("Shop"), json!(""), json!("-shop"), json!("a".repeat(64)), json!(1), json!(null)] {
        create(json!({ "id": id })).refused_field("invalid_field", "id").await;
    }
    let many: Vec<String> = (0..101).map(|number| format!("h{number}.example")).collect();
    for hosts in [json!("shop.example"), json!([1]), json!(["Shop.example"]), json!(["*.example"]), json!(many)] {
        create(json!({ "id": "shop", "hosts": hosts })).refused_field("invalid_field", "hosts").await;
    }
    create(json!({ "id": "shop", "host": "a.example" })).refused_field("unknown_field", "host").await;
    operator.ask("POST", "/v1/tenants").body("id=shop").refused(415, "content_type").await;

    let put = |body: Value| operator.ask("PUT", "/v1/tenants/demo/hosts").json(&body);
    put(json!({})).refused_field("invalid_field", "hosts").await;
    put(json!({ "hosts": null })).refused_field("invalid_field", "hosts").await;
    let wrong = put(json!({ "hosts": ["a.example", "https://b.example"] })).refused(422, "invalid_field").await.json();
    let expected = "Entry 2 must be a host name alone, without scheme and path.";
    assert_eq!((&wrong["field"], &wrong["detail"]), (&json!("hosts"), &json!(expected)));
    put(json!({ "hosts": [], "id": "demo" })).refused_field("unknown_field", "id").await;

    for query in ["limit=0", "limit=201", "limit=x"] {
        operator.ask("GET", &format!("/v1/tenants?{query}")).refused_field("invalid_field", "limit").await;
    }
    operator.ask("GET", "/v1/tenants?cursor=-").refused_field("invalid_field", "cursor").await;
    operator.ask("GET", "/v1/tenants?page=2").refused_field("unknown_field", "page").await;
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_not_found() {
    let operator = Operator::start().await;
    for id in ["nobody", "No-body", "%F0%9F%9A%AA", "%FF"] {
        let path = format!("/v1/tenants/{id}");
        operator.ask("GET", &path).refused(404, "tenant_not_found").await;
        operator.ask("DELETE", &path).refused(404, "tenant_not_found").await;
        operator.ask("DELETE", &format!("{path}?confirm={id}")).refused(404, "tenant_not_found").await;
        operator.ask("POST", &format!("{path}/disable")).refused(404, "tenant_not_found").await;
        operator.ask("POST", &format!("{path}/enable")).refused(404, "tenant_not_found").await;
        let hosts = json!({ "hosts": [] });
        operator.ask("PUT", &format!("{path}/hosts")).json(&hosts).refused(404, "tenant_not_found").await;
    }
}

#[tokio::test]
async fn the_token_of_an_operator_is_stored_as_such_and_no_other_can_be() {
    let operator = Operator::start().await;
    let database = operator.origin.database().await;
    let scopes = "select scopes from service_tokens where tenant is null";
    assert_eq!(database.rows::<(String,)>(scopes).await, [("tenants".to_owned(),)]);
    for change in ["tenant = 'demo'", "scopes = 'sessions:read'", "scopes = 'sessions:read tenants'"] {
        let sql = format!("update service_tokens set {change} where tenant is null");
        assert_eq!(database.execute(&sql).await, Err(crate::kit::database::Objection::Check), "{change}");
    }
    let sql = "update service_tokens set scopes = 'tenants' where tenant = 'demo'";
    assert_eq!(database.execute(sql).await, Err(crate::kit::database::Objection::Check));
}
