//! Faults as values.

use std::fmt;

use serde::Serialize;

use super::Effect;

/// Faults, in the order in which they are looked at. All that are due act; of those that answer a request, the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultPlan(pub Vec<Fault>);

/// Something that is broken on purpose. Read one from text with [`str::parse`], `status=429,path=/v1/repos/*,times=2`, or
/// begin with [`Fault::new`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    /// What it does.
    #[serde(flatten)]
    pub effect: Effect,
    /// The hosts that it is for, with `*` for any characters; any host if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The paths that it is for, in the same way, without the query unless there is a `?` in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The method that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// From which of those that match it acts, counted from one: then on that one alone, unless `times` says more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How often it acts; without an end if neither this nor `nth` is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// With which probability it acts, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What chance is drawn from, so that it is the same in every run; the fault's id if not said, so that two faults do
    /// not draw the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// When a fault acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Connection,
    Handshake,
    Request,
}

impl FaultPlan {
    /// What is broken, in one line.
    pub fn summary(&self) -> String {
        if self.0.is_empty() {
            return "nothing is broken on purpose any more".to_owned();
        }
        let effects: Vec<String> = self
            .0
            .iter()
            .map(|fault| fault.effect.to_string())
            .collect();
        format!("broken on purpose: {}", effects.join("; "))
    }
}

impl Fault {
    /// On everything, always.
    pub fn new(effect: Effect) -> Self {
        Self {
            effect,
            host: None,
            path: None,
            method: None,
            nth: None,
            times: None,
            probability: None,
            seed: None,
        }
    }

    pub(super) fn stage(&self) -> Stage {
        match self.effect {
            Effect::Tls(_) => Stage::Handshake,
            _ if self.effect.precedes_requests() => Stage::Connection,
            Effect::Cut { .. } if self.path.is_none() && self.method.is_none() => Stage::Connection,
            _ => Stage::Request,
        }
    }

    pub(super) fn meets_host(&self, host: &str) -> bool {
        let pattern = self.host.as_deref();
        pattern.is_none_or(|pattern| {
            matches(&pattern.to_ascii_lowercase(), &host.to_ascii_lowercase())
        })
    }

    pub(super) fn meets_request(&self, method: &str, target: &str) -> bool {
        let path = target.split('?').next().unwrap_or_default();
        let is_method = |wanted: &String| wanted.eq_ignore_ascii_case(method);
        let is_path = |pattern: &String| {
            let against = if pattern.contains('?') { target } else { path };
            matches(pattern, against)
        };
        self.method.as_ref().is_none_or(is_method) && self.path.as_ref().is_none_or(is_path)
    }

    /// Whether it acts on what it has met `met` times now, having acted `fired` times. Chance is drawn from `seed`.
    pub(super) fn is_due(&self, met: u64, fired: u64, seed: u64) -> bool {
        let in_turn = match (self.nth, self.times) {
            (Some(nth), None) => met == nth,
            (nth, times) => met >= nth.unwrap_or(1) && fired < times.unwrap_or(u64::MAX),
        };
        in_turn
            && self
                .probability
                .is_none_or(|probability| fraction(seed, met) < probability)
    }
}

/// What it does, and what it is for: `status 503 (path=/v1/repos/*)`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what_for = [
            ("host", &self.host),
            ("path", &self.path),
            ("method", &self.method),
        ];
        let what_for = what_for.iter().filter_map(|(key, value)| {
            let value = value.as_ref()?;
            Some(format!("{key}={value}"))
        });
        let what_for: Vec<String> = what_for.collect();
        write!(f, "{}", self.effect)?;
        match what_for.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", what_for.join(", ")),
        }
    }
}

/// Whether `text` is `pattern`, where `*` stands for any characters or none.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match text.find(piece) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

/// A number from 0 to 1, without 1 itself: the 53 bits of [`draw`] that a float holds.
pub(super) fn fraction(seed: u64, count: u64) -> f64 {
    (draw(seed, count) >> 11) as f64 / (1_u64 << 53) as f64
}

/// SplitMix64: a number of which the next says nothing, and that is the same for the same seed and count.
pub(super) fn draw(seed: u64, count: u64) -> u64 {
    let mut z = seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text) in [
            ("*", ""),
            ("/v1/repos/*", "/v1/repos/MyDemoRepo/info/refs"),
            ("*/info/refs", "/v1/repos/MyDemoRepo/info/refs"),
            (
                "git-codecommit.*.amazonaws.com",
                "git-codecommit.us-east-2.amazonaws.com",
            ),
            ("a*b*c", "abbcc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "x"), ("a*b", "ab/"), ("a*bc", "abd"), ("ab*ba", "aba")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn the_query_counts_where_the_pattern_has_one() {
        let meets = |path: &str| {
            let fault = Fault {
                path: Some(path.to_owned()),
                ..Fault::new(Effect::Truncate(0))
            };
            fault.meets_request("GET", "/r/info/refs?service=git-receive-pack")
        };
        assert!(meets("/r/info/refs"));
        assert!(meets("*?service=git-receive-pack"));
        assert!(!meets("*?service=git-upload-pack"));
    }
}
