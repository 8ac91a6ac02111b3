//! Which [`Dialect`] of JSON Schema a client takes: said in the address, or known by its name.

use deskhand_runtime::arguments::nearest;
use deskhand_runtime::dialect::Dialect;

/// The dialect with this word, as `?dialect=` and `--dialect` take it.
///
/// # Errors
/// A sentence that names the nearest word, or all of them.
pub fn named(word: &str) -> Result<Dialect, String> {
    if let Some(dialect) = Dialect::named(word) {
        return Ok(dialect);
    }
    let words = Dialect::ALL.map(Dialect::word);
    let shown: String = word.chars().take(40).collect();
    Err(match nearest(word, words.into_iter()) {
        Some(near) => format!("unknown dialect `{shown}`; did you mean `{near}`?"),
        None => format!("unknown dialect `{shown}`; known are: {}", words.join(", ")),
    })
}

/// How clients' names begin, as they are told in `clientInfo` or `User-Agent`, in lower case.
const CLIENTS: [(&str, Dialect); 7] = [
    ("claude", Dialect::Anthropic),
    ("anthropic", Dialect::Anthropic),
    ("openai-mcp", Dialect::OpenAi),
    ("chatgpt", Dialect::OpenAi),
    ("codex", Dialect::OpenAi),
    ("cursor", Dialect::Cursor),
    ("gemini", Dialect::Gemini),
];

/// The dialect of the client with this name; that of any MCP client where it is not known. Strict functions are the choice
/// of who uses a client, so no name stands for them.
#[must_use]
pub fn of_client(name: &str) -> Dialect {
    let name = name.trim().to_ascii_lowercase();
    let known = CLIENTS.iter().find(|(begin, _)| name.starts_with(begin));
    known.map_or(Dialect::Mcp, |(_, dialect)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_known_by_name() {
        for (name, dialect) in [
            ("claude-ai", Dialect::Anthropic),
            ("Claude-User", Dialect::Anthropic),
            ("openai-mcp", Dialect::OpenAi),
            ("cursor-vscode", Dialect::Cursor),
            ("gemini-cli-mcp-client", Dialect::Gemini),
            ("python-httpx", Dialect::Mcp),
            ("", Dialect::Mcp),
        ] {
            assert_eq!(of_client(name), dialect, "{name}");
        }
    }

    #[test]
    fn a_slip_in_the_word_is_told() {
        assert_eq!(named("openai-strict"), Ok(Dialect::OpenAiStrict));
        assert_eq!(
            named("openai-stric"),
            Err("unknown dialect `openai-stric`; did you mean `openai-strict`?".to_owned())
        );
        assert!(
            named("zz")
                .unwrap_err()
                .contains("mcp, anthropic, openai, openai-strict, gemini, cursor")
        );
    }
}
