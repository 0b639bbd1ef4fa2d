//! The passwords of operators, and how guesses at them are counted.

use std::time::Duration;

use sealgate_origin::limit::Lane;
use sealgate_origin::session::{Actor, RevokedReason};
use sealgate_origin::store::{
    BreakGlassInForce, CountedGuess, KnockFrom, LaneName, NewBreakGlass, Pass, RevokeOutcome, RightGuess, RolesChange,
    Sweep, Unlock, name_pass,
};
use sealgate_shared::id::{ActorId, Roles, SessionId};
use sealgate_test_database::Engine;
use tokio::task::JoinSet;

use crate::kit::database::Objection;
use crate::setting::{Setting, actor, session_id};

on_both!(
    an_account_is_found_by_its_name_in_its_tenant_until_it_is_removed,
    an_account_stays_an_actor_of_its_type,
    what_is_not_said_of_an_account_stays,
    accounts_are_listed_with_the_guesses_at_them,
    setting_and_removing_end_the_actors_sessions_and_say_so_in_one,
    of_guesses_at_once_as_many_are_counted_as_a_lane_allows,
    a_guess_is_counted_in_all_its_lanes_or_in_none,
    a_right_guess_is_uncounted_if_the_password_is_still_the_one,
    whoever_signs_in_while_the_password_changes_has_no_session_afterwards,
    a_network_is_a_newcomer_until_a_guess_from_it_fails_and_after_an_hour_again,
    unlocking_forgets_and_lets_through,
    what_is_quiet_is_swept_by_the_batch,
    what_makes_no_sense_is_refused,
);

const HASH: &str = "$argon2id$v=19$m=65536,t=3,p=1$AAAA$AAAA";

fn new<'a>(setting: &'a Setting, actor: &'a Actor, password_hash: &'a str) -> NewBreakGlass<'a> {
    NewBreakGlass { tenant: &setting.demo, actor, password_hash, roles: RolesChange::Keep, assurance: None }
}

async fn set(setting: &Setting, actor: &Actor, password_hash: &str) -> usize {
    setting.store.set_break_glass(&new(setting, actor, password_hash), setting.now).await.unwrap().unwrap().ended.len()
}

fn right<'a>(setting: &'a Setting, actor: &'a Actor, session: SessionId) -> RightGuess<'a> {
    RightGuess { tenant: &setting.demo, actor, password_hash: HASH, session, counted: &[], detail: None }
}

fn lanes(account: &ActorId, network: u16) -> Vec<LaneName> {
    vec![LaneName::of_account(account, false), LaneName::of_network(network)]
}

async fn count(setting: &Setting, lanes: Vec<LaneName>, after: Duration) -> Option<Vec<CountedGuess>> {
    let now = setting.now.plus(u64::try_from(after.as_millis()).unwrap());
    setting.store.count_guess(&setting.demo, lanes, now).await.unwrap()
}

async fn failures(setting: &Setting, lane: &str) -> i64 {
    let sql = format!("select coalesce(max(failures), -1) from break_glass_lanes where lane = '{lane}'");
    setting.database.number(&sql).await
}

async fn an_account_is_found_by_its_name_in_its_tenant_until_it_is_removed(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (store, ada) = (&setting.store, actor("operator", "ada%_"));
    let is_on = async || {
        (store.break_glass_is_on(&setting.demo).await.unwrap(), store.break_glass_is_on(&setting.other).await.unwrap())
    };
    assert_eq!(is_on().await, (false, false));
    let roles = Roles::new(vec!["admin".parse().unwrap(), "night".parse().unwrap()]).unwrap();
    let account =
        NewBreakGlass { roles: RolesChange::These(&roles), assurance: Some(255), ..new(&setting, &ada, HASH) };
    store.set_break_glass(&account, setting.now).await.unwrap().unwrap();
    assert_eq!(is_on().await, (true, false));
    let knock = store.knock(&setting.demo, Some(&ada.id), None, setting.now).await.unwrap();
    let found = knock.account.unwrap();
    assert_eq!((knock.is_on, knock.is_let_through, &found.actor), (true, false, &ada));
    assert_eq!((found.password_hash.as_str(), found.roles, found.assurance), (HASH, Some(roles), 255));
    for (tenant, name, on) in
        [(&setting.demo, "ada", true), (&setting.demo, "ADA%_", true), (&setting.other, "ada%_", false)]
    {
        let knock = store.knock(tenant, Some(&name.parse().unwrap()), None, setting.now).await.unwrap();
        assert_eq!((knock.is_on, knock.account.is_some()), (on, false), "{name}");
    }
    let knock = store.knock(&setting.demo, None, None, setting.now).await.unwrap();
    assert_eq!((knock.is_on, knock.account.is_some()), (true, false), "nothing that could be a name");
    assert!(store.remove_break_glass(&setting.demo, &"ada".parse().unwrap(), setting.now).await.unwrap().is_none());
    assert!(store.remove_break_glass(&setting.other, &ada.id, setting.now).await.unwrap().is_none());
    let (removed, ended) = store.remove_break_glass(&setting.demo, &ada.id, setting.now).await.unwrap().unwrap();
    assert_eq!((removed, ended.len(), is_on().await), (ada, 0, (false, false)));
}

