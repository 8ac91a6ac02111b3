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
        match paragraphs.last_mut() {
            _ if line.is_empty() => open = false,
            // A list keeps its lines.
            Some(last) if open && !line.starts_with(['-', '*', '|', '#']) => {
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
    text.trim_start_matches(['#', '*', '-', '|', '>', '_', ' ', '\n'])
        .to_owned()
}

/// Whether a description says something in its first words.
pub(super) fn is_useful(text: &str) -> bool {
    let first = text.split(['.', '\n']).next().unwrap_or_default();
    first.chars().count() > 3 && first.starts_with(|c: char| c.is_alphanumeric() || "`\"(<".contains(c))
}

/// Takes out what looks like an HTML tag.
fn without_tags(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let tag = after.split_once('>').filter(|(inside, _)| is_tag(inside));
        match tag {
            Some((inside, after)) => {
                // A tag that begins a line in HTML begins one here.
                if inside
                    .trim_start_matches('/')
                    .starts_with(['p', 'b', 'l', 'u', 'h', 'd', 't'])
                    && inside.len() < 12
                {
                    out.push('\n');
                }
                rest = after;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_tag(inside: &str) -> bool {
    let name = inside.trim_start_matches('/');
    let word = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    const TAGS: &[&str] = &[
        "a", "b", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "hr", "i", "img", "li", "ol",
        "p", "pre", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
    ];
    TAGS.contains(&word) && !inside.contains('<')
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
