//! Everything of which somebody may want to know who did it, and when.

use std::time::Duration;

use sealgate_origin::credential::ServiceToken;
use sealgate_origin::session::{Actor, RevokedReason};
use sealgate_origin::store::{AuditFilter, AuditRow, RevokeActor};
use sealgate_shared::id::{EdgeId, TenantId};
use serde_json::json;

use crate::kit::Origin;

/// What has been written down since the last time anybody looked, oldest first.
struct Reader {
    seen: i64,
}

impl Reader {
    async fn start(origin: &Origin) -> Self {
        let mut reader = Self { seen: 0 };
        reader.read(origin).await;
        reader
    }

    async fn read(&mut self, origin: &Origin) -> Vec<AuditRow> {
        let mut rows = origin.app.office().store().audit(&AuditFilter::default(), 1_000).await.unwrap();
        rows.retain(|row| row.id > self.seen);
        rows.reverse();
        self.seen = rows.last().map_or(self.seen, |row| row.id);
        assert!(rows.iter().all(|row| row.at == origin.app.office().now()), "{rows:?}");
        rows
    }

    /// Expects these rows and no other: tenant, event, whom it is about, and what is said of it.
    #[track_caller]
    fn expect(&mut self, origin: &Origin, expected: &[(&str, &str, &str, &str)]) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        let expected: Vec<_> = expected
            .iter()
            .map(|(tenant, event, whom, detail)| [*tenant, *event, *whom, *detail].map(str::to_owned))
            .collect();
        async move {
            let rows = self.read(origin).await;
            let found: Vec<_> = rows.iter().map(describe).collect();
            assert_eq!(found, expected, "{place}");
        }
    }
}

fn describe(row: &AuditRow) -> [String; 4] {
    let session = row.session.map(|session| session.to_string());
    let actor = row.actor.as_ref().map(|actor| format!("{} {}", actor.kind, actor.id));
    let whom = [actor, session].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let tenant = row.tenant.as_ref().map(ToString::to_string).unwrap_or_default();
    [tenant, row.event.clone(), whom, row.detail.clone().unwrap_or_default()]
}

fn demo() -> TenantId {
    "demo".parse().unwrap()
}

#[tokio::test]
async fn the_first_start_of_development_tells_what_it_made() {
    let origin = Origin::start().await;
    let rows = origin.app.office().store().audit(&AuditFilter::default(), 100).await.unwrap();
    let mut events: Vec<_> = rows.iter().map(|row| row.event.as_str()).collect();
    events.sort_unstable();
    assert_eq!(events, ["edge.created", "edge.created", "tenant.created", "tenant.created", "token.created"]);
}

#[tokio::test]
async fn sessions_from_the_first_to_the_last() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let one = origin.mint().await;
    let of = |minted: &crate::kit::Minted| format!("user ada {}", minted.id);
    reader.expect(&origin, &[("demo", "session.created", &of(&one), "backend")]).await;
    let two = origin.mint_with(json!({ "replaces": one.id })).await;
    let expected =
        [("demo", "session.created", &*of(&two), "backend"), ("demo", "session.revoked", &of(&one), "rotation")];
    reader.expect(&origin, &expected).await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", two.id)).send().await;
    reader.expect(&origin, &[("demo", "session.revoked", &of(&two), "admin")]).await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", two.id)).send().await;
    reader.expect(&origin, &[]).await;

    let three = origin.mint().await;
    let four = origin.mint().await;
    let five = origin.mint().await;
    reader.read(&origin).await;
    let actor = Actor { kind: "user".parse().unwrap(), id: "ada".parse().unwrap() };
    let request = RevokeActor {
        tenant: &demo(),
        actor: &actor,
        except: Some(five.id.parse().unwrap()),
        reason: RevokedReason::Admin,
    };
    origin.app.office().revoke_actor(&request).await.unwrap().unwrap();
    let detail = format!("admin, 2 sessions, all but {}", five.id);
    reader.expect(&origin, &[("demo", "actor.revoked", "user ada", &detail)]).await;
    drop((three, four));
    let request = RevokeActor { except: None, ..request };
    origin.app.office().revoke_actor(&request).await.unwrap().unwrap();
    reader.expect(&origin, &[("demo", "actor.revoked", "user ada", "admin, 1 sessions")]).await;
    origin.app.office().revoke_actor(&request).await.unwrap().unwrap();
    reader.expect(&origin, &[]).await;
}

