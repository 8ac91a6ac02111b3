//! "Did you mean": the nearest of the known words.

/// How many slips a word may have, however long it is.
const MOST_SLIPS: usize = 12;

/// The known word nearest to `given`, if one is near enough to be a slip of the same word.
///
/// What callers give can be megabytes long, so it is compared only with words of about its length.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = given.chars().count();
    let allowed = (length / 3).clamp(1, MOST_SLIPS);
    let comparable: Vec<&str> = known
        .into_iter()
        .filter(|word| word.chars().count().abs_diff(length) <= allowed)
        .collect();
    if comparable.is_empty() {
        return None;
    }
    let given = given.to_ascii_lowercase();
    comparable
        .into_iter()
        .map(|word| (distance(&given, &word.to_ascii_lowercase()), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many insertions, removals, changes and swaps of neighbours lead from one word to the other.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut best = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["read", "write", "custom", "update_routing"];
        assert_eq!(nearest("raed", known), Some("read"));
        assert_eq!(nearest("Wirte", known), Some("write"));
        assert_eq!(nearest("update_rooting", known), Some("update_routing"));
        assert_eq!(nearest("billing", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn a_word_without_end_is_not_compared() {
        // Comparing it would take hours: each of its 58 million letters with each of a known word, a thousand times.
        let endless = "update_routing".repeat(1 << 22);
        assert_eq!(nearest(&endless, ["update_routing"; 1000]), None);
        // A word that is long itself is still found.
        let long = "a_tool_with_quite_a_long_name_of_its_own_by_id";
        assert_eq!(nearest(&long[10..], [long]), Some(long));
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("ab", "ba"), 1);
    }
}
