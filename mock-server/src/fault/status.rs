//! What a fault has come to.

use serde::Serialize;

use super::{Corruption, Direction, Effect, Fault};

/// A fault of a running server, with what it has done so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultStatus {
    /// What removes it.
    pub id: u64,
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many connections, handshakes or requests it was for.
    pub met: u64,
    /// How often it has done something: an answer without a pack has none that a fault could break.
    pub fired: u64,
}

impl FaultStatus {
    /// Why it has done nothing, if it has not: a client that meets no fault looks like one that gets over it.
    pub fn came_to_nothing(&self) -> Option<String> {
        let Self { fault, met, .. } = self;
        if self.fired > 0 {
            return None;
        }
        if *met == 0 {
            return Some(format!("nothing came that the fault is for: {fault}"));
        }
        let why = match (&fault.effect, fault.nth) {
            (_, Some(nth)) if nth > *met => {
                format!("it is for number {nth} of those that match, and {met} came")
            }
            _ if fault.probability.is_some() => format!("chance has spared the {met} that came"),
            (Effect::Cut { direction, .. }, _) => {
                let side = match direction {
                    Direction::Request => "client",
                    Direction::Answer => "server",
                };
                format!("the {side} never said so much")
            }
            (Effect::Truncate(_), _) => "no answer that it met has a longer body".to_owned(),
            (Effect::Corrupt(corruption), _) => {
                let what = match corruption {
                    Corruption::PktLine => "a body",
                    Corruption::SideBand => "a side-band",
                    Corruption::Pack => "a pack",
                };
                format!("no answer that it met has {what}")
            }
            _ => "another fault came before it".to_owned(),
        };
        Some(format!("the fault has done nothing: {fault}: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_fault_has_done_nothing_is_told() {
        for (text, met, why) in [
            (
                "status=503,path=/x",
                0,
                "nothing came that the fault is for: status 503 (path=/x)",
            ),
            (
                "status=503,nth=5",
                2,
                "it is for number 5 of those that match, and 2 came",
            ),
            (
                "status=503,probability=0.1",
                3,
                "chance has spared the 3 that came",
            ),
            ("reset=100000000", 1, "the server never said so much"),
            (
                "reset=1000,direction=request,path=*",
                1,
                "the client never said so much",
            ),
            (
                "truncate=100000",
                2,
                "no answer that it met has a longer body",
            ),
            (
                "corrupt=pack",
                2,
                "the fault has done nothing: corrupt pack: no answer that it met has a pack",
            ),
            ("tls=cut", 1, "another fault came before it"),
        ] {
            let mut status = FaultStatus {
                id: 1,
                fault: text.parse().unwrap(),
                met,
                fired: 0,
            };
            let told = status.came_to_nothing().unwrap();
            assert!(told.ends_with(why), "{told}");
            status.fired = 1;
            assert_eq!(status.came_to_nothing(), None);
        }
    }
}
