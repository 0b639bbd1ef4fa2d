//! A provider's logout against the sessions it speaks of, and against sign-ins that are under way.

use std::sync::Arc;

use sealgate_origin::oidc::{ProviderId, ProviderSettings};
use sealgate_origin::session::{IdpLink, Method, RevokedReason, Session};
use sealgate_origin::store::{
    LimitSessions, Logout, LogoutOutcome, OidcInsert, OidcSignIn, ProviderChange, ProviderOutcome, ProviderPut,
    RevokeActor, SecretChange, Sweep,
};
use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::Engine;
use tokio::sync::Barrier;
use tokio::task::JoinHandle;

use crate::kit::database::Backdoor;
use crate::setting::{Setting, actor, session_id};

on_both!(
    a_logout_ends_what_it_names_and_nothing_else,
    a_logout_that_was_carried_out_is_not_carried_out_again,
    a_logout_that_failed_can_be_told_again,
    what_has_ended_is_not_ended_again,
    many_sessions_are_told_in_one_entry,
    the_one_entry_is_of_the_newest_too,
    a_sign_in_that_was_logged_out_makes_no_session,
    a_logout_by_another_issuer_or_at_another_tenant_is_in_nobodys_way,
    a_sign_in_needs_its_provider_as_it_was,
    a_sign_in_whose_key_has_gone_signs_again,
    of_a_logout_and_a_sign_in_one_comes_first,
    a_sign_in_waits_for_a_logout_under_way,
    a_logout_waits_for_a_sign_in_under_way,
    whatever_ends_a_persons_sessions_at_once_is_in_nobodys_way,
    a_tenant_is_deleted_while_people_sign_in_and_out,
    logouts_are_forgotten_when_their_time_has_come,
);

const ISSUER: &str = "https://login.example";

fn login() -> ProviderId {
    "login".parse().unwrap()
}

async fn add_provider(setting: &Setting, tenant: &TenantId, id: &str, issuer: &str) {
    let settings =
        ProviderSettings { shares_actors: true, ..ProviderSettings::new("Login", issuer.parse().unwrap(), "c") };
    let put = ProviderPut { settings: &settings, secret: SecretChange::Set(None) };
    let (id, change) = (id.parse().unwrap(), ProviderChange::Add(put));
    let outcome = setting.store.change_oidc_provider(tenant, &id, &change, setting.now).await;
    assert_eq!(outcome.unwrap(), ProviderOutcome::Done);
}

/// A session that a provider has vouched for.
async fn session(setting: &Setting, number: u32, subject: &str, sid: Option<&str>) -> Session {
    let idp = IdpLink { issuer: ISSUER.to_owned(), subject: subject.to_owned(), sid: sid.map(str::to_owned) };
    Session {
        method: Some(Method::Oidc),
        idp: Some(idp),
        actor: actor("user", subject),
        ..setting.session(number).await
    }
}

async fn store(setting: &Setting, session: &Session) -> OidcInsert {
    sign_in_at(setting, session, setting.now).await
}

async fn sign_in_at(setting: &Setting, session: &Session, issued_at: UnixMillis) -> OidcInsert {
    let provider = login();
    let sign_in = OidcSignIn { provider: &provider, id_token_issued_at: issued_at };
    setting.store.insert_oidc_session(session, &sign_in).await.unwrap()
}

struct Told<'a> {
    jti: &'a str,
    subject: Option<&'a str>,
    sid: Option<&'a str>,
}

async fn log_out(setting: &Setting, told: Told<'_>) -> LogoutOutcome {
    let provider = login();
    let logout = logout(setting, &provider, &told);
    setting.store.end_by_logout(&logout, setting.now).await.unwrap()
}

fn logout<'a>(setting: &'a Setting, provider: &'a ProviderId, told: &Told<'a>) -> Logout<'a> {
    Logout {
        tenant: &setting.demo,
        provider,
        issuer: ISSUER,
        subject: told.subject,
        sid: told.sid,
        jti: told.jti,
        issued_at: setting.now,
        expires_at: setting.now.plus(3_600_000),
    }
}

/// The numbers of the sessions that live.
async fn live(setting: &Setting) -> Vec<i64> {
    let rows: Vec<(String,)> =
        setting.database.rows("select id from sessions where revoked_at is null order by id").await;
    let numbered = (0..1_000).map(|number| (session_id(number).to_string(), number));
    let numbers: std::collections::HashMap<String, u32> = numbered.collect();
    let mut found: Vec<i64> = rows.iter().map(|(id,)| numbers[id].into()).collect();
    found.sort_unstable();
    found
}

