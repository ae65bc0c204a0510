//! What to type instead of a word that nobody knows.

/// How alike two words are, from 0 to 1, so that one of them may be a slip for the other.
const LIKE: f64 = 0.75;

/// The candidate that was probably meant, if one is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_above(word, candidates, LIKE)
}

/// The same, with another likeness than ours.
pub(super) fn nearest_above<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    limit: f64,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (likeness(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > limit)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// One slip in a short word leaves little that is alike: it counts as near all the same.
fn likeness(word: &str, candidate: &str) -> f64 {
    const ONE_SLIP: f64 = 0.9;
    let alike = strsim::jaro_winkler(word, candidate);
    match word.len() > 2 && strsim::osa_distance(word, candidate) == 1 {
        true => alike.max(ONE_SLIP),
        false => alike,
    }
}

/// The question that names the nearest candidate, if one is near enough.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// The question that names the nearest candidate, or else all there are; nothing if there are none.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    did_you_mean(word, known.iter().copied())
        .or_else(|| (!known.is_empty()).then(|| format!("known here: {}", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_asked_for_or_all_are_told() {
        let known = ["status", "latency"];
        let told = |word: &str| suggestion(word, known);
        assert_eq!(told("stauts").as_deref(), Some("did you mean `status`?"));
        assert_eq!(told("zzz").as_deref(), Some("known here: status, latency"));
        assert_eq!(did_you_mean("zzz", known), None);
        assert_eq!(nearest("rnu", ["note", "run", "find"]), Some("run"));
        assert_eq!(suggestion("zzz", []), None);
    }
}
