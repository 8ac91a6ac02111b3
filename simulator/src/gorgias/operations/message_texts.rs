//! Texts of messages: what is left without markup and signature, and what lists show of it.

use super::super::records::{Members, Object, Ticket};

/// How much of a message lists show, in characters.
const EXCERPT: usize = 200;

/// HTML without its tags.
pub(super) fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('>') else {
            rest = &rest[start..];
            break;
        };
        let tag = rest[start + 1..start + end].to_ascii_lowercase();
        if tag.starts_with("br") || tag.starts_with("/p") || tag.starts_with("/div") {
            text.push('\n');
        }
        rest = &rest[start + end + 1..];
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let text = entities.iter().fold(text, |text, (from, to)| text.replace(from, to));
    text.trim().to_owned()
}

/// A text without the quoted mail below it, and its signature.
pub(super) fn strip(text: &str) -> (String, Option<String>) {
    let quoted = |line: &&str| line.starts_with('>') || (line.starts_with("On ") && line.ends_with("wrote:"));
    let lines: Vec<&str> = text.lines().collect();
    let kept = lines.iter().position(quoted).unwrap_or(lines.len());
    let lines = lines.get(..kept).unwrap_or_default();
    let mark = lines.iter().position(|line| line.trim_end() == "--");
    let body = lines.get(..mark.unwrap_or(kept)).unwrap_or_default().join("\n");
    let signature = mark
        .and_then(|mark| lines.get(mark + 1..))
        .map(|lines| lines.join("\n"));
    (
        body.trim().to_owned(),
        signature.filter(|signature| !signature.is_empty()),
    )
}

/// What a message says, whatever form it was given in.
pub(in crate::gorgias) fn said(message: &Object) -> String {
    match message.text("body_text").filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => without_tags(message.text("body_html").unwrap_or_default()),
    }
}

/// The beginning of the last message.
pub(super) fn excerpt(ticket: &Ticket) -> String {
    let Some(last) = ticket.messages.last() else {
        return String::new();
    };
    let text = match last.text("stripped_text") {
        Some(text) => text.to_owned(),
        None => said(last),
    };
    text.chars().take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_out() {
        assert_eq!(without_tags("<p>a &lt;b&gt;</p><p>c<br/>d</p>"), "a <b>\nc\nd");
        assert_eq!(without_tags("1 < 2"), "1 < 2");
        assert_eq!(without_tags("&amp;lt;"), "&lt;");
    }

    #[test]
    fn quotes_and_signatures_are_cut_off() {
        let mail = "Hello,\nwhere is it?\n--\nAnna\nAcme\nOn Monday B wrote:\n> old";
        let (text, signature) = strip(mail);
        assert_eq!(
            (text.as_str(), signature.as_deref()),
            ("Hello,\nwhere is it?", Some("Anna\nAcme"))
        );
        assert_eq!(strip("Thanks"), ("Thanks".to_owned(), None));
    }
}