#[tokio::test]
async fn sessions_that_are_too_many() {
    let origin = Origin::start_with(|config| config.sessions_per_actor = 1).await;
    let one = origin.mint().await;
    let mut reader = Reader::start(&origin).await;
    let two = origin.mint().await;
    let of = |minted: &crate::kit::Minted| format!("user ada {}", minted.id);
    let expected =
        [("demo", "session.created", &*of(&two), "backend"), ("demo", "session.revoked", &of(&one), "session_limit")];
    reader.expect(&origin, &expected).await;
}

#[tokio::test]
async fn every_way_to_sign_in_is_told() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let login = origin.browser("POST", "/auth/login").same_site().form("name=eve");
    assert_eq!(login.send().await.status, 303);
    let rows = reader.read(&origin).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].event.as_str(), rows[0].detail.as_deref()), ("session.created", Some("development")));
    // Who is about to sign in has not signed in.
    let sql = "insert into sessions (id, tenant, actor_type, actor_id, pre_login, issued_at, access_expires_at, signing_key, \
        channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, remember, assurance, roles) \
        select 'ses-AAAAAAAAAAAAAAAAAAAAAA', tenant, 'pre-login', 'x', true, issued_at, access_expires_at, signing_key, \
        channel, idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, remember, assurance, roles \
        from sessions";
    assert_eq!(origin.database().await.execute(sql).await, Ok(1));
    reader.expect(&origin, &[]).await;
}

#[tokio::test]
async fn keys() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let office = origin.app.office();
    let rotation = office.rotate(&demo()).await.unwrap();
    let detail =
        format!("{} signs in the place of {}, {} is next", rotation.active, rotation.retired, rotation.pending);
    reader.expect(&origin, &[("demo", "key.rotated", "", &detail)]).await;
    origin.mint().await;
    reader.read(&origin).await;
    office.revoke_keys(&demo(), rotation.active, false).await.unwrap();
    let detail = format!("{}, 1 sessions ended", rotation.active);
    reader.expect(&origin, &[("demo", "key.revoked", "", &detail)]).await;
    office.revoke_keys(&demo(), rotation.active, false).await.unwrap();
    reader.expect(&origin, &[]).await;
    origin.wait(Duration::from_mins(20));
    super::super::key_life::keep_house(&origin).await;
    let mut destroyed: Vec<_> = reader.read(&origin).await.iter().map(describe).collect();
    destroyed.sort();
    let mut expected = [rotation.active, rotation.retired]
        .map(|key| ["demo", "key.destroyed", "", &key.to_string()].map(str::to_owned));
    expected.sort();
    assert_eq!(destroyed, expected);
}

#[tokio::test]
async fn tenants() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let (office, shop): (_, TenantId) = (origin.app.office(), "shop".parse().unwrap());
    office.create_tenant(&shop, &["shop.test".parse().unwrap()]).await.unwrap();
    reader.expect(&origin, &[("shop", "tenant.created", "", "shop.test")]).await;
    office.create_tenant(&shop, &[]).await.unwrap_err();
    office.replace_hosts(&shop, &["a.test".parse().unwrap(), "b.test".parse().unwrap()]).await.unwrap();
    reader.expect(&origin, &[("shop", "tenant.hosts", "", "a.test, b.test")]).await;
    office.replace_hosts(&shop, &[]).await.unwrap();
    reader.expect(&origin, &[("shop", "tenant.hosts", "", "any host")]).await;
    office.disable_tenant(&shop).await.unwrap();
    reader.expect(&origin, &[("shop", "tenant.disabled", "", "0 sessions ended")]).await;
    office.disable_tenant(&shop).await.unwrap();
    reader.expect(&origin, &[]).await;
    office.enable_tenant(&shop).await.unwrap();
    reader.expect(&origin, &[("shop", "tenant.enabled", "", "")]).await;
    office.enable_tenant(&shop).await.unwrap();
    reader.expect(&origin, &[]).await;
    office.delete_tenant(&shop).await.unwrap();
    let detail = "0 sessions, 2 keys and 0 service tokens went with it";
    reader.expect(&origin, &[("shop", "tenant.deleted", "", detail)]).await;
    office.delete_tenant(&shop).await.unwrap_err();
    reader.expect(&origin, &[]).await;
}

