//! Descriptions as specs have them.

/// Longest documentation of an operation: a client cuts after 1,024 characters, and the generator adds sentences.
pub(super) const OPERATION: usize = 850;
/// Longest documentation of a field or type.
pub(super) const FIELD: usize = 600;

/// Markdown or HTML as plain paragraphs.
pub(super) fn plain(text: &str) -> String {
    let text = without_tags(text);
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let line: String = words
            .join(" ")
            .chars()
            .filter(|c| !c.is_control() && *c != '\u{feff}')
            .collect();
        if line.starts_with("```") || line.starts_with("~~~") {
            open = false;
            continue;
        }
        let line = unmarked(&line);
        match paragraphs.last_mut() {
            _ if line.is_empty() => open = false,
            // A list keeps its lines.
            Some(last) if open && !line.starts_with(['•', '(', '|']) => {
                last.push(' ');
                last.push_str(&line);
            }
            _ => {
                paragraphs.push(line);
                open = true;
            }
        }
    }
    let text = paragraphs.join("\n");
    text.trim_start_matches(['•', '|', '_', ' ', '\n']).to_owned()
}

/// A line without the signs of headings and quotes, and with those of lists that are no Markdown: the line after a list's
/// would be taken for a part of it.
fn unmarked(line: &str) -> String {
    // A fence would begin an example in Rust.
    let line = line.replace("```", "`").replace("~~~", "");
    let line = line.trim_start_matches(['#', '>', ' ']);
    if let Some(item) = ["* ", "- ", "+ "].iter().find_map(|sign| line.strip_prefix(sign)) {
        return format!("• {item}");
    }
    let number = line.split(['.', ')']).next().unwrap_or_default();
    let rest = line.get(number.len() + 1..).and_then(|rest| rest.strip_prefix(' '));
    match rest.filter(|_| !number.is_empty() && number.len() < 4 && number.bytes().all(|b| b.is_ascii_digit())) {
        Some(rest) => format!("({number}) {rest}"),
        None => line.to_owned(),
    }
}

/// Whether a description says something in its first words.
pub(super) fn is_useful(text: &str) -> bool {
    let first = text.split(['.', '\n']).next().unwrap_or_default();
    first.chars().count() > 3 && first.starts_with(|c: char| c.is_alphanumeric() || "`\"(<".contains(c))
}

/// HTML tags that begin a line.
const BLOCKS: &[&str] = &[
    "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "table", "tr", "ul",
];
/// HTML tags within a line.
const INLINE: &[&str] = &[
    "a", "b", "code", "em", "i", "img", "small", "span", "strong", "sub", "sup", "td", "th", "u",
];

/// Takes out HTML tags.
fn without_tags(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let tag = after.split_once('>').map(|(inside, behind)| (tag_name(inside), behind));
        match tag {
            Some((name, behind)) if BLOCKS.contains(&name) => {
                out.push('\n');
                rest = behind;
            }
            Some((name, behind)) if INLINE.contains(&name) => rest = behind,
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn tag_name(inside: &str) -> &str {
    let name = inside.trim_start_matches('/');
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default()
}

/// The text cut at the end of a sentence, or of a word, if it is too long.
pub(super) fn cut(text: &str, most: usize) -> Option<String> {
    if text.chars().count() <= most {
        return None;
    }
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let head = text.get(..end).unwrap_or_default();
    let sentence = [". ", ".\n", "!\n", "? "]
        .iter()
        .filter_map(|end| head.rfind(end))
        .max();
    let cut = match sentence.filter(|at| *at > most / 3) {
        Some(at) => head.get(..=at).unwrap_or_default().to_owned(),
        None => {
            let word = head.rfind(' ').unwrap_or(head.len());
            format!("{}…", head.get(..word).unwrap_or_default().trim_end())
        }
    };
    Some(cut)
}

/// A phrase as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?', '…', ':']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_plain_text() {
        for (given, expected) in [
            ("One\ntwo.\n\nThree", "One two.\nThree"),
            ("# Head\nText", "Head Text"),
            (
                "Either:\n* one\n- two\nor\n1. three\n2) four",
                "Either:\n• one\n• two or\n(1) three\n(2) four",
            ),
            ("> Quoted\n> on", "Quoted on"),
            ("<p>One <b>two</b></p><ul><li>three</li></ul>", "One two\nthree"),
            ("1 < 2 > 0, List<String>", "1 < 2 > 0, List<String>"),
            (
                "Before\n```json\n{\"a\": 1}\n```\nafter ```b```",
                "Before\n{\"a\": 1}\nafter `b`",
            ),
            ("3.5 apples\n2026. A year", "3.5 apples 2026. A year"),
            ("- first\u{0}", "first"),
        ] {
            let found = plain(given);
            let found: Vec<&str> = found.lines().map(str::trim).collect();
            let expected: Vec<&str> = expected.lines().map(str::trim).collect();
            assert_eq!(found, expected, "{given}");
        }
    }

    #[test]
    fn long_texts_end_with_a_sentence_or_a_word() {
        assert_eq!(cut("One. Two.", 9), None);
        assert_eq!(cut("One two. Three four.", 15).unwrap(), "One two.");
        assert_eq!(cut("One two three four", 11).unwrap(), "One two…");
        assert_eq!(cut("ééééé", 3).unwrap(), "ééé…");
    }
}