async fn entries(setting: &Setting, kind: &str) -> i64 {
    setting.database.number(&format!("select count(*) from revocations where kind = '{kind}'")).await
}

async fn a_logout_ends_what_it_names_and_nothing_else(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    add_provider(&setting, &setting.demo, "elsewhere", "https://other.example").await;
    for (number, subject, sid) in
        [(0, "ada", Some("s-0")), (1, "ada", Some("s-1")), (2, "bob", Some("s-2")), (3, "ada", None), (4, "bob", None)]
    {
        assert_eq!(store(&setting, &session(&setting, number, subject, sid).await).await, OidcInsert::Stored);
    }
    // Of another issuer, of another tenant, and of none.
    let mut foreign = session(&setting, 5, "ada", Some("s-1")).await;
    "https://other.example".clone_into(&mut foreign.idp.as_mut().unwrap().issuer);
    let provider = "elsewhere".parse().unwrap();
    let sign_in = OidcSignIn { provider: &provider, id_token_issued_at: setting.now };
    assert_eq!(setting.store.insert_oidc_session(&foreign, &sign_in).await.unwrap(), OidcInsert::Stored);
    setting.store_sessions(6..7).await;
    let mut stranger = session(&setting, 7, "ada", Some("s-1")).await;
    stranger.tenant = setting.other.clone();
    stranger.signing_key = setting.active_key(&setting.other).await;
    assert!(setting.store.insert_session(&stranger).await.unwrap());
    // Over by itself: it is not ended again.
    let mut over = session(&setting, 8, "ada", Some("s-1")).await;
    for time in [&mut over.created_at, &mut over.issued_at, &mut over.access_expires_at, &mut over.idle_expires_at] {
        *time = time.minus(3_600_000);
    }
    assert!(setting.store.insert_session(&over).await.unwrap());

    // The provider's session, if it is that person's.
    let none = log_out(&setting, Told { jti: "1", subject: Some("bob"), sid: Some("s-1") }).await;
    assert_eq!(none, LogoutOutcome::Ended(vec![]));
    let one = log_out(&setting, Told { jti: "2", subject: Some("ada"), sid: Some("s-1") }).await;
    assert_eq!(one, LogoutOutcome::Ended(vec![session_id(1)]));
    let none = log_out(&setting, Told { jti: "5", subject: None, sid: Some("s-1") }).await;
    assert_eq!(none, LogoutOutcome::Ended(vec![]), "the others are not this provider's");
    let one = log_out(&setting, Told { jti: "3", subject: None, sid: Some("s-2") }).await;
    assert_eq!(one, LogoutOutcome::Ended(vec![session_id(2)]));
    assert_eq!(live(&setting).await, [0, 3, 4, 5, 6, 7, 8]);
    let LogoutOutcome::Ended(mut ended) = log_out(&setting, Told { jti: "4", subject: Some("ada"), sid: None }).await
    else {
        panic!("it is new")
    };
    ended.sort_unstable();
    assert_eq!(ended, [session_id(0), session_id(3)]);
    assert_eq!(live(&setting).await, [4, 5, 6, 7, 8]);

    let reasons: Vec<(String,)> =
        setting.database.rows("select distinct revoked_reason from sessions where revoked_at is not null").await;
    assert_eq!(reasons, [("back_channel".to_owned(),)]);
    assert_eq!((entries(&setting, "session").await, entries(&setting, "actor").await), (4, 0));
    let audited = "select count(*) from audit where event = 'back_channel.logout' and detail = 'login'";
    assert_eq!(setting.database.number(audited).await, 6, "one for each session, and one for each that is of none");
    let told = format!("{audited} and session is not null and actor_id in ('ada', 'bob')");
    assert_eq!(setting.database.number(&told).await, 4);
}