#[tokio::test]
async fn credentials() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let office = origin.app.office();
    let token = origin.create_token("demo", "sessions:mint").await;
    let id = ServiceToken::read_id(&token);
    let rows = reader.read(&origin).await;
    assert_eq!(describe(&rows[0])[..3], ["demo", "token.created", ""].map(str::to_owned));
    let detail = rows[0].detail.clone().unwrap();
    assert!(detail.starts_with(&format!("{id}, for ")) && !detail.contains("test"), "{detail}");
    assert!(!detail.contains(&token[16..]), "nothing of the secret");
    for expected in [&[("demo", "token.revoked", "", id)][..], &[]] {
        office.store().revoke_service_token(id, office.now()).await.unwrap();
        reader.expect(&origin, expected).await;
    }
    let token = origin.create_operator_token().await;
    let id = ServiceToken::read_id(&token);
    reader.expect(&origin, &[("", "token.created", "", &format!("{id}, for tenants"))]).await;
    office.store().revoke_service_token(id, office.now()).await.unwrap();
    reader.expect(&origin, &[("", "token.revoked", "", id)]).await;
    let dev = ServiceToken::read_id(&origin.token);
    office.store().revoke_service_tokens(&demo(), "dev", office.now()).await.unwrap();
    reader.expect(&origin, &[("demo", "token.revoked", "", dev)]).await;
}

#[tokio::test]
async fn edges() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let (office, door): (_, EdgeId) = (origin.app.office(), "door".parse().unwrap());
    office.create_edge(&door, &[demo()]).await.unwrap();
    reader.expect(&origin, &[("demo", "edge.created", "", "edge door made")]).await;
    let other: TenantId = "other".parse().unwrap();
    for expected in [&[("other", "edge.created", "", "edge door serves this tenant, too")][..], &[]] {
        office.store().serve_tenant(&door, &other, office.now()).await.unwrap();
        reader.expect(&origin, expected).await;
    }
    office.rotate_edge(&door).await.unwrap();
    let both = |what| [("demo", "edge.rotated", "", what), ("other", "edge.rotated", "", what)];
    reader.expect(&origin, &both("edge door was given a second secret")).await;
    office.cancel_edge_rotation(&door).await.unwrap();
    reader.expect(&origin, &both("edge door goes by its first secret alone")).await;
    office.rotate_edge(&door).await.unwrap();
    reader.read(&origin).await;
    office.finish_edge_rotation(&door).await.unwrap();
    reader.expect(&origin, &both("edge door goes by its second secret alone")).await;
    office.finish_edge_rotation(&door).await.unwrap_err();
    reader.expect(&origin, &[]).await;
    let revoked = ["demo", "other"].map(|tenant| (tenant, "edge.revoked", "", "edge door revoked"));
    for expected in [&revoked[..], &[]] {
        office.store().revoke_edge(&door, office.now()).await.unwrap();
        reader.expect(&origin, expected).await;
    }
    let nobodys: EdgeId = "nobodys".parse().unwrap();
    office.create_edge(&nobodys, &[]).await.unwrap();
    reader.expect(&origin, &[("", "edge.created", "", "edge nobodys made")]).await;
}

#[tokio::test]
async fn actors() {
    let origin = Origin::start().await;
    let mut reader = Reader::start(&origin).await;
    let change = async |query: &str, body| {
        origin.v1("PATCH", &format!("/v1/actors/user/ada{query}")).json(&body).send().await.status
    };
    assert_eq!(change("", json!({ "roles": ["admin", "ops"] })).await, 200);
    reader.expect(&origin, &[("demo", "actor.changed", "user ada", "roles [admin,ops]")]).await;
    assert_eq!(change("?now=true", json!({ "assurance": 2 })).await, 200);
    reader.expect(&origin, &[("demo", "actor.changed", "user ada", "assurance 2, at once")]).await;
}
