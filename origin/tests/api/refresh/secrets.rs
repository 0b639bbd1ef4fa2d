//! A copy of the database yields no token that anybody could use.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::KekSource;
use sealgate_origin::vault::Keks;

use super::{mint, mint_bearer, refresh_token, show, token};
use crate::kit::Origin;

/// The forms in which a part of a token could be stored.
fn forms(part: &str) -> Vec<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
    let hex = hex::encode(&bytes);
    vec![part.as_bytes().to_vec(), bytes, hex.to_uppercase().into_bytes(), hex.into_bytes()]
}

fn contains(stored: &[u8], part: &[u8]) -> bool {
    stored.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn none_is_stored_nor_any_part_that_only_their_maker_knows() {
    let origin = Origin::start().await;
    let (minted, native) = (mint(&origin).await, mint_bearer(&origin).await);
    let mut tokens = vec![minted.access.clone(), refresh_token(&minted.body)];
    tokens.extend(["access_token", "refresh_token"].map(|name| native[name].as_str().unwrap().to_owned()));
    let mut held = refresh_token(&minted.body);
    let mut csrf = vec![minted.body["csrf_token"].as_str().unwrap().to_owned()];
    for _ in 0..2 {
        origin.wait(Duration::from_mins(16));
        origin.app.office().rotate(&"demo".parse().unwrap()).await.unwrap();
        let answer = show(&origin, &held).await;
        held = token(&answer);
        tokens.extend([held.clone(), answer["access_token"].as_str().unwrap().to_owned()]);
        csrf.push(answer["set_cookie"][2].as_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned());
    }
    let stored = origin.database().await.everything().await;
    assert!(contains(&stored, minted.id.as_bytes()), "this is where it is stored");
    // Everything behind the claims is a MAC: one at an access token, two at a refresh token.
    let macs = tokens.iter().flat_map(|token| token.split('.').skip(3)).map(str::to_owned);
    let secrets: Vec<String> = macs.chain(csrf).collect();
    assert_eq!(secrets.len(), 4 + 8 + 3);
    for secret in &secrets {
        for form in forms(secret) {
            assert!(!contains(&stored, &form), "{secret}");
        }
    }
    // Nor what they are made with.
    let kek = std::fs::read_to_string(origin.config.data_dir.join("kek")).unwrap();
    for form in forms(kek.trim()) {
        assert!(!contains(&stored, &form));
    }
}

#[tokio::test]
async fn without_the_key_encryption_key_nothing_can_be_signed() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let mut config = origin.config.clone();
    config.kek = KekSource::Given(Keks::parse(&URL_SAFE_NO_PAD.encode([7; 32])).unwrap());
    let start = async || App::build(&config, Clock::from(origin.clock.clone())).await;
    let error = start().await.unwrap_err();
    assert!(error.to_string().contains("do not open this database"), "{error}");
    // Nor by whoever owns another database that opens with it: every key of the copy stays shut.
    let mut forged = origin.config.clone();
    forged.kek = KekSource::Given(Keks::parse(&URL_SAFE_NO_PAD.encode([8; 32])).unwrap());
    forged.data_dir = origin.folder.path().join("thief");
    forged.database = sealgate_origin::store::Location::Sqlite(forged.data_dir.join("sealgate.db"));
    let thief = App::build(&forged, Clock::from(origin.clock.clone())).await.unwrap();
    let database = origin.database().await;
    let sealed = "select count(*) from signing_keys where sealed is not null";
    assert!(database.number(sealed).await > 0);
    let keys: Vec<(String, Vec<u8>)> = database.rows("select id, sealed from signing_keys").await;
    let theirs = crate::kit::database::Backdoor::open(&forged).await;
    for (id, sealed) in keys {
        let sql = format!(
            "insert into signing_keys (id, tenant, state, sealed, created_at, retired_at) values \
             ('{id}', 'demo', 'retired', x'{}', '2026-06-01T12:00:00.000Z', '2026-06-01T12:00:00.000Z')",
            hex::encode(sealed)
        );
        theirs.execute(&sql).await.unwrap();
    }
    theirs.execute("update counters set value = value + 1 where name = 'keyring'").await.unwrap();
    let ask = super::ask(&origin, &thief, &refresh_token(&minted.body), super::FIREFOX);
    let (dev, edge) = (std::fs::read(forged.data_dir.join("dev.json")).unwrap(), "dev".parse().unwrap());
    let dev: serde_json::Value = serde_json::from_slice(&dev).unwrap();
    let secret = sealgate_shared::secret::Secret32::from_base64url(dev["edge_secret"].as_str().unwrap()).unwrap();
    let credential = sealgate_shared::edge::EdgeSecret::new(secret).credential(&edge);
    ask.header("x-sealgate-edge", &credential).refused(500, "internal").await;
    assert!(thief.office().try_every_secret().await.unwrap().failures.len() >= 2);
}
