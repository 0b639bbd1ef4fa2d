//! What is known of sessions.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use quick_cache::sync::Cache;
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::revocation::Revoked;

use crate::session::Actor;
use crate::store::{Recorded, SessionFacts};

/// How many sessions are remembered. Beyond it those asked for least are forgotten, and read again when asked for.
const CAPACITY: usize = 200_000;
/// How many actors and tenants may have been hit before everything is forgotten instead.
const MAX_MARKS: usize = 10_000;

/// Facts about sessions, none of which a revocation that was followed has made wrong.
#[derive(Debug)]
pub(super) struct Sessions {
    facts: Cache<SessionId, Arc<SessionFacts>>,
    marks: RwLock<Marks>,
}

/// Who was hit as a whole, and by which entry: facts that were read before it are no longer believed.
#[derive(Debug, Default)]
struct Marks {
    actors: HashMap<(TenantId, Actor), u64>,
    tenants: HashMap<TenantId, u64>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { facts: Cache::new(CAPACITY), marks: RwLock::default() }
    }
}

impl Sessions {
    /// What is known of the session, unless it has to be read again.
    pub(super) fn get(&self, id: SessionId) -> Option<Arc<SessionFacts>> {
        let facts = self.facts.get(&id)?;
        let marks = self.marks.read().unwrap_or_else(PoisonError::into_inner);
        (!marks.hit(&facts)).then_some(facts)
    }

    /// Remembers facts. The caller has seen to it that they reflect every entry applied so far.
    pub(super) fn put(&self, id: SessionId, facts: SessionFacts) {
        self.facts.insert(id, Arc::new(facts));
    }

    /// Forgets what an entry has made wrong.
    pub(super) fn apply(&self, recorded: &Recorded) {
        let sequence = recorded.sequence;
        match &recorded.entry.revoked {
            Revoked::Session(id) => {
                self.facts.remove(id);
            }
            Revoked::Actor { tenant, actor_type, actor_id, .. } => {
                let actor = Actor { kind: actor_type.clone(), id: actor_id.clone() };
                self.mark(|marks| _ = marks.actors.insert((tenant.clone(), actor), sequence));
            }
            // Which key signed a session's token is not remembered; the rows tell.
            Revoked::Tenant { .. } | Revoked::Key(_) => {
                self.mark(|marks| _ = marks.tenants.insert(recorded.tenant.clone(), sequence));
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.facts.clear();
        *self.marks.write().unwrap_or_else(PoisonError::into_inner) = Marks::default();
    }

    fn mark(&self, add: impl FnOnce(&mut Marks)) {
        let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
        if marks.actors.len() + marks.tenants.len() >= MAX_MARKS {
            // Without facts there is nothing that a mark could be about.
            self.facts.clear();
            *marks = Marks::default();
        }
        add(&mut marks);
    }
}

impl Marks {
    fn hit(&self, facts: &SessionFacts) -> bool {
        let newer = |mark: Option<&u64>| mark.is_some_and(|sequence| *sequence > facts.read_at.sequence);
        if self.actors.is_empty() && self.tenants.is_empty() {
            return false;
        }
        newer(self.tenants.get(&facts.tenant)) || newer(self.actors.get(&(facts.tenant.clone(), facts.actor.clone())))
    }
}