async fn an_account_stays_an_actor_of_its_type(engine: Engine) {
    let setting = Setting::on(engine).await;
    set(&setting, &actor("operator", "ada"), HASH).await;
    let other = actor("user", "ada");
    let outcome = setting.store.set_break_glass(&new(&setting, &other, "$argon2id$other"), setting.now).await.unwrap();
    assert!(outcome.is_none());
    let knock = setting.store.knock(&setting.demo, Some(&other.id), None, setting.now).await.unwrap();
    assert_eq!(knock.account.unwrap().password_hash, HASH);
    let audited = "select count(*) from audit where event = 'break_glass.set'";
    assert_eq!(setting.database.number(audited).await, 1, "nothing was set, and nothing is said of it");
}

async fn what_is_not_said_of_an_account_stays(engine: Engine) {
    let setting = Setting::on(engine).await;
    let ada = actor("operator", "ada");
    let roles = Roles::new(vec!["admin".parse().unwrap()]).unwrap();
    for (change, assurance, expected) in [
        (RolesChange::Keep, None, (None, 0)),
        (RolesChange::These(&roles), Some(3), (Some(&roles), 3)),
        (RolesChange::Keep, None, (Some(&roles), 3)),
        (RolesChange::Keep, Some(0), (Some(&roles), 0)),
        (RolesChange::Keep, Some(2), (Some(&roles), 2)),
        (RolesChange::Known, None, (None, 2)),
    ] {
        let account = NewBreakGlass { roles: change, assurance, ..new(&setting, &ada, HASH) };
        let set = setting.store.set_break_glass(&account, setting.now).await.unwrap().unwrap();
        let in_force = BreakGlassInForce { roles: expected.0.cloned(), assurance: expected.1, ended: Vec::new() };
        assert_eq!(set, in_force, "{change:?} {assurance:?}");
        let knock = setting.store.knock(&setting.demo, Some(&ada.id), None, setting.now).await.unwrap();
        let found = knock.account.unwrap();
        assert_eq!((found.roles.as_ref(), found.assurance), expected, "{change:?} {assurance:?}");
    }
}

async fn accounts_are_listed_with_the_guesses_at_them(engine: Engine) {
    let setting = Setting::on(engine).await;
    for name in ["bob", "ada"] {
        set(&setting, &actor("operator", name), HASH).await;
    }
    let ada = actor("operator", "ada");
    let elsewhere = NewBreakGlass { tenant: &setting.other, ..new(&setting, &ada, HASH) };
    setting.store.set_break_glass(&elsewhere, setting.now).await.unwrap().unwrap();
    count(&setting, lanes(&ada.id, 1), Duration::ZERO).await.unwrap();
    count(&setting, vec![LaneName::of_account(&"bob".parse().unwrap(), true)], Duration::ZERO).await.unwrap();
    let listed = setting.store.list_break_glass(Some(&setting.demo), setting.now).await.unwrap();
    let shown: Vec<_> =
        listed.iter().map(|account| (account.actor.id.as_str(), account.lane, account.newcomers)).collect();
    let one = Lane { failures: 1, last_at: setting.now };
    assert_eq!(shown, [("ada", one, Lane::EMPTY), ("bob", Lane::EMPTY, one)]);
    assert!(listed.iter().all(|account| account.used_at.is_none()));
    assert_eq!(setting.store.list_break_glass(None, setting.now).await.unwrap().len(), 3);
}

