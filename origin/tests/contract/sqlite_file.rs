//! What goes for a database that is a file.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_test_database::Engine;

use crate::setting::Setting;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn every_file_is_its_owners_alone() {
    let setting = Setting::on(Engine::Sqlite).await;
    setting.store_sessions(0..1).await;
    let mut seen = 0;
    for entry in std::fs::read_dir(setting.origin.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 5, "database, two side files, lock, kek, dev.json: {seen}");
    let nested = tempfile::tempdir().unwrap();
    let config = Config::development(&nested.path().join("new"));
    App::build(&config, Clock::system()).await.unwrap();
    assert_eq!(mode(&config.data_dir), 0o700);
}

#[tokio::test]
async fn a_file_that_was_open_to_others_is_closed() {
    let setting = Setting::on(Engine::Sqlite).await;
    let file = setting.origin.config.database.file().unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    setting.origin.start_another().await;
    assert_eq!(mode(file), 0o600);
}

#[tokio::test]
async fn the_file_has_a_write_ahead_log() {
    let setting = Setting::on(Engine::Sqlite).await;
    let modes: Vec<(String,)> = setting.database.rows("pragma journal_mode").await;
    assert_eq!(modes, [("wal".to_owned(),)]);
}

#[tokio::test]
async fn what_is_deleted_is_gone_from_the_file() {
    let setting = Setting::on(Engine::Sqlite).await;
    let label = "a label to look for in the bytes of the file";
    let session = sealgate_origin::session::Session { label: Some(label.to_owned()), ..setting.session(1).await };
    assert!(setting.store.insert_session(&session).await.unwrap());
    let holds = async || {
        // Into the file itself, and nothing left over in the log.
        setting.database.rows::<(i64, i64, i64)>("pragma wal_checkpoint(truncate)").await;
        let stored = setting.database.everything().await;
        stored.windows(label.len()).any(|window| window == label.as_bytes())
    };
    assert!(holds().await, "this is where to look");
    setting.store.delete_tenant(&setting.demo, setting.now).await.unwrap().unwrap();
    assert!(!holds().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_process_that_writes_is_waited_for() {
    let setting = Setting::on(Engine::Sqlite).await;
    let session = setting.session(1).await;
    let crate::kit::database::Backdoor::Sqlite(pool) = &setting.database else { unreachable!() };
    let writing = pool.begin_with("begin immediate").await.unwrap();
    let store = setting.store.clone();
    let stored = tokio::spawn(async move { store.insert_session(&session).await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!stored.is_finished());
    writing.commit().await.unwrap();
    assert!(stored.await.unwrap().unwrap());
}
