//! The contract of the store: each promise is one function, run on an `SQLite` file and on a real `PostgreSQL`.

#[path = "../kit/mod.rs"]
#[expect(dead_code, reason = "the contract uses a part of the kit")]
mod kit;

/// Makes two tests of each promise, one for each database.
macro_rules! on_both {
    ($($promise:ident),+ $(,)?) => {
        on_both!(sqlite, Sqlite: $($promise),+);
        on_both!(postgres, Postgres: $($promise),+);
    };
    ($module:ident, $engine:ident: $($promise:ident),+) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $promise() {
                    super::$promise(sealgate_test_database::Engine::$engine).await;
                }
            )+
        }
    };
}

mod actors;
mod audit;
mod break_glass;
mod counters;
mod credentials;
mod feed;
mod grouping;
mod issue_a;
mod keys;
mod limiting;
mod listing;
mod logging_out;
mod plans;
mod refreshing;
mod relabelling;
mod revoking;
mod schema;
mod sequence;
mod server_gone;
mod server_settings;
mod sessions;
mod setting;
mod sqlite_file;
mod starting;
mod sweeping;
mod tenants;