async fn setting_and_removing_end_the_actors_sessions_and_say_so_in_one(engine: Engine) {
    let setting = Setting::on(engine).await;
    let sessions = setting.store_sessions(0..3).await;
    // `ada` of the sample sessions is a user.
    let ada = actor("user", "ada");
    let position = setting.store.standing().await.unwrap().position.sequence;
    assert_eq!(set(&setting, &ada, HASH).await, 3);
    assert_eq!(setting.store.standing().await.unwrap().position.sequence, position + 1, "one mark");
    for session in sessions {
        let outcome = setting.store.revoke_session(&setting.demo, session.id, RevokedReason::Admin, setting.now);
        let RevokeOutcome::Already(found) = outcome.await.unwrap() else { panic!("it was live") };
        assert_eq!(found.revoked.unwrap().reason, RevokedReason::CredentialChange);
    }
    // What cannot be written down does not happen.
    let later = setting.session(9).await;
    let later = sealgate_origin::session::Session { issued_at: setting.now.plus(1), ..later };
    assert!(setting.store.insert_session(&later).await.unwrap());
    setting.database.execute("alter table audit rename to gone").await.unwrap();
    assert!(setting.store.remove_break_glass(&setting.demo, &ada.id, setting.now).await.is_err());
    assert!(setting.store.set_break_glass(&new(&setting, &ada, "$argon2id$other"), setting.now).await.is_err());
    setting.database.execute("alter table gone rename to audit").await.unwrap();
    let knock = setting.store.knock(&setting.demo, Some(&ada.id), None, setting.now).await.unwrap();
    assert_eq!(knock.account.unwrap().password_hash, HASH);
    assert!(setting.store.session(&setting.demo, later.id).await.unwrap().unwrap().revoked.is_none());
}

async fn of_guesses_at_once_as_many_are_counted_as_a_lane_allows(engine: Engine) {
    let setting = Setting::on(engine).await;
    let mut guesses = JoinSet::new();
    for number in 0..100_u16 {
        let (store, demo, now) = (setting.store.clone(), setting.demo.clone(), setting.now);
        // Half of them from one network, the others each from its own; some know two accounts.
        let account = if number % 10 == 0 { "bob" } else { "ada" }.parse().unwrap();
        let lanes = lanes(&account, if number < 50 { 1 } else { number });
        guesses.spawn(async move { store.count_guess(&demo, lanes, now).await.unwrap().map(|_| account) });
    }
    let counted: Vec<ActorId> = guesses.join_all().await.into_iter().flatten().collect();
    let of = |name: &str| counted.iter().filter(|account| account.as_str() == name).count();
    assert_eq!(of("ada"), 5, "an account allows five");
    assert!(of("bob") <= 5);
    assert!(failures(&setting, "network 0001").await <= 5, "a network too");
    assert_eq!(failures(&setting, "account ada").await, 5);
    assert_eq!(usize::try_from(failures(&setting, "account bob").await).unwrap(), of("bob"));
}

async fn a_guess_is_counted_in_all_its_lanes_or_in_none(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (ada, bob): (ActorId, ActorId) = ("ada".parse().unwrap(), "bob".parse().unwrap());
    for network in 0..5 {
        assert!(count(&setting, lanes(&ada, network), Duration::ZERO).await.is_some());
    }
    assert!(count(&setting, lanes(&ada, 7), Duration::ZERO).await.is_none(), "the account's is full");
    assert_eq!(failures(&setting, "network 0007").await, 0);
    for _ in 0..4 {
        assert!(count(&setting, lanes(&bob, 1), Duration::ZERO).await.is_some());
    }
    assert!(count(&setting, lanes(&bob, 1), Duration::ZERO).await.is_none(), "the network's is full");
    assert_eq!((failures(&setting, "account bob").await, failures(&setting, "network 0001").await), (4, 5));
    assert!(count(&setting, lanes(&bob, 2), Duration::ZERO).await.is_some(), "another network's is not");
    assert!(count(&setting, lanes(&ada, 7), Duration::from_secs(1)).await.is_some());
    // Another tenant knows nothing of it.
    assert!(setting.store.count_guess(&setting.other, lanes(&ada, 1), setting.now).await.unwrap().is_some());
}

