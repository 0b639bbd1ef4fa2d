//! The rules against honest clients: a browser with any number of tabs that share one jar of cookies. Requests and answers
//! take their time and overtake each other, or an answer is lost now and then, marks come, the laptop sleeps. Nobody is
//! ever taken for a thief.
//!
//! What three things in one minute can do to them is not promised. After an answer was lost, or came after its successor
//! and took its place in the jar, the next comes late in its window; a mark then makes a step while others are still on
//! their way with what they had before. So marks wait here until that is settled; and where answers get lost, none comes
//! after its successor (edges keep back what they know to have been overtaken).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;
use sealgate_shared::time::UnixMillis;

use super::super::step::{Step, Token, answer_late};
use super::tests::{ISSUED, WINDOW, at, session};
use super::{Moment, Noted, Shown, Verdict, decide};
use crate::session::{Lifetimes, Session};

/// What the jar holds: both cookies come together, and whatever comes last stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    generation: u32,
    issued_at: UnixMillis,
    access_expires_at: UnixMillis,
}

impl Held {
    fn of(session: &Session) -> Self {
        let &Session { generation, issued_at, access_expires_at, .. } = session;
        Self { generation, issued_at, access_expires_at }
    }
}

/// What happens next, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A refresh token reaches the origin.
    Arrives { generation: u32, answer_takes: u64, lose: bool },
    /// An answer reaches the jar.
    Answered(Held),
}

/// One thing that somebody does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// A tab wants something from the site, which takes a refresh where the access token will not do.
    Tab { request_takes: u64, answer_takes: u64, lose: bool },
    /// What was issued so far is to be refused.
    Mark,
}

struct World {
    row: Session,
    jar: Held,
    mark: Option<UnixMillis>,
    now: UnixMillis,
    coming: BinaryHeap<Reverse<(UnixMillis, u64, Event)>>,
    sent: u64,
    /// Whether answers may get lost; otherwise they may come after their successors.
    lossy: bool,
    /// An answer was lost or overtaken, and none has arrived since that says where the session stands.
    behind: bool,
    /// From when on nobody is on the way with what they had before that.
    settled_at: UnixMillis,
    lifetimes: Lifetimes,
}

impl World {
    fn new(lossy: bool) -> Self {
        let row = session();
        let jar = Held::of(&row);
        let lifetimes = Lifetimes { remembered: Lifetimes::default().remembered, ..Lifetimes::default() };
        let (mark, coming) = (None, BinaryHeap::new());
        Self {
            row,
            jar,
            mark,
            now: at(ISSUED),
            coming,
            sent: 0,
            lossy,
            behind: false,
            settled_at: at(ISSUED),
            lifetimes,
        }
    }

    fn is_hit(&self, issued_at: UnixMillis) -> bool {
        self.mark.is_some_and(|mark| issued_at < mark)
    }

    fn send(&mut self, when: UnixMillis, event: Event) {
        self.sent += 1;
        self.coming.push(Reverse((when, self.sent, event)));
    }

    /// Lets time pass, and everything come to pass that is due.
    fn wait(&mut self, milliseconds: u64) -> Result<(), TestCaseError> {
        let until = self.now.plus(milliseconds);
        while let Some(Reverse((when, _, _))) = self.coming.peek().filter(|Reverse((when, ..))| *when <= until) {
            self.now = *when;
            let Some(Reverse((_, _, event))) = self.coming.pop() else { break };
            match event {
                Event::Answered(held) => self.take(held),
                Event::Arrives { generation, answer_takes, lose } => self.answer(generation, answer_takes, lose)?,
            }
        }
        self.now = until;
        Ok(())
    }

    fn take(&mut self, held: Held) {
        let is_overtaken = held.generation < self.jar.generation;
        if !(self.lossy && is_overtaken) {
            self.jar = held;
            self.behind |= is_overtaken;
        }
        if self.behind && held.generation == self.row.generation {
            self.behind = false;
            self.settled_at = self.now.plus(WINDOW);
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            // As the origin makes them: newer than whatever it is to hit.
            Act::Mark if self.behind || self.now < self.settled_at => {}
            Act::Mark => self.mark = Some(self.now.max(self.row.issued_at.plus(1))),
            Act::Tab { request_takes, answer_takes, lose } => {
                if self.now >= self.jar.access_expires_at || self.is_hit(self.jar.issued_at) {
                    let event = Event::Arrives { generation: self.jar.generation, answer_takes, lose };
                    self.send(self.now.plus(request_takes), event);
                }
            }
        }
    }

    fn answer(&mut self, generation: u32, answer_takes: u64, lose: bool) -> Result<(), TestCaseError> {
        let shown = Shown { generation, fingerprint: self.row.fingerprint };
        let moment = Moment { now: self.now, window: WINDOW, marked: self.mark };
        let token = Token { generation, key: self.row.signing_key };
        match decide(&self.row, &shown, &moment) {
            Verdict::Same(Noted::Nothing) => {}
            Verdict::Same(Noted::Presented) => self.row.presented = true,
            Verdict::Same(Noted::Late) => self.row = answer_late(&self.row, token, self.now),
            Verdict::Step { keep_previous, noted } => {
                let step = Step {
                    now: self.now,
                    marked: self.mark,
                    lifetimes: &self.lifetimes,
                    key: self.row.signing_key,
                    token,
                    keep_previous,
                    noted,
                    roles: None,
                    assurance: None,
                };
                // The same session for ever: when it ends is told elsewhere.
                self.row.absolute_expires_at = UnixMillis::MAX;
                let next = step.apply(&self.row);
                self.row = next.ok_or_else(|| TestCaseError::fail("no time left"))?;
            }
            alarm @ (Verdict::Reuse | Verdict::HistoryLost) => {
                let said = format!("{alarm:?} for {generation} at {}, of {:?}", self.now, self.row);
                return Err(TestCaseError::fail(said));
            }
        }
        prop_assert!(self.row.access_expires_at > self.now && !self.is_hit(self.row.issued_at), "of no use");
        // One answer at a time: whoever loses two in a row is signed out, and that is a promise, too.
        if self.lossy && lose && !self.behind {
            self.behind = true;
        } else {
            self.send(self.now.plus(answer_takes), Event::Answered(Held::of(&self.row)));
        }
        Ok(())
    }
}

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    // A request and the answer to another take less than the window between them.
    let takes = || prop_oneof![0..500_u64, 0..WINDOW / 2 - 1];
    let tab = (takes(), takes(), prop::bool::weighted(0.2)).prop_map(|(request_takes, answer_takes, lose)| Act::Tab {
        request_takes,
        answer_takes,
        lose,
    });
    let pause = prop_oneof![
        10 => 0..50_u64,
        6 => 0..WINDOW,
        3 => 0..30 * WINDOW,
        1 => 0..60 * 24 * WINDOW,
    ];
    prop::collection::vec((pause, prop_oneof![12 => tab, 1 => Just(Act::Mark)]), 1..80)
}

/// More than usual: what goes wrong takes several things at once. `PROPTEST_CASES` asks for more still.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.saturating_mul(8), failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn honest_clients_are_never_signed_out(lossy: bool, acts in acts()) {
        let mut world = World::new(lossy);
        for (pause, act) in acts {
            world.wait(pause)?;
            world.act(act);
        }
        world.wait(60 * WINDOW)?;
        // Whoever comes next is let in, and holds what the origin holds.
        world.act(Act::Mark);
        world.act(Act::Tab { request_takes: 0, answer_takes: 0, lose: false });
        world.wait(1)?;
        prop_assert_eq!(world.jar, Held::of(&world.row));
    }
}
