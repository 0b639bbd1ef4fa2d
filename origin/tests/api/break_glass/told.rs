//! Where guesses come from: the log tells it, and the audit table where addresses are kept.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use super::*;

/// The warnings of this thread about guesses.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let data = event.metadata();
        if *data.level() == Level::WARN && data.target().starts_with("sealgate_origin::office::break_glass") {
            let mut line = Line(String::new());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

/// What the log says of a guess, which must be one line.
async fn log_of(ask: Ask) -> String {
    let warnings = Warnings::default();
    {
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(warnings.clone()));
        ask.send().await;
    }
    let mut lines = warnings.0.lock().unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

/// One after the other right and wrong, from everywhere: which networks the log tells.
async fn guess_from_everywhere(origin: &Origin) {
    for (address, network) in
        [(HERE, HERE), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1")]
    {
        for password in ["wrong horse battery", RIGHT] {
            let line = log_of(guess(origin, "ada", password, address)).await;
            assert!(line.contains(&format!("network=\"{network}\"")), "{address}: {line}");
        }
    }
    let form = format!("name=ada&password={}", RIGHT.replace(' ', "+"));
    let line = log_of(origin.browser("POST", PATH).form(&form)).await;
    assert!(line.contains("network=\"unknown\""), "{line}");
}

async fn details(origin: &Origin, event: &str) -> Vec<Option<String>> {
    written(origin, event).await.into_iter().map(|(_, detail)| detail).collect()
}

#[tokio::test]
async fn the_log_tells_from_which_network_and_the_database_keeps_none() {
    let origin = start().await;
    guess_from_everywhere(&origin).await;
    assert_eq!(details(&origin, "break_glass.failed").await, vec![Some("wrong".to_owned()); 3]);
    assert_eq!(details(&origin, "break_glass.used").await, vec![None; 4]);
    let stored = origin.database().await.everything().await;
    let stored = String::from_utf8_lossy(&stored);
    for address in [HERE, "2001:db8:1", "192.0.2.1"] {
        assert!(!stored.contains(address), "{address} is kept");
    }
}

#[tokio::test]
async fn where_addresses_are_kept_the_audit_table_tells_the_network_too() {
    let origin = start_with(|config| config.keep.ip = true).await;
    guess_from_everywhere(&origin).await;
    let networks = ["192.0.2.1", "2001:db8:1:2::/64", HERE];
    let failed = networks.map(|network| Some(format!("wrong, from {network}")));
    assert_eq!(details(&origin, "break_glass.failed").await, failed);
    let used = details(&origin, "break_glass.used").await;
    assert_eq!((&used[0], &used[1..]), (&None, &networks.map(|network| Some(format!("from {network}")))[..]));
}