async fn a_right_guess_is_uncounted_if_the_password_is_still_the_one(engine: Engine) {
    let setting = Setting::on(engine).await;
    let ada = actor("operator", "ada");
    set(&setting, &ada, HASH).await;
    let first = count(&setting, lanes(&ada.id, 1), Duration::ZERO).await.unwrap();
    let second = count(&setting, lanes(&ada.id, 2), Duration::from_secs(1)).await.unwrap();
    let settle = async |password_hash: &str, counted: &[CountedGuess]| {
        let right = RightGuess { counted, password_hash, ..right(&setting, &ada, session_id(1)) };
        setting.store.settle_guess(&right, setting.now).await.unwrap()
    };
    let counts = async || {
        [
            failures(&setting, "account ada").await,
            failures(&setting, "network 0001").await,
            failures(&setting, "network 0002").await,
        ]
    };
    assert!(!settle("$argon2id$other", &first).await);
    assert_eq!(counts().await, [2, 1, 1]);
    assert!(settle(HASH, &first).await);
    assert_eq!(counts().await, [1, 0, 1]);
    assert!(settle(HASH, &second).await);
    assert_eq!(counts().await, [0, 0, 0]);
    let used =
        "select count(*) from audit where event = 'break_glass.used' and actor_id = 'ada' and session is not null";
    assert_eq!(setting.database.number(used).await, 2);
    assert_eq!(setting.store.list_break_glass(None, setting.now).await.unwrap()[0].used_at, Some(setting.now));
    setting.store.remove_break_glass(&setting.demo, &ada.id, setting.now).await.unwrap().unwrap();
    assert!(!settle(HASH, &second).await);
}

async fn whoever_signs_in_while_the_password_changes_has_no_session_afterwards(engine: Engine) {
    let setting = Setting::on(engine).await;
    let ada = actor("user", "ada");
    for number in 0..40 {
        set(&setting, &ada, HASH).await;
        // Issued after whatever mark there is.
        let at = setting.now.plus(u64::from(number) * 10 + 10);
        let session = setting.session(number).await;
        let session = sealgate_origin::session::Session { created_at: at, issued_at: at, ..session };
        let sign_in = async {
            assert!(setting.store.insert_session(&session).await.unwrap());
            setting.store.settle_guess(&right(&setting, &ada, session.id), at).await.unwrap()
        };
        let change = async {
            if number % 2 == 0 {
                set(&setting, &ada, "$argon2id$other").await;
            } else {
                setting.store.remove_break_glass(&setting.demo, &ada.id, setting.now).await.unwrap().unwrap();
            }
        };
        let (settled, ()) = tokio::join!(sign_in, change);
        let revoked = setting.store.session(&setting.demo, session.id).await.unwrap().unwrap().revoked;
        assert!(!settled || revoked.is_some(), "round {number}: let in, and nobody ended it");
    }
}

async fn a_network_is_a_newcomer_until_a_guess_from_it_fails_and_after_an_hour_again(engine: Engine) {
    let setting = Setting::on(engine).await;
    let ada: ActorId = "ada".parse().unwrap();
    let is_newcomer = async |lane: &str, since| {
        let from = Some(KnockFrom { lane, pass: None }).filter(|from| !from.lane.is_empty());
        setting.store.knock(&setting.demo, Some(&ada), from, since).await.unwrap().is_newcomer
    };
    let before = setting.now.minus(1);
    assert!(is_newcomer("network 0001", before).await);
    assert!(!is_newcomer("", before).await, "who does not say where from is none");
    let counted = count(&setting, lanes(&ada, 1), Duration::ZERO).await.unwrap();
    assert!(!is_newcomer("network 0001", before).await);
    assert!(is_newcomer("network 0002", before).await);
    assert!(is_newcomer("network 0001", setting.now).await, "long ago");
    // A right guess leaves a newcomer one.
    let operator = actor("operator", "ada");
    set(&setting, &operator, HASH).await;
    let right = RightGuess { counted: &counted, ..right(&setting, &operator, session_id(1)) };
    assert!(setting.store.settle_guess(&right, setting.now).await.unwrap());
    assert!(is_newcomer("network 0001", before).await);
}

