//! What is broken on purpose: which connections, handshakes and requests, how, and how often.
//!
//! A [`Fault`] is a value: what it meets, when it acts, and its [`Effect`]. [`FaultPlan`] is a list of them, read from
//! `[[fault]]` tables, and [`Faults`] is the plan of a running server with its counters. `wire` does what is done to a
//! connection's bytes, `corruption` what is done to an answer's.

mod command_line;
pub(crate) mod corruption;
mod effect;
mod file;
mod plan;
mod status;
mod turn;
pub(crate) mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use command_line::NotAFault;
pub use effect::{Corruption, Direction, Effect, Ending, TlsFault};
pub use file::{FaultEntry, FaultPlanFile};
pub use plan::{Fault, FaultPlan};
pub use status::FaultStatus;

use plan::Stage;
pub(crate) use turn::Turn;

/// The faults of a running server. Clones share them; what is changed holds for every connection, handshake and request
/// from then on.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    last_id: u64,
}

#[derive(Debug)]
struct Entry {
    id: u64,
    fault: Fault,
    met: u64,
    fired: u64,
    /// Of those that it is to act on, how many it may yet do something to.
    pending: u64,
}

impl State {
    /// Adds a fault that has met nothing yet; its id.
    fn push(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.entries.push(Entry {
            id: self.last_id,
            fault,
            met: 0,
            fired: 0,
            pending: 0,
        });
        self.last_id
    }
}

/// A fault that is to act now. Who does what it says tells its turn so.
#[derive(Clone, Debug)]
pub(crate) struct Injected {
    pub(crate) effect: Effect,
    pub(crate) turn: Turn,
    /// A number that is the same in every run, for what is left to chance.
    pub(crate) draw: u64,
}

impl Faults {
    /// Adds a fault behind those that are there; its id removes it.
    pub fn add(&self, fault: Fault) -> u64 {
        self.lock().push(fault)
    }

    /// Puts a plan in the place of the faults that are there; its counters begin anew.
    pub fn set(&self, plan: FaultPlan) {
        let mut state = self.lock();
        state.entries.clear();
        for fault in plan.0 {
            state.push(fault);
        }
    }

