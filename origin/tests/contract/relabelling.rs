//! Naming sessions.

use sealgate_origin::session::{RevokedReason, Session};
use sealgate_origin::store::RelabelSession;
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor, session_id};

on_both!(a_live_session_is_named_by_its_own_actor);

async fn a_live_session_is_named_by_its_own_actor(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..2).await;
    let (ada, bob, now) = (actor("user", "ada"), actor("user", "bob"), setting.now);
    let own =
        RelabelSession { tenant: &setting.demo, actor: &ada, id: stored[0].id, label: Some("'phone' \u{202e}電") };
    let relabel = async |request: RelabelSession<'_>, at| setting.store.relabel_session(&request, at).await.unwrap();
    for stranger in [
        RelabelSession { tenant: &setting.other, ..own },
        RelabelSession { actor: &bob, ..own },
        RelabelSession { id: session_id(9), ..own },
    ] {
        assert_eq!(relabel(stranger, now).await, None);
    }
    assert_eq!(relabel(RelabelSession { ..own }, stored[0].idle_expires_at).await, None, "it is over");
    let named = Session { label: own.label.map(str::to_owned), ..stored[0].clone() };
    assert_eq!(relabel(RelabelSession { ..own }, now).await, Some(named.clone()));
    assert_eq!(setting.store.session(&setting.demo, stored[0].id).await.unwrap(), Some(named));
    assert_eq!(relabel(RelabelSession { label: None, ..own }, now).await.unwrap().label, None);
    assert_eq!(setting.store.session(&setting.demo, stored[1].id).await.unwrap().as_ref(), Some(&stored[1]));
    setting.store.revoke_session(&setting.demo, stored[0].id, RevokedReason::Admin, now).await.unwrap();
    assert_eq!(relabel(RelabelSession { ..own }, now).await, None);
}
