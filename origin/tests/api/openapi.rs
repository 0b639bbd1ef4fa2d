//! The description of the interface, held against the routes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kit::{Ask, Origin};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) async fn private(origin: &Origin) -> Value {
    let answer = origin.private("GET", "/v1/openapi.json").send().await;
    assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &"application/json".parse().unwrap()));
    answer.json()
}

async fn public(origin: &Origin) -> Value {
    let answer = origin.browser("GET", "/auth/openapi.json").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Methods and paths.
pub(super) fn operations(description: &Value) -> Vec<(String, String)> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| methods(item).map(|method| (method.to_uppercase(), path.clone()))).collect()
}

fn methods(item: &Value) -> impl Iterator<Item = &String> {
    item.as_object().unwrap().keys().filter(|key| *key != "parameters" && *key != "summary")
}

/// The path with something in each place.
fn fill(path: &str) -> String {
    let ids = [("{kind}", "user"), ("{provider}", "nobody")];
    let path = ids.iter().fold(path.to_owned(), |path, (place, id)| path.replace(place, id));
    let id = if path.contains("/sessions/") { "ses-AAAAAAAAAAAAAAAAAAAAAA" } else { "nobody" };
    path.replace("{id}", id)
}

/// Every method of every path: it is answered as one that is there exactly if it is described.
async fn compare(description: &Value, ask: impl Fn(&str, &str) -> Ask) {
    for (path, item) in description["paths"].as_object().unwrap() {
        let described: BTreeSet<String> = methods(item).map(|method| method.to_uppercase()).collect();
        for method in METHODS {
            let answer = ask(method, &fill(path)).send().await;
            let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let is_there = answer.status != 405;
            // As long as nobody has set a password, this is not there for whoever asks.
            if path == "/auth/break-glass" {
                assert_eq!((answer.status.as_u16(), &problem["code"]), (404, &"not_found".into()));
                continue;
            }
            assert_eq!(is_there, described.contains(method), "{method} {path}: {}", answer.text());
            let nothing = problem["code"] == "not_found" && !path.contains("{provider}");
            assert!(!nothing, "{method} {path}: {problem}");
        }
    }
}

#[tokio::test]
async fn what_is_described_is_there_and_no_other_method() {
    let origin = Origin::start().await;
    let (private, public) = (private(&origin).await, public(&origin).await);
    assert!(operations(&private).len() >= 20 && operations(&public).len() >= 15);
    let operator = origin.create_operator_token().await;
    let token = |path: &str| if path.starts_with("/v1/tenants") { operator.clone() } else { origin.token.clone() };
    compare(&private, |method, path| origin.private(method, path).bearer(&token(path))).await;
    compare(&public, |method, path| origin.browser(method, path)).await;
}

/// What else there is at these paths is listed by hand, so that nobody adds to it unawares.
#[test]
fn what_is_there_is_described() {
    let undescribed = |source: &str, prefix: &str| -> Vec<String> {
        let paths = source.split(".route(").skip(1).map(|piece| {
            let path = piece.trim_start().strip_prefix('"').and_then(|path| path.split('"').next());
            path.unwrap_or_else(|| panic!("whose path is this? {piece}"))
        });
        paths.filter(|path| path.starts_with(prefix)).map(str::to_owned).collect()
    };
    let private = include_str!("../../src/http/private/mod.rs");
    assert_eq!(undescribed(private, "/v1"), ["/v1/openapi.json", "/v1/dev/samples"]);
    let public = include_str!("../../src/http/public/mod.rs");
    // The one at this path has a description of its own.
    assert_eq!(undescribed(public, "/auth"), ["/auth/break-glass", "/auth/openapi.json"]);
    for way in ["nest(", "nest_service(", "merge(", "route_service("] {
        assert!(!public.contains(way) && !private.contains(way), "{way}");
    }
}

#[tokio::test]
async fn every_operation_says_what_it_is_and_what_it_wants() {
    let origin = Origin::start().await;
    let mut ids = BTreeSet::new();
    for (description, prefix) in [(private(&origin).await, "/v1/"), (public(&origin).await, "/auth/")] {
        assert_eq!(description["openapi"], "3.1.0");
        assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
        let schemes = description["components"]["securitySchemes"].as_object().unwrap();
        for (path, item) in description["paths"].as_object().unwrap() {
            assert!(path.starts_with(prefix), "{path}");
            for method in methods(item) {
                let (operation, name) = (&item[method], format!("{method} {path}"));
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{name}: {id} comes twice");
                assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{name}");
                for status in ["4XX", "5XX"] {
                    assert_eq!(operation["responses"][status]["$ref"], "#/components/responses/Problem", "{name}");
                }
                let wanted = operation["security"].as_array().unwrap_or_else(|| panic!("{name} says who may"));
                let named = wanted.iter().flat_map(|one| one.as_object().unwrap().keys());
                assert!(named.clone().all(|name| schemes.contains_key(name)), "{name}: {wanted:?}");
                if prefix == "/v1/" {
                    let operators = path.starts_with("/v1/tenants");
                    let expected = if operators { "operator_token" } else { "service_token" };
                    assert_eq!(named.collect::<Vec<_>>(), [expected], "{name}");
                }
            }
        }
        assert_refers_to_what_is_there(&description, &description);
    }
}

fn assert_refers_to_what_is_there(value: &Value, description: &Value) {
    if let Some(name) = value["$ref"].as_str() {
        let there = description.pointer(name.strip_prefix('#').unwrap());
        assert!(there.is_some(), "{name} is not there");
    }
    match value {
        Value::Object(object) => object.values().for_each(|value| assert_refers_to_what_is_there(value, description)),
        Value::Array(list) => list.iter().for_each(|value| assert_refers_to_what_is_there(value, description)),
        _ => {}
    }
}

#[tokio::test]
async fn the_public_description_wants_an_edge_and_nothing_else() {
    let origin = Origin::start().await;
    origin.public("GET", "/auth/openapi.json").refused(401, "edge_credential").await;
    let text = origin.browser("GET", "/auth/openapi.json").send().await.text();
    assert!(!text.contains("/v1/") && !text.contains("/internal"), "of the private listener it says nothing");
}
