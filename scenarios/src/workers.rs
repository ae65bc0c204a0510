//! Numbered work, done several at a time and told in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// What becomes of a piece of work, by its number.
pub(crate) enum News<T> {
    /// Somebody has begun it.
    Began(usize),
    /// It is done.
    Ended(usize, T),
}

/// Does the pieces from 0 to `count`, by at most so many `workers`, as long as more `may_begin`. `hear` is told of each as it
/// happens, one after another.
pub(crate) fn share<T: Send>(
    count: usize,
    workers: usize,
    may_begin: impl Fn() -> bool + Sync,
    work: impl Fn(usize) -> T + Sync,
    hear: impl FnMut(News<T>),
) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.clamp(1, count.max(1)) {
            let sender = sender.clone();
            let (next, may_begin, work) = (&next, &may_begin, &work);
            scope.spawn(move || {
                while may_begin() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    // Who listens ends after we do.
                    let _ = sender.send(News::Began(index));
                    let _ = sender.send(News::Ended(index, work(index)));
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(hear);
    });
}

/// Puts results into order, whatever comes first.
pub(crate) struct InOrder<T> {
    due: usize,
    waiting: BTreeMap<usize, T>,
}

impl<T> InOrder<T> {
    /// None has come.
    pub(crate) fn new() -> Self {
        Self {
            due: 0,
            waiting: BTreeMap::new(),
        }
    }

    /// One has come. Gives those whose turn it is now.
    pub(crate) fn take(&mut self, index: usize, result: T) -> Vec<T> {
        self.waiting.insert(index, result);
        let mut turn = Vec::new();
        while let Some(result) = self.waiting.remove(&self.due) {
            turn.push(result);
            self.due += 1;
        }
        turn
    }

    /// Those whose turn has not come, up to `count`; none in the place of one that is not there.
    pub(crate) fn rest(mut self, count: usize) -> Vec<(usize, Option<T>)> {
        (self.due..count)
            .map(|index| (index, self.waiting.remove(&index)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn everything_is_done_once_and_told_in_order() {
        let (mut told, mut order) = (Vec::new(), InOrder::new());
        share(
            20,
            4,
            || true,
            |index| index * 2,
            |news| {
                if let News::Ended(index, double) = news {
                    told.extend(order.take(index, double));
                }
            },
        );
        let all: Vec<usize> = (0..20).map(|index| index * 2).collect();
        assert_eq!(told, all);
        assert_eq!(order.rest(20), []);
    }

    #[test]
    fn nothing_begins_any_more_once_that_is_said() {
        let over = AtomicBool::new(false);
        let mut began = Vec::new();
        share(
            5,
            1,
            || !over.load(Ordering::Relaxed),
            |index| over.store(index == 1, Ordering::Relaxed),
            |news| {
                if let News::Began(index) = news {
                    began.push(index);
                }
            },
        );
        assert_eq!(began, [0, 1]);
    }

    #[test]
    fn what_comes_behind_a_gap_waits() {
        let mut order = InOrder::new();
        assert_eq!(order.take(0, 'a'), ['a']);
        assert_eq!(order.take(2, 'c'), []);
        assert_eq!(order.rest(4), [(1, None), (2, Some('c')), (3, None)]);
    }
}
