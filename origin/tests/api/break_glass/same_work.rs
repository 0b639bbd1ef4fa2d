//! Whether there is such an account, whether the password was right, whether it was too early: nobody can tell, neither by the
//! answer nor by the work.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use super::*;

/// Writes down the statements of this thread, which is the whole of the test but for the hashing.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Sql<'s>(&'s Statements);
        impl Visit for Sql<'_> {
            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
            fn record_str(&mut self, field: &Field, value: &str) {
                if field.name() == "sql" {
                    self.0.0.lock().unwrap().push(value.to_owned());
                }
            }
        }
        if event.metadata().target() == "sealgate_origin::store::engine::link" {
            event.record(&mut Sql(self));
        }
    }
}

/// What a guess comes to: all that is answered but the name that was typed, and all the work that was done.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    statements: Vec<String>,
    password_runs: u64,
}

async fn look(origin: &Origin, account: &str, password: &str, address: &str) -> Seen {
    let statements = Statements::default();
    let runs = origin.app.office().password_runs();
    let answer = {
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
        guess(origin, account, password, address).send().await
    };
    // The length is that of the body, in which the name stands.
    let headers =
        answer.headers.iter().filter(|(name, _)| !["x-request-id", "content-length"].contains(&name.as_str()));
    Seen {
        status: answer.status.as_u16(),
        headers: headers.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect(),
        body: answer.text().replace(&format!("value=\"{}\"", account.replace('+', " ")), "value=\"(name)\""),
        statements: statements.0.lock().unwrap().clone(),
        password_runs: origin.app.office().password_runs() - runs,
    }
}

#[tokio::test]
async fn unknown_wrong_and_early_are_one_answer_after_the_same_work() {
    const WRONG: &str = "wrong horse battery";
    let origin = start().await;
    // What any request may have to read once.
    refused(&guess(&origin, "carol", WRONG, "192.0.2.1").send().await);
    let wrong = look(&origin, "ada", WRONG, HERE).await;
    assert_eq!((wrong.status, wrong.password_runs), (403, 1));
    let mentions = |table: &str| wrong.statements.iter().filter(|sql| sql.contains(table)).count();
    assert_eq!(
        (mentions("break_glass_lanes ("), mentions("update break_glass_lanes"), mentions("into audit")),
        (2, 2, 1)
    );
    assert_eq!(look(&origin, "eve", WRONG, HERE).await, wrong, "no such account");
    assert_eq!(look(&origin, "not+a+name", WRONG, HERE).await, wrong, "nothing that could be one");
    assert_eq!(look(&origin, "eve", RIGHT, HERE).await, wrong, "the right password of another");
    assert_eq!(look(&origin, "ada", "", HERE).await, wrong, "none at all");
    // The lane of this network is full, whoever is tried, and with whatever.
    assert_eq!(count(&origin.app, "early").await, 0);
    for (account, password) in [("ada", WRONG), ("ada", RIGHT), ("eve", WRONG)] {
        assert_eq!(look(&origin, account, password, HERE).await, wrong, "too early for {account} from there");
    }
    assert_eq!(count(&origin.app, "early").await, 3);
    // The lane of the account, wherever from.
    for number in 0..5 {
        look(&origin, "bob", WRONG, &format!("198.51.100.{number}")).await;
        fail(&origin, 1, &format!("192.0.2.{}", number + 100)).await;
    }
    let early = count(&origin.app, "early").await;
    for (account, password) in [("ada", WRONG), ("ada", RIGHT), ("bob", WRONG)] {
        assert_eq!(look(&origin, account, password, ELSEWHERE).await, wrong, "too early for {account} from anywhere");
    }
    assert_eq!(count(&origin.app, "early").await, early + 3);
}