async fn a_logout_that_was_carried_out_is_not_carried_out_again(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    store(&setting, &session(&setting, 0, "ada", Some("s-0")).await).await;
    let told = || Told { jti: "1", subject: Some("ada"), sid: None };
    assert_eq!(log_out(&setting, told()).await, LogoutOutcome::Ended(vec![session_id(0)]));
    // Signed in again, by what the provider has said since.
    let again = session(&setting, 1, "ada", Some("s-1")).await;
    assert_eq!(sign_in_at(&setting, &again, setting.now.plus(1_000)).await, OidcInsert::Stored);
    for _ in 0..3 {
        assert_eq!(log_out(&setting, told()).await, LogoutOutcome::Replayed);
    }
    assert_eq!(live(&setting).await, [1]);
    // The name is the issuer's own, and the tenant's.
    let provider = login();
    let other = Logout { issuer: "https://other.example", ..logout(&setting, &provider, &told()) };
    assert_eq!(setting.store.end_by_logout(&other, setting.now).await.unwrap(), LogoutOutcome::Ended(vec![]));
    let other = Logout { tenant: &setting.other, ..logout(&setting, &provider, &told()) };
    assert_eq!(setting.store.end_by_logout(&other, setting.now).await.unwrap(), LogoutOutcome::Ended(vec![]));
    // Told twice at once, it is carried out once.
    let both = [(); 2].map(|()| log_out(&setting, Told { jti: "2", subject: Some("ada"), sid: None }));
    let [one, two] = both;
    let (one, two) = tokio::join!(one, two);
    let replays = [&one, &two].into_iter().filter(|outcome| **outcome == LogoutOutcome::Replayed).count();
    assert_eq!((replays, entries(&setting, "session").await), (1, 2), "{one:?} {two:?}");
}

async fn a_logout_that_failed_can_be_told_again(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    store(&setting, &session(&setting, 0, "ada", Some("s-0")).await).await;
    let told = || Told { jti: "1", subject: None, sid: Some("s-0") };
    let provider = login();
    // The last of its steps cannot be done.
    setting.database.execute("alter table revocations rename to gone").await.unwrap();
    assert!(setting.store.end_by_logout(&logout(&setting, &provider, &told()), setting.now).await.is_err());
    setting.database.execute("alter table gone rename to revocations").await.unwrap();
    assert_eq!(setting.database.number("select count(*) from oidc_logouts").await, 0);
    assert_eq!(live(&setting).await, [0]);
    assert_eq!(log_out(&setting, told()).await, LogoutOutcome::Ended(vec![session_id(0)]));
}

async fn what_has_ended_is_not_ended_again(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let session = session(&setting, 0, "ada", Some("s-1")).await;
    store(&setting, &session).await;
    setting.store.revoke_session(&setting.demo, session.id, RevokedReason::Admin, setting.now).await.unwrap();
    for (jti, subject, sid) in [("1", Some("ada"), Some("s-1")), ("2", Some("ada"), None), ("3", None, Some("s-1"))] {
        assert_eq!(log_out(&setting, Told { jti, subject, sid }).await, LogoutOutcome::Ended(vec![]), "{jti}");
    }
    let reasons: Vec<(String,)> = setting.database.rows("select revoked_reason from sessions").await;
    assert_eq!(reasons, [("admin".to_owned(),)]);
}

async fn many_sessions_are_told_in_one_entry(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    // As many as are told one by one.
    for number in 20..36 {
        store(&setting, &session(&setting, number, "bob", None).await).await;
    }
    log_out(&setting, Told { jti: "0", subject: Some("bob"), sid: None }).await;
    assert_eq!((entries(&setting, "session").await, entries(&setting, "actor").await), (16, 0));
    for number in 0..17 {
        store(&setting, &session(&setting, number, "ada", None).await).await;
    }
    let LogoutOutcome::Ended(ended) = log_out(&setting, Told { jti: "1", subject: Some("ada"), sid: None }).await
    else {
        panic!("it is new")
    };
    assert_eq!((ended.len(), live(&setting).await.len()), (17, 0));
    assert_eq!((entries(&setting, "session").await, entries(&setting, "actor").await), (16, 1));
}

async fn the_one_entry_is_of_the_newest_too(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    for number in 0..17 {
        let mut session = session(&setting, number, "ada", None).await;
        // By a machine whose clock is ahead.
        session.issued_at = setting.now.plus(700 * u64::from(number == 3));
        store(&setting, &session).await;
    }
    log_out(&setting, Told { jti: "1", subject: Some("ada"), sid: None }).await;
    let hit = "select count(*) from revocations where kind = 'actor' \
        and issued_before > (select max(issued_at) from sessions where actor_id = 'ada')";
    assert_eq!(setting.database.number(hit).await, 1);
}

