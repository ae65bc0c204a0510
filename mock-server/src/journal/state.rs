//! What a journal holds: the exchanges that go on, and of those that have ended the last.

use std::collections::{BTreeMap, VecDeque};

use super::Exchange;

#[derive(Debug)]
pub(super) struct State {
    /// So many are kept; more only while they go on, or while somebody who watches was not told of them yet.
    limit: usize,
    /// By their places, counted from zero.
    pub(super) exchanges: BTreeMap<usize, Exchange>,
    /// How many have begun.
    pub(super) begun: usize,
    /// How many go on or arrive.
    pub(super) in_flight: usize,
    /// How many of the first are not told any more.
    pub(super) forgotten: usize,
    /// Of this many of the first some are not kept any more.
    pub(super) dropped: usize,
    /// The places of those that have ended and are kept, in the order in which they did.
    ended: VecDeque<usize>,
    /// How many others have ended before.
    ended_before: usize,
    /// How many each one who watches was told of.
    watches: BTreeMap<u64, usize>,
    next_watch: u64,
    /// Whether the server is gone, so that no exchange will come any more.
    pub(super) closed: bool,
}

impl State {
    pub(super) fn keeping(limit: usize) -> Self {
        Self {
            limit,
            exchanges: BTreeMap::new(),
            begun: 0,
            in_flight: 0,
            forgotten: 0,
            dropped: 0,
            ended: VecDeque::new(),
            ended_before: 0,
            watches: BTreeMap::new(),
            next_watch: 0,
            closed: false,
        }
    }

    /// How many have ended.
    pub(super) fn ended(&self) -> usize {
        self.ended_before + self.ended.len()
    }

    /// The exchange at this place has ended.
    pub(super) fn end(&mut self, place: usize) {
        self.ended.push_back(place);
        self.drop_old();
    }

    /// Somebody watches, who was told of so many, or of all that are not kept any more.
    pub(super) fn watch(&mut self, told: usize) -> u64 {
        self.next_watch += 1;
        let told = told.max(self.ended_before);
        self.watches.insert(self.next_watch, told);
        self.next_watch
    }

    /// Nobody watches there any more.
    pub(super) fn end_watch(&mut self, watch: u64) {
        self.watches.remove(&watch);
        self.drop_old();
    }

    /// How many one who watches was told of.
    pub(super) fn told(&self, watch: u64) -> usize {
        self.watches.get(&watch).copied().unwrap_or_default()
    }

    /// The next one to tell, if it has ended.
    pub(super) fn tell(&mut self, watch: u64) -> Option<Exchange> {
        let told = self.watches.get_mut(&watch)?;
        let place = self.ended.get(*told - self.ended_before)?;
        let exchange = self.exchanges.get(place)?.clone();
        *told += 1;
        self.drop_old();
        Some(exchange)
    }

    /// Drops what has ended first, as far as everybody who watches was told of it.
    fn drop_old(&mut self) {
        while self.exchanges.len() > self.limit
            && self.watches.values().all(|told| *told > self.ended_before)
            && let Some(place) = self.ended.pop_front()
        {
            self.ended_before += 1;
            self.exchanges.remove(&place);
            self.dropped = self.dropped.max(place + 1);
        }
    }
}
