//! Which part of a selection is run, and in which order.

use std::str::FromStr;
use std::sync::Arc;

use super::SelectionError;
use crate::scenario::Scenario;

/// The part `k` of `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    part: usize,
    of: usize,
}

/// It is not a part of anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartitionError {
    /// It is not two numbers.
    #[error("a partition is K/N: `2/3` is the second of three")]
    Form,
    /// There is no such part.
    #[error("there is no part {part} of {of}: parts are counted from 1 to {of}")]
    OutOfRange {
        /// The part.
        part: usize,
        /// Of how many.
        of: usize,
    },
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let (part, of) = text.split_once('/').ok_or(PartitionError::Form)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| PartitionError::Form);
        let (part, of) = (number(part)?, number(of)?);
        if of == 0 {
            return Err(PartitionError::Form);
        }
        if part == 0 || part > of {
            return Err(PartitionError::OutOfRange { part, of });
        }
        Ok(Self { part, of })
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

impl Partition {
    /// Every `n`-th scenario of a selection, beginning with the `k`-th: neighbours, which take about as long as one another,
    /// go to different parts. The parts of the same selection have nothing in common, and are all of it.
    ///
    /// # Errors
    /// There are fewer scenarios than parts, and this one is empty.
    pub fn of(self, all: Vec<Arc<Scenario>>) -> Result<Vec<Arc<Scenario>>, SelectionError> {
        let selected = all.len();
        let kept: Vec<_> = all
            .into_iter()
            .skip(self.part - 1)
            .step_by(self.of)
            .collect();
        if kept.is_empty() {
            return Err(SelectionError::EmptyPartition {
                partition: self.to_string(),
                selected,
            });
        }
        Ok(kept)
    }
}

/// The scenarios in an order that depends on nothing but the seed.
pub fn shuffle(scenarios: &mut [Arc<Scenario>], seed: u64) {
    fastrand::Rng::with_seed(seed).shuffle(scenarios);
}

/// A seed that nobody has chosen, short enough to be typed.
pub fn any_seed() -> u64 {
    fastrand::u64(1..1_000_000)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<Arc<Scenario>> {
        super::super::select(&[]).unwrap()
    }

    fn names(scenarios: &[Arc<Scenario>]) -> Vec<String> {
        scenarios.iter().map(|scenario| scenario.name()).collect()
    }

    #[test]
    fn the_parts_have_nothing_in_common_and_are_everything() {
        let parts = ["1/3", "2/3", "3/3"].map(|text| {
            let part: Partition = text.parse().unwrap();
            names(&part.of(all()).unwrap())
        });
        let together: BTreeSet<&String> = parts.iter().flatten().collect();
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), all().len());
        assert_eq!(together.len(), all().len());
        assert!(parts[0].len() - parts[2].len() <= 1);
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["0/3", "4/3"] {
            let error = text.parse::<Partition>().unwrap_err();
            assert!(matches!(error, PartitionError::OutOfRange { .. }), "{text}");
        }
        for text in ["", "1", "1/0", "a/b", "-1/2"] {
            assert_eq!(
                text.parse::<Partition>(),
                Err(PartitionError::Form),
                "{text}"
            );
        }
        let one = vec![all().remove(0)];
        let part: Partition = "2/2".parse().unwrap();
        assert!(matches!(
            part.of(one),
            Err(SelectionError::EmptyPartition { .. })
        ));
    }

    #[test]
    fn the_same_seed_gives_the_same_order() {
        let shuffled = |seed| {
            let mut all = all();
            shuffle(&mut all, seed);
            names(&all)
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        assert_ne!(shuffled(7), names(&all()));
    }
}