async fn unlocking_forgets_and_lets_through(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (ada, bob) = (actor("operator", "ada"), actor("operator", "bob"));
    for one in [&ada, &bob] {
        set(&setting, one, HASH).await;
        count(&setting, lanes(&one.id, 1), Duration::ZERO).await.unwrap();
    }
    let pass = name_pass(7, &ada.id);
    let unlock = async |account: &Actor, pass: Option<&str>| {
        let pass = pass.map(|lane| Pass { lane, network: "192.0.2.1" });
        let unlock = Unlock { tenant: &setting.demo, account: &account.id, pass };
        setting.store.unlock_break_glass(&unlock, setting.now).await.unwrap()
    };
    let passes = async |name: &str, since| {
        setting
            .store
            .knock(&setting.demo, Some(&ada.id), Some(KnockFrom { lane: "network 0001", pass: Some(name) }), since)
            .await
            .unwrap()
            .is_let_through
    };
    assert!(!unlock(&actor("operator", "eve"), Some(&name_pass(7, &"eve".parse().unwrap()))).await);
    assert_eq!(failures(&setting, "network 0001").await, 2);
    assert!(unlock(&ada, Some(&pass)).await);
    let counts = [failures(&setting, "account ada").await, failures(&setting, "network 0001").await];
    assert_eq!((counts, failures(&setting, "account bob").await), ([-1, -1], 1), "what is another's stays");
    assert!(passes(&pass, setting.now.minus(1)).await);
    assert!(!passes(&pass, setting.now).await, "for so long and no longer");
    assert!(!passes(&name_pass(8, &ada.id), setting.now.minus(1)).await);
    let listed = async |since| {
        let listed = setting.store.list_break_glass(Some(&setting.demo), since).await.unwrap();
        listed.iter().map(|account| account.let_through).collect::<Vec<_>>()
    };
    assert_eq!((listed(setting.now.minus(1)).await, listed(setting.now).await), (vec![1, 0], vec![0, 0]));
    let told = "select detail from audit where event = 'break_glass.unlocked'";
    let told = setting.database.rows::<(String,)>(told).await;
    assert_eq!(told, [("and 192.0.2.1 is let through".to_owned(),)]);
    assert!(unlock(&bob, Some(&name_pass(7, &bob.id))).await);
    // Whoever had no account any more gets none by an old word.
    setting.store.remove_break_glass(&setting.demo, &ada.id, setting.now).await.unwrap().unwrap();
    assert!(!passes(&pass, setting.now.minus(1)).await);
    assert!(passes(&name_pass(7, &bob.id), setting.now.minus(1)).await);
}

async fn what_is_quiet_is_swept_by_the_batch(engine: Engine) {
    let setting = Setting::on(engine).await;
    for network in 0..9 {
        count(&setting, vec![LaneName::of_network(network)], Duration::from_secs(u64::from(network) / 6))
            .await
            .unwrap();
    }
    let sweep = async |before| setting.store.sweep(Sweep::BreakGlassLanes, before, 4).await.unwrap();
    assert_eq!(sweep(setting.now.minus(1)).await, 0);
    assert_eq!((sweep(setting.now).await, sweep(setting.now).await, sweep(setting.now).await), (4, 2, 0));
    assert_eq!(setting.database.number("select count(*) from break_glass_lanes").await, 3);
}

async fn what_makes_no_sense_is_refused(engine: Engine) {
    let setting = Setting::on(engine).await;
    let ada = actor("operator", "ada");
    set(&setting, &ada, HASH).await;
    count(&setting, lanes(&ada.id, 1), Duration::ZERO).await.unwrap();
    for change in [
        "break_glass set account = ''",
        "break_glass set actor_type = ''",
        "break_glass set password_hash = 'correct horse battery'",
        "break_glass set password_hash = '$argon2i$v=19$m=65536,t=3,p=1$AAAA$AAAA'",
        "break_glass set assurance = 256",
        "break_glass set assurance = -1",
        "break_glass_lanes set lane = ''",
        "break_glass_lanes set failures = -1",
    ] {
        assert_eq!(setting.database.execute(&format!("update {change}")).await, Err(Objection::Check), "{change}");
    }
    let elsewhere = setting.database.execute("update break_glass set tenant = 'nobody'").await;
    assert_eq!(elsewhere, Err(Objection::ForeignKey));
    setting.database.execute("delete from tenants where id = 'demo'").await.unwrap();
    for table in ["break_glass", "break_glass_lanes"] {
        assert_eq!(setting.database.number(&format!("select count(*) from {table}")).await, 0, "{table}");
    }
}
