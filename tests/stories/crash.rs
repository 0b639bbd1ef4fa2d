//! The origin is killed again and again, in the middle of minting, revoking and rotating: what it acknowledged holds.

mod ledger;
mod load;
mod verify;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sealgate_test_database::{Engine, TestDatabase};
use sealgate_tests::process::Installation;
use sealgate_tests::scale;
use tokio::time::sleep;

use ledger::Ledger;

/// How much is done before the origin is killed: at least so many acknowledged changes, and at most so many more.
const CHANGES: (u64, u64) = (10, 80);

/// A generator of numbers that are random enough for choosing moments (`SplitMix64`).
struct Chance(u64);

impl Chance {
    /// Another one, for somebody else.
    fn fork(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

async fn crash(engine: Engine) {
    let seed = RandomState::new().build_hasher().finish();
    let kills = scale::count(3, 50);
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let begun = Instant::now();
    let installation = Arc::new(Installation::new(TestDatabase::create(engine).await).await);
    let mut serving = installation.serve().await;
    let ledger = Ledger::new(verify::read_keys(&installation).await);
    for kill in 1..=kills {
        println!("kill {kill} after {:.1} s", begun.elapsed().as_secs_f32());
        let load = load::begin(&installation, &ledger, &mut chance);
        ledger.wait_for_changes(CHANGES.0 + chance.below(CHANGES.1)).await;
        // Nothing is waited for: this is the moment.
        sleep(Duration::from_micros(chance.below(20_000))).await;
        load.doom();
        serving.kill().await;
        load.end().await;
        serving = installation.serve().await;
        verify::verify(&installation, &ledger, ledger.news()).await;
        ledger.note_keys(verify::read_keys(&installation).await);
    }
    verify::verify(&installation, &ledger, ledger.everybody()).await;
    verify::sequence_has_no_gaps(installation.database()).await;
    serving.kill().await;
    println!("{kills} kills on {engine:?} in {:.1} s: {}", begun.elapsed().as_secs_f32(), ledger.summary());
    assert_eq!(ledger.complaints(), [""; 0], "while the origin was up");
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills_on_sqlite() {
    crash(Engine::Sqlite).await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills_on_postgres() {
    crash(Engine::Postgres).await;
}