async fn a_sign_in_that_was_logged_out_makes_no_session(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    log_out(&setting, Told { jti: "1", subject: None, sid: Some("s-1") }).await;
    log_out(&setting, Told { jti: "2", subject: Some("bob"), sid: None }).await;
    log_out(&setting, Told { jti: "3", subject: Some("cy"), sid: Some("s-3") }).await;
    let (before, at, after) = (setting.now.minus(1_000), setting.now, setting.now.plus(1_000));
    for (number, (subject, sid, issued_at, expected)) in (0..).zip([
        // That very session has ended, whenever it was vouched for.
        ("ada", Some("s-1"), before, OidcInsert::LoggedOut),
        ("eve", Some("s-1"), after, OidcInsert::LoggedOut),
        ("ada", Some("s-2"), before, OidcInsert::Stored),
        ("ada", None, before, OidcInsert::Stored),
        // All of a person's that were vouched for until then.
        ("bob", Some("s-4"), before, OidcInsert::LoggedOut),
        ("bob", None, at, OidcInsert::LoggedOut),
        ("bob", Some("s-4"), after, OidcInsert::Stored),
        // That session, if it is that person's; and none else of theirs.
        ("cy", Some("s-3"), after, OidcInsert::LoggedOut),
        ("eve", Some("s-3"), before, OidcInsert::Stored),
        ("cy", Some("s-5"), before, OidcInsert::Stored),
        ("cy", None, before, OidcInsert::Stored),
    ]) {
        let session = session(&setting, number, subject, sid).await;
        assert_eq!(sign_in_at(&setting, &session, issued_at).await, expected, "{subject} {sid:?} {issued_at:?}");
        let stored = setting.store.session(&setting.demo, session.id).await.unwrap();
        assert_eq!(stored.is_some(), expected == OidcInsert::Stored, "{subject} {sid:?}");
        assert!(stored.is_none_or(|stored| stored.idp == session.idp && stored.method == Some(Method::Oidc)));
    }
}

async fn a_logout_by_another_issuer_or_at_another_tenant_is_in_nobodys_way(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let provider = login();
    for (number, subject, sid) in [(0, None, Some("s-1")), (1, Some("ada"), None)] {
        let jti = number.to_string();
        let told = Told { jti: &jti, subject, sid };
        let by_another = Logout { issuer: "https://other.example", ..logout(&setting, &provider, &told) };
        setting.store.end_by_logout(&by_another, setting.now).await.unwrap();
        let elsewhere = Logout { tenant: &setting.other, ..logout(&setting, &provider, &told) };
        setting.store.end_by_logout(&elsewhere, setting.now).await.unwrap();
        let session = session(&setting, number, "ada", Some("s-1")).await;
        assert_eq!(store(&setting, &session).await, OidcInsert::Stored);
    }
}

async fn a_sign_in_needs_its_provider_as_it_was(engine: Engine) {
    let setting = Setting::on(engine).await;
    let session = session(&setting, 0, "ada", Some("s-0")).await;
    assert_eq!(store(&setting, &session).await, OidcInsert::ProviderGone, "never there");
    add_provider(&setting, &setting.other, "login", ISSUER).await;
    assert_eq!(store(&setting, &session).await, OidcInsert::ProviderGone, "that of another tenant");
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let change = |change| {
        let setting = &setting;
        async move {
            let id = login();
            let outcome = setting.store.change_oidc_provider(&setting.demo, &id, &change, setting.now);
            assert_eq!(outcome.await.unwrap(), ProviderOutcome::Done);
        }
    };
    change(ProviderChange::Disable).await;
    assert_eq!(store(&setting, &session).await, OidcInsert::ProviderGone, "disabled");
    change(ProviderChange::Enable).await;
    let elsewhere = ProviderSettings::new("Login", "https://other.example".parse().unwrap(), "c");
    change(ProviderChange::Replace(ProviderPut { settings: &elsewhere, secret: SecretChange::Keep })).await;
    assert_eq!(store(&setting, &session).await, OidcInsert::ProviderGone, "another issuer");
    let back = ProviderSettings::new("Login", ISSUER.parse().unwrap(), "c");
    change(ProviderChange::Replace(ProviderPut { settings: &back, secret: SecretChange::Keep })).await;
    assert_eq!(store(&setting, &session).await, OidcInsert::Stored);
    change(ProviderChange::Remove).await;
    let next = Session { id: session_id(1), ..session.clone() };
    assert_eq!(store(&setting, &next).await, OidcInsert::ProviderGone, "removed");
    let of_none = Session { id: session_id(2), idp: None, ..session };
    assert_eq!(store(&setting, &of_none).await, OidcInsert::ProviderGone, "vouched for by nobody");
}

