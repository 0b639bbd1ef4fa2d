use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn at(milliseconds: u64) -> UnixMillis {
    UnixMillis::new(1_780_000_000_000 + milliseconds).unwrap()
}

/// Guesses as often as it may until it has failed so many times; when each was made, in seconds.
fn guess_on(of: LaneOf, times: usize) -> Vec<u64> {
    let (mut lane, mut now, mut made) = (Lane::EMPTY, 0, Vec::new());
    while made.len() < times {
        match lane.with_another(of, at(now)) {
            Some(counted) => {
                lane = counted;
                made.push(now / 1_000);
            }
            None => now += 1_000,
        }
    }
    made
}

#[test]
fn four_failures_cost_nothing_and_then_the_wait_doubles() {
    let made = guess_on(LaneOf::Network, 17);
    assert_eq!(made[..12], [0, 0, 0, 0, 0, 1, 3, 7, 15, 31, 63, 127]);
    assert_eq!(made[15] - made[14], 15 * 60, "but for the longest, a quarter of an hour");
    assert_eq!(made[16] - made[15], 15 * 60);
    let made = guess_on(LaneOf::Account, 14);
    assert_eq!(made[..11], [0, 0, 0, 0, 0, 1, 3, 7, 15, 31, 63]);
    assert_eq!((made[11] - made[10], made[12] - made[11], made[13] - made[12]), (60, 60, 60), "or a minute");
}

#[test]
fn a_right_guess_leaves_everything_as_if_it_had_not_been() {
    let before = Lane { failures: 6, last_at: at(0) };
    let counted = before.with_another(LaneOf::Account, at(10_000)).unwrap();
    assert_eq!(counted, Lane { failures: 7, last_at: at(10_000) });
    assert_eq!(counted.without(counted, before), before);
    // Another was counted meanwhile: it stays, and so does the wait for it.
    let other = Lane { failures: 8, last_at: at(14_000) };
    assert_eq!(other.without(counted, before), Lane { failures: 7, last_at: at(14_000) });
    // The lane was cleared meanwhile.
    assert_eq!(Lane::EMPTY.without(counted, before), Lane::EMPTY);
}

#[test]
fn a_clock_that_was_wrong_locks_nobody_out() {
    let lane = Lane { failures: 40, last_at: at(3_600_000) };
    assert_eq!(lane.with_another(LaneOf::Network, at(0)), Some(Lane { failures: 1, last_at: at(0) }));
    assert_eq!(lane.with_another(LaneOf::Network, at(1)), None);
}

/// What a lane is to do, said in another way: by the list of the failures since it was last quiet.
#[derive(Default)]
struct Model(Vec<u64>);

impl Model {
    fn guess(&mut self, longest: u64, now: u64) -> bool {
        if self.0.last().is_some_and(|last| now - last >= 3_600_000) {
            self.0.clear();
        }
        let waits = self.0.len().saturating_sub(4);
        let wait = if waits == 0 { 0 } else { longest.min(1_000_u64.saturating_mul(1 << (waits - 1).min(40))) };
        let allowed = self.0.last().is_none_or(|last| last + wait <= now);
        if allowed {
            self.0.push(now);
        }
        allowed
    }
}

fn whose() -> impl Strategy<Value = LaneOf> {
    prop_oneof![Just(LaneOf::Network), Just(LaneOf::Account)]
}

/// Pauses between guesses: mostly none, then short ones, and some that a lane takes for quiet.
fn pauses() -> impl Strategy<Value = Vec<u64>> {
    let pause = prop_oneof![
        6 => Just(0),
        4 => 1..2_000_u64,
        3 => 2_000..120_000_u64,
        2 => 120_000..1_000_000_u64,
        1 => 3_500_000..3_700_000_u64
    ];
    vec(pause, 1..400)
}

proptest! {
    #[test]
    fn lanes_do_as_the_model(of in whose(), pauses in pauses()) {
        let longest = milliseconds(of.longest());
        let (mut lane, mut model, mut now) = (Lane::EMPTY, Model::default(), 0);
        for pause in pauses {
            now += pause;
            let counted = lane.with_another(of, at(now));
            prop_assert_eq!(counted.is_some(), model.guess(longest, now));
            lane = counted.unwrap_or(lane);
            prop_assert_eq!(lane.failures as usize, model.0.len());
            prop_assert!(lane.opens_at(of) <= at(now + longest), "the longest wait is the longest");
        }
    }

    /// However guesses are spread, no more are looked at in a time than five and one for each wait that fits.
    #[test]
    fn no_more_are_allowed_than_the_waits_leave(of in whose(), pauses in vec(0..400_u64, 1..600)) {
        let (mut lane, mut now, mut allowed) = (Lane::EMPTY, 0, 0);
        for pause in pauses {
            now += pause;
            if let Some(counted) = lane.with_another(of, at(now)) {
                lane = counted;
                allowed += 1;
            }
        }
        let (mut most, mut needed) = (5, 0);
        while needed + milliseconds(of.wait_after(most)) <= now {
            needed += milliseconds(of.wait_after(most));
            most += 1;
        }
        prop_assert!(allowed <= most, "{} in {} ms, which has room for {}", allowed, now, most);
    }

    #[test]
    fn an_hour_of_quiet_forgets_everything(of in whose(), failures in 1..u32::MAX, later in 0..10_u64) {
        let lane = Lane { failures, last_at: at(0) };
        prop_assert_eq!(lane.with_another(of, at(3_600_000 + later)).map(|lane| lane.failures), Some(1));
        // Not a moment earlier: that is longer than any wait.
        prop_assert_eq!(lane.with_another(of, at(3_599_999)).map(|lane| lane.failures), Some(failures.saturating_add(1)));
    }
}

/// An attacker who is always faster than the operator, from so many networks, and never tires: who tries whenever he may, or
/// who saves each network up until it counts as a newcomer again. After how many seconds the operator, who tries three times a
/// minute from a network of their own, is let in; `None` when not within two days.
fn besiege(networks: usize, saves_up: bool) -> Option<u64> {
    let (mut others, mut newcomers) = (Lane::EMPTY, Lane::EMPTY);
    let mut attackers = vec![Lane::EMPTY; networks];
    for second in 0..2 * 86_400 {
        let now = at(second * 1_000);
        for network in &mut attackers {
            let is_newcomer = network.remembered(now) == 0;
            if saves_up && !is_newcomer {
                continue;
            }
            let account = if is_newcomer { &mut newcomers } else { &mut others };
            if let (Some(at_account), Some(at_network)) =
                (account.with_another(LaneOf::Account, now), network.with_another(LaneOf::Network, now))
            {
                (*account, *network) = (at_account, at_network);
            }
        }
        if second % 20 == 19 && newcomers.with_another(LaneOf::Account, now).is_some() {
            return Some(second);
        }
    }
    None
}

#[test]
fn an_attack_from_fewer_than_sixty_networks_keeps_the_owner_out_for_as_many_minutes_at_most() {
    for networks in 1..60 {
        for saves_up in [false, true] {
            let waited =
                besiege(networks, saves_up).unwrap_or_else(|| panic!("{networks} networks keep the owner out"));
            assert!(waited <= 60 * networks as u64, "{networks} networks: {waited} s");
        }
    }
    // With more, one of them is always a newcomer when there is room for one: `breakglass unlock --from` is for that.
    assert_eq!(besiege(70, true), None);
}
