//! The hosts of a tenant: an edge hands on requests for these and no other.

use serde_json::json;

use super::tenants::Operator;
use crate::kit::Ask;

async fn set(operator: &Operator, hosts: &[&str]) {
    let ask = operator.ask("PUT", "/v1/tenants/demo/hosts").json(&json!({ "hosts": hosts }));
    let answer = ask.send().await;
    assert_eq!(answer.json()["hosts"], json!(hosts), "{}", answer.text());
}

#[tokio::test]
async fn requests_for_another_host_are_refused_before_anything_else() {
    let operator = Operator::start().await;
    let cookie = operator.origin.mint().await.cookie;
    let ask =
        |host: &str| operator.origin.browser("GET", "/auth/session").cookie(&cookie).header("x-sealgate-host", host);
    assert_eq!(ask("anything.example").send().await.status, 200, "no host is named: any will do");

    set(&operator, &["localhost:8787", "shop.example"]).await;
    for known in ["shop.example", "Shop.Example", "localhost:8787"] {
        assert_eq!(ask(known).send().await.status, 200, "{known}");
    }
    for unknown in
        ["", "www.shop.example", "shop.example.", "shop.example:8443", "localhost", "shop.example, evil.example"]
    {
        ask(unknown).refused(421, "unknown_host").await;
    }
    let without = Ask::new(operator.origin.app.public_router(), "GET", "/auth/session")
        .header("x-sealgate-edge", &operator.origin.edge)
        .header("x-sealgate-tenant", "demo");
    without.refused(421, "unknown_host").await;
    for (method, path) in [("GET", "/auth/login"), ("POST", "/auth/login"), ("POST", "/auth/logout")] {
        let ask = operator.origin.browser(method, path).form("name=ada").header("x-sealgate-host", "evil.example");
        ask.refused(421, "unknown_host").await;
    }
    // Another tenant's hosts are its own affair.
    let other = ask("anything.example").header("x-sealgate-tenant", "other");
    other.refused(401, "unknown_kid").await;
}

#[tokio::test]
async fn they_are_replaced_as_a_whole_and_belong_to_one_tenant() {
    let operator = Operator::start().await;
    set(&operator, &["a.example", "b.example"]).await;
    set(&operator, &["b.example", "c.example"]).await;
    let put = |hosts: &[&str]| operator.ask("PUT", "/v1/tenants/other/hosts").json(&json!({ "hosts": hosts }));
    let problem = put(&["a.example", "c.example"]).refused(409, "host_taken").await.json();
    assert!(problem["detail"].as_str().unwrap().contains("c.example"), "{problem}");
    assert_eq!(operator.must("GET", "/v1/tenants/other", 200).await["hosts"], json!([]), "nothing was changed");
    assert_eq!(put(&["a.example"]).send().await.status, 200, "it was given up");
    set(&operator, &[]).await;
    assert_eq!(put(&["a.example", "b.example", "c.example"]).send().await.status, 200);
}