async fn a_sign_in_whose_key_has_gone_signs_again(engine: Engine) {
    let setting = Setting::on(engine).await;
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let session = session(&setting, 0, "ada", Some("s-0")).await;
    setting.rotate(1).await;
    assert_eq!(store(&setting, &session).await, OidcInsert::KeysChanged);
    let again = Session { signing_key: setting.active_key(&setting.demo).await, ..session };
    assert_eq!(store(&setting, &again).await, OidcInsert::Stored);
}

async fn of_a_logout_and_a_sign_in_one_comes_first(engine: Engine) {
    let setting = Arc::new(Setting::on(engine).await);
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    // By another client of the same issuer, too: its row is another.
    add_provider(&setting, &setting.demo, "second", ISSUER).await;
    for round in 0..40 {
        let (subject, sid) = (format!("ada-{round}"), format!("s-{round}"));
        let session = session(&setting, round, &subject, Some(&sid)).await;
        let both = Arc::new(Barrier::new(2));
        let signing_in = {
            let (setting, both, session) = (Arc::clone(&setting), Arc::clone(&both), session.clone());
            tokio::spawn(async move {
                let provider = if round % 2 == 0 { login() } else { "second".parse().unwrap() };
                let sign_in = OidcSignIn { provider: &provider, id_token_issued_at: setting.now };
                both.wait().await;
                setting.store.insert_oidc_session(&session, &sign_in).await.unwrap()
            })
        };
        let jti = format!("j-{round}");
        let by_subject = round % 4 < 2;
        let told = Told { jti: &jti, subject: by_subject.then_some(&subject), sid: (!by_subject).then_some(&sid) };
        both.wait().await;
        let outcome = log_out(&setting, told).await;
        let insert = signing_in.await.unwrap();
        match insert {
            OidcInsert::Stored => assert_eq!(outcome, LogoutOutcome::Ended(vec![session.id]), "{round}"),
            OidcInsert::LoggedOut => assert_eq!(outcome, LogoutOutcome::Ended(vec![]), "{round}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(live(&setting).await, Vec::<i64>::new());
}

/// Waits until the task waits for a lock that another holds; it must not be done before.
async fn until_it_waits<T>(database: &Backdoor, task: &JoinHandle<T>) {
    let waiting = "select count(*) from pg_locks where not granted and (database is null or database = \
        (select oid from pg_database where datname = current_database()))";
    while database.number(waiting).await == 0 {
        assert!(!task.is_finished(), "it has not waited");
    }
}

async fn a_sign_in_waits_for_a_logout_under_way(engine: Engine) {
    let setting = Arc::new(Setting::on(engine).await);
    // On SQLite one writes at a time, whatever is locked.
    let Backdoor::Postgres(pool) = &setting.database else { return };
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let session = session(&setting, 0, "ada", Some("s-0")).await;
    let mut under_way = pool.begin().await.unwrap();
    for step in [
        "select id from oidc_providers for update",
        "insert into oidc_logouts (tenant, issuer, jti, sid, issued_at, received_at, expires_at) \
         values ('demo', 'https://login.example', 'j', 's-0', now(), now(), now())",
    ] {
        sqlx::query(step).execute(&mut *under_way).await.unwrap();
    }
    let signing_in = {
        let setting = Arc::clone(&setting);
        tokio::spawn(async move { store(&setting, &session).await })
    };
    until_it_waits(&setting.database, &signing_in).await;
    under_way.commit().await.unwrap();
    assert_eq!(signing_in.await.unwrap(), OidcInsert::LoggedOut);
}

async fn a_logout_waits_for_a_sign_in_under_way(engine: Engine) {
    let setting = Arc::new(Setting::on(engine).await);
    let Backdoor::Postgres(pool) = &setting.database else { return };
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let early = session(&setting, 0, "ada", Some("s-0")).await;
    assert_eq!(store(&setting, &early).await, OidcInsert::Stored);
    let mut under_way = pool.begin().await.unwrap();
    for step in [
        "select id from oidc_providers for share",
        // The session of somebody else becomes this provider's: as good as one that is being stored.
        "update sessions set idp_sid = 's-1'",
    ] {
        sqlx::query(step).execute(&mut *under_way).await.unwrap();
    }
    let logging_out = {
        let setting = Arc::clone(&setting);
        tokio::spawn(async move { log_out(&setting, Told { jti: "1", subject: None, sid: Some("s-1") }).await })
    };
    until_it_waits(&setting.database, &logging_out).await;
    under_way.commit().await.unwrap();
    assert_eq!(logging_out.await.unwrap(), LogoutOutcome::Ended(vec![session_id(0)]));
}

/// Each finds the sessions by an index of its own; in which order it takes them must be the same for all.
async fn whatever_ends_a_persons_sessions_at_once_is_in_nobodys_way(engine: Engine) {
    let setting = Arc::new(Setting::on(engine).await);
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let many: u32 = 64;
    for number in 0..many {
        // The newest ones come first in the one index and last in the other.
        let created_at = setting.now.minus((many - number).into());
        let session = Session { created_at, ..session(&setting, number, "ada", Some("s-0")).await };
        assert_eq!(store(&setting, &session).await, OidcInsert::Stored);
    }
    for round in 0..30 {
        setting.database.execute("update sessions set revoked_at = null, revoked_reason = null").await.unwrap();
        let start = Arc::new(Barrier::new(4));
        let told = [(Some("ada"), None), (None, Some("s-0"))].map(|(subject, sid)| {
            let (setting, start, jti) = (Arc::clone(&setting), Arc::clone(&start), format!("j-{round}-{subject:?}"));
            tokio::spawn(async move {
                let (provider, told) = (login(), Told { jti: &jti, subject, sid });
                start.wait().await;
                setting.store.end_by_logout(&logout(&setting, &provider, &told), setting.now).await.map(drop)
            })
        });
        let limited = {
            let (setting, start) = (Arc::clone(&setting), Arc::clone(&start));
            tokio::spawn(async move {
                let (tenant, newest) = (&setting.demo, session_id(many - 1));
                let request = LimitSessions { tenant, actor: &actor("user", "ada"), newest, limit: 1 };
                start.wait().await;
                setting.store.limit_sessions(&request, setting.now).await.map(drop)
            })
        };
        let (tenant, reason, ada) = (&setting.demo, RevokedReason::Admin, actor("user", "ada"));
        start.wait().await;
        let request = RevokeActor { tenant, actor: &ada, except: None, reason };
        setting.store.revoke_actor(&request, setting.now).await.unwrap().unwrap();
        for task in told.into_iter().chain([limited]) {
            task.await.unwrap().unwrap();
        }
        assert_eq!(live(&setting).await, Vec::<i64>::new(), "{round}");
    }
}

async fn a_tenant_is_deleted_while_people_sign_in_and_out(engine: Engine) {
    let setting = Arc::new(Setting::on(engine).await);
    add_provider(&setting, &setting.demo, "login", ISSUER).await;
    let start = Arc::new(Barrier::new(4));
    let mut tasks = Vec::new();
    for number in 0..2 {
        let session = session(&setting, number, "ada", Some("s-0")).await;
        let (setting, start) = (Arc::clone(&setting), Arc::clone(&start));
        tasks.push(tokio::spawn(async move {
            start.wait().await;
            store(&setting, &session).await;
        }));
    }
    {
        let (setting, start) = (Arc::clone(&setting), Arc::clone(&start));
        tasks.push(tokio::spawn(async move {
            start.wait().await;
            let provider = login();
            let told = Told { jti: "1", subject: Some("ada"), sid: None };
            // Where the tenant has gone first, there is nothing that it could be remembered in.
            drop(setting.store.end_by_logout(&logout(&setting, &provider, &told), setting.now).await);
        }));
    }
    start.wait().await;
    assert!(
        setting.store.delete_tenant(&setting.demo, setting.now).await.unwrap().is_some(),
        "nobody is in each other's way"
    );
    for task in tasks {
        task.await.unwrap();
    }
    for table in ["oidc_providers", "oidc_logouts", "sessions"] {
        assert_eq!(setting.database.number(&format!("select count(*) from {table}")).await, 0, "{table}");
    }
}

async fn logouts_are_forgotten_when_their_time_has_come(engine: Engine) {
    let setting = Setting::on(engine).await;
    for jti in ["1", "2", "3"] {
        log_out(&setting, Told { jti, subject: Some("ada"), sid: None }).await;
    }
    let sweep = |at, limit| setting.store.sweep(Sweep::OidcLogouts, at, limit);
    assert_eq!(sweep(setting.now.plus(3_599_999), 10).await.unwrap(), 0);
    assert_eq!(sweep(setting.now.plus(3_600_000), 2).await.unwrap(), 2);
    assert_eq!(sweep(setting.now.plus(3_600_000), 10).await.unwrap(), 1);
}
