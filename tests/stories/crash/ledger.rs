//! What the origin has acknowledged, and what was asked of it without an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use sealgate_tests::wait::within;
use tokio::sync::watch;

/// Whether something that is to be has been acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    #[default]
    No,
    /// It was asked for, and nobody knows whether it was done.
    InDoubt,
    Acknowledged,
}

/// A session that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) token: String,
    pub(super) kid: String,
    pub(super) revoked: Asked,
}

/// Somebody with a session or two.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) actor: String,
    pub(super) sessions: Vec<Held>,
    /// Whether somebody sees to their sessions already.
    taken: bool,
}

/// The two keys of which there must always be one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) active: String,
    pub(super) pending: String,
}

/// The ledger, shared by all who ask.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    book: Arc<Mutex<Book>>,
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct Book {
    people: Vec<Person>,
    /// How many of them were there when they were last looked through.
    seen: usize,
    touched: BTreeSet<usize>,
    revoked_keys: BTreeMap<String, Asked>,
    keys: Keys,
    /// How many keys came to sign as acknowledged.
    key_changes: usize,
    complaints: Vec<String>,
}

impl Ledger {
    pub(super) fn new(keys: Keys) -> Self {
        let book = Book {
            people: Vec::new(),
            seen: 0,
            touched: BTreeSet::new(),
            revoked_keys: BTreeMap::new(),
            keys,
            key_changes: 0,
            complaints: Vec::new(),
        };
        Self { book: Arc::new(Mutex::new(book)), changes: watch::Sender::new(0) }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// Waits until so many more changes have been acknowledged.
    pub(super) async fn wait_for_changes(&self, count: u64) {
        let mut changes = self.changes.subscribe();
        let target = *changes.borrow() + count;
        within("the origin to do something", changes.wait_for(|changes| *changes >= target)).await.unwrap();
    }

    /// Waits for the next change.
    pub(super) async fn wait_for_change(&self) {
        self.changes.subscribe().changed().await.expect("the ledger is here");
    }

    fn acknowledge(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Somebody was signed in.
    pub(super) fn add(&self, actor: String, sessions: Vec<Held>) {
        self.book().people.push(Person { actor, sessions, taken: false });
    }

    /// A session was acknowledged.
    pub(super) fn count_session(&self) {
        self.acknowledge();
    }

    /// Somebody whose sessions nobody has seen to yet; `choose` picks a number below the one it is given.
    pub(super) fn take(&self, choose: impl FnOnce(usize) -> usize) -> Option<(usize, Person)> {
        let mut book = self.book();
        let free: Vec<usize> = (0..book.people.len()).filter(|number| !book.people[*number].taken).collect();
        let number = *free.get(choose(free.len().max(1)))?;
        book.people[number].taken = true;
        Some((number, book.people[number].clone()))
    }

    /// A revocation is asked for, or acknowledged: of one of the person's sessions, or of all.
    pub(super) fn revoke(&self, person: usize, session: Option<usize>, asked: Asked) {
        let mut book = self.book();
        book.touched.insert(person);
        for (number, held) in book.people[person].sessions.iter_mut().enumerate() {
            if session.is_none_or(|session| session == number) {
                held.revoked = asked;
            }
        }
        if asked == Asked::Acknowledged {
            self.acknowledge();
        }
    }

    /// A key's revocation is asked for, or acknowledged.
    pub(super) fn revoke_key(&self, kid: &str, asked: Asked) {
        self.book().revoked_keys.insert(kid.to_owned(), asked);
    }

    /// Other keys are active and pending: acknowledged by whoever changed them.
    pub(super) fn change_keys(&self, keys: Keys) {
        let mut book = self.book();
        (book.keys, book.key_changes) = (keys, book.key_changes + 1);
        self.acknowledge();
    }

    pub(super) fn keys(&self) -> Keys {
        self.book().keys.clone()
    }

    /// Takes note of what was found after a start. A change of keys that was in doubt is settled by it, one that was
    /// acknowledged must be there.
    pub(super) fn note_keys(&self, found: Keys) {
        let mut book = self.book();
        let known = &book.keys;
        let moved_on = found.active == known.pending && found.pending != known.pending;
        assert!(found == *known || moved_on, "{found:?} after {known:?}");
        book.keys = found;
    }

    /// What is to become of a session.
    pub(super) fn fate(&self, held: &Held) -> Asked {
        held.revoked.max(self.book().revoked_keys.get(&held.kid).copied().unwrap_or_default())
    }

    /// Those who have come, or whose sessions were revoked, since the last time. Called when nobody is at work.
    pub(super) fn news(&self) -> Vec<Person> {
        let mut book = self.book();
        let mut numbers = std::mem::take(&mut book.touched);
        numbers.extend(book.seen..book.people.len());
        book.seen = book.people.len();
        numbers.into_iter().map(|number| book.people[number].clone()).collect()
    }

    pub(super) fn everybody(&self) -> Vec<Person> {
        self.book().people.clone()
    }

    /// Something that may not happen while the origin is up.
    pub(super) fn complain(&self, complaint: String) {
        self.book().complaints.push(complaint);
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.book().complaints.clone()
    }

    pub(super) fn summary(&self) -> String {
        let book = self.book();
        let held = || book.people.iter().flat_map(|person| &person.sessions);
        let revoked = |asked| held().filter(|held| held.revoked == asked).count();
        let keys = book.revoked_keys.values().filter(|asked| **asked == Asked::Acknowledged).count();
        format!(
            "{} sessions, {} revocations and {} changes of keys ({keys} revoked) acknowledged, {} revocations in doubt",
            held().count(),
            revoked(Asked::Acknowledged),
            book.key_changes,
            revoked(Asked::InDoubt),
        )
    }
}
