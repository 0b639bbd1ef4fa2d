//! Starting on a database.

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_test_database::{Engine, TestDatabase};

use crate::setting::Setting;

on_both!(several_start_at_once_on_nothing, starting_again_applies_nothing_twice);

async fn several_start_at_once_on_nothing(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create(engine).await;
    let mut config = Config::development(folder.path());
    config.database = database.url().parse().unwrap();
    config.server.connections = 4;
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let config = config.clone();
            tokio::spawn(async move { App::build(&config, Clock::system()).await.map(drop) })
        })
        .collect();
    for start in starting {
        start.await.unwrap().unwrap();
    }
}

async fn starting_again_applies_nothing_twice(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await.remove(0);
    let history = async || {
        let sql = "select version, cast(installed_on as text), cast(checksum as text) from _sqlx_migrations";
        let sql = if engine == Engine::Sqlite { &sql.replace("checksum", "hex(checksum)") } else { sql };
        setting.database.rows::<(i64, String, String)>(sql).await
    };
    let before = history().await;
    setting.origin.start_another().await;
    assert_eq!(history().await, before);
    assert_eq!(setting.store.session(&setting.demo, stored.id).await.unwrap().unwrap(), stored);
}