    /// Takes a fault away; whether it was there.
    pub fn remove(&self, id: u64) -> bool {
        let mut state = self.lock();
        let before = state.entries.len();
        state.entries.retain(|entry| entry.id != id);
        state.entries.len() < before
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    /// The faults that are there, and what they have done.
    pub fn list(&self) -> Vec<FaultStatus> {
        let state = self.lock();
        let entries = state.entries.iter();
        entries
            .map(|entry| FaultStatus {
                id: entry.id,
                fault: entry.fault.clone(),
                met: entry.met,
                fired: entry.fired,
            })
            .collect()
    }

    /// What is done to a connection: at once by faults for any host, and once the client has named its host by the others.
    pub(crate) fn on_connection(&self, host: Option<&str>) -> Vec<Injected> {
        self.due(|fault| {
            fault.stage() == Stage::Connection
                && match host {
                    None => fault.host.is_none(),
                    Some(host) => fault.host.is_some() && fault.meets_host(host),
                }
        })
    }

    /// What is done to the TLS handshake.
    pub(crate) fn on_handshake(&self, host: &str) -> Option<TlsFault> {
        let due = self.due(|fault| fault.stage() == Stage::Handshake && fault.meets_host(host));
        due.into_iter().find_map(|injected| match injected.effect {
            Effect::Tls(fault) => {
                injected.turn.done();
                Some(fault)
            }
            _ => None,
        })
    }

    /// What is done to a request or its answer.
    pub(crate) fn on_request(&self, host: &str, method: &str, path: &str) -> Vec<Injected> {
        self.due(|fault| {
            fault.stage() == Stage::Request
                && fault.meets_host(host)
                && fault.meets_request(method, path)
        })
    }

    fn due(&self, meets: impl Fn(&Fault) -> bool) -> Vec<Injected> {
        let mut state = self.lock();
        let mut due = Vec::new();
        for entry in &mut state.entries {
            if !meets(&entry.fault) {
                continue;
            }
            entry.met += 1;
            let seed = entry.fault.seed.unwrap_or(entry.id);
            if entry
                .fault
                .is_due(entry.met, entry.fired + entry.pending, seed)
            {
                entry.pending += 1;
                due.push(Injected {
                    effect: entry.fault.effect.clone(),
                    turn: Turn::of(self, entry.id),
                    draw: plan::draw(seed, entry.met.wrapping_add(1 << 32)),
                });
            }
        }
        due
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<FaultPlan> for Faults {
    fn from(plan: FaultPlan) -> Self {
        let faults = Self::default();
        faults.set(plan);
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str]) -> Faults {
        let plan = texts.iter().map(|text| text.parse().unwrap());
        FaultPlan(plan.collect()).into()
    }

    fn fired(faults: &Faults, count: usize) -> Vec<usize> {
        (1..=count)
            .filter(|_| {
                let due = faults.on_request("h", "GET", "/p");
                due.iter().for_each(|injected| injected.turn.done());
                !due.is_empty()
            })
            .collect()
    }

    #[test]
    fn a_turn_in_which_nothing_was_done_is_given_back() {
        let faults = faults(&["corrupt=pack,times=1"]);
        let first = faults.on_request("h", "GET", "/p");
        assert!(faults.on_request("h", "GET", "/p").is_empty());
        drop(first);
        assert_eq!(faults.list()[0].fired, 0);
        let again = faults.on_request("h", "GET", "/p");
        again[0].turn.done();
        again[0].turn.clone().done();
        drop(again);
        assert_eq!((faults.list()[0].met, faults.list()[0].fired), (3, 1));
        assert!(faults.on_request("h", "GET", "/p").is_empty());
    }

    #[test]
    fn of_several_faults_on_a_handshake_only_the_first_has_acted() {
        let faults = faults(&["tls=expired", "tls=cut"]);
        assert_eq!(faults.on_handshake("h"), Some(TlsFault::Expired));
        let fired: Vec<u64> = faults.list().iter().map(|fault| fault.fired).collect();
        assert_eq!(fired, [1, 0]);
    }

    #[test]
    fn nth_and_times_say_which_of_those_that_match() {
        assert_eq!(fired(&faults(&["status=503"]), 3), [1, 2, 3]);
        assert_eq!(fired(&faults(&["status=503,nth=2"]), 4), [2]);
        assert_eq!(fired(&faults(&["status=503,times=2"]), 4), [1, 2]);
        assert_eq!(fired(&faults(&["status=503,nth=2,times=2"]), 4), [2, 3]);
        assert!(fired(&faults(&["status=503,path=/q"]), 4).is_empty());
        assert!(fired(&faults(&["status=503,method=POST"]), 4).is_empty());
    }

    #[test]
    fn chance_is_the_same_in_every_run_and_follows_the_seed() {
        let with = |seed: &str| {
            fired(
                &faults(&[&format!("status=503,probability=0.5,seed={seed}")]),
                64,
            )
        };
        assert_eq!(with("7"), with("7"));
        assert_ne!(with("7"), with("8"));
        assert!((16..48).contains(&with("7").len()), "{:?}", with("7"));
    }

    #[test]
    fn faults_without_a_seed_draw_each_for_itself_and_the_same_in_every_run() {
        let run = || -> Vec<u64> {
            let faults = faults(&["status=503,probability=0.5", "status=429,probability=0.5"]);
            let bits = (0..64).map(|_| {
                let due = faults.on_request("h", "GET", "/p");
                let first = due.first().map(|injected| injected.effect.to_string());
                u64::from(first.as_deref() == Some("status 429"))
            });
            bits.collect()
        };
        assert_eq!(run(), run());
        assert!((8..32).contains(&run().iter().sum::<u64>()), "{:?}", run());
    }

    #[test]
    fn chance_has_one_try_at_the_nth() {
        for seed in 0..32 {
            let text = format!("status=503,nth=3,probability=0.5,seed={seed}");
            let fired = fired(&faults(&[&text]), 20);
            assert!(fired.is_empty() || fired == [3], "{seed}: {fired:?}");
        }
    }

    #[test]
    fn a_host_is_met_when_it_is_known() {
        let faults = faults(&["refuse=reset", "refuse=close,host=git-codecommit.*"]);
        assert_eq!(faults.on_connection(None).len(), 1);
        let host = "git-codecommit.us-east-2.amazonaws.com";
        assert_eq!(faults.on_connection(Some(host)).len(), 1);
        assert!(faults.on_connection(Some("sts.amazonaws.com")).is_empty());
        let list = faults.list();
        assert_eq!((list[0].met, list[1].met), (1, 1));
        assert!(faults.remove(list[0].id));
        assert!(!faults.remove(list[0].id));
        assert!(faults.on_connection(None).is_empty());
    }
}
