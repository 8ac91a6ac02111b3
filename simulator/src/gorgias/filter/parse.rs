//! Reading filters.

use super::super::time;
use super::{CURRENT_USER, Filter, Function, Literal, PATHS, is_moment, span};

/// How deep parentheses may be nested.
const DEEPEST: usize = 32;

/// Reads a filter; says what is wrong with it.
pub(in crate::gorgias) fn parse(text: &str) -> Result<Filter, String> {
    let mut reader = Reader { rest: text, text };
    reader.skip();
    if reader.rest.is_empty() {
        return Ok(Filter::Everything);
    }
    let filter = reader.either(0)?;
    if reader.rest.is_empty() {
        Ok(filter)
    } else {
        Err(reader.expected("&& or || or the end"))
    }
}

struct Reader<'a> {
    text: &'a str,
    /// What is left, without blanks before it.
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = rest;
        self.skip();
        true
    }

    fn want(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) {
            Ok(())
        } else {
            Err(self.expected(token))
        }
    }

    /// How many characters have been read.
    fn position(&self) -> usize {
        let read = self.text.len() - self.rest.len();
        self.text.get(..read).unwrap_or_default().chars().count()
    }

    fn expected(&self, what: &str) -> String {
        format!("expected {what} at position {}", self.position())
    }

    fn either(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.both(depth)?];
        while self.take("||") {
            parts.push(self.both(depth)?);
        }
        Ok(joined(parts, Filter::Or))
    }

    fn both(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.part(depth)?];
        while self.take("&&") {
            parts.push(self.part(depth)?);
        }
        Ok(joined(parts, Filter::And))
    }

    fn part(&mut self, depth: usize) -> Result<Filter, String> {
        if depth > DEEPEST {
            return Err("the parentheses are nested too deep".to_owned());
        }
        if self.take("(") {
            let inner = self.either(depth + 1)?;
            self.want(")")?;
            return Ok(inner);
        }
        let start = self.position();
        let name = self.word();
        if name.is_empty() {
            return Err(self.expected("a function"));
        }
        let known = Function::ALL.iter().find(|(known, _)| *known == name);
        let Some(&(_, function)) = known else {
            return Err(format!("there is no function `{name}`, at position {start}"));
        };
        self.want("(")?;
        let start = self.position();
        let path = self.word();
        if !PATHS.contains(&path) {
            return Err(format!("there is no path `{path}`, at position {start}"));
        }
        if function.takes_span() && !is_moment(path) {
            return Err(format!("expected the path of a moment at position {start}"));
        }
        let mut values = Vec::new();
        if function.takes_value() {
            self.want(",")?;
            values = self.values(function, path)?;
        }
        self.want(")")?;
        Ok(Filter::Call(function, path.to_owned(), values))
    }

    /// Letters, digits, dots and underscores.
    fn word(&mut self) -> &'a str {
        let end = self
            .rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '_'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        self.skip();
        word
    }

    fn values(&mut self, function: Function, path: &str) -> Result<Vec<Literal>, String> {
        if !function.takes_list() {
            return Ok(vec![self.value(function, path)?]);
        }
        self.want("[")?;
        let mut values = Vec::new();
        loop {
            if self.take("]") {
                return Ok(values);
            }
            if !values.is_empty() {
                self.want(",")?;
            }
            values.push(self.value(function, path)?);
        }
    }

    /// A value that can be set against what is at the path.
    fn value(&mut self, function: Function, path: &str) -> Result<Literal, String> {
        let start = self.position();
        let value = self.literal()?;
        let text = match &value {
            Literal::Text(text) => Some(text.as_str()),
            _ => None,
        };
        let (fits, what) = if function.takes_span() {
            (text.and_then(span).is_some(), "a span such as '1d'")
        } else if is_moment(path) {
            let null = value == Literal::Null && matches!(function, Function::Eq | Function::Neq);
            (null || text.and_then(time::parse).is_some(), "a moment")
        } else {
            (true, "a value")
        };
        if fits {
            Ok(value)
        } else {
            Err(format!("expected {what} at position {start}"))
        }
    }

    fn literal(&mut self) -> Result<Literal, String> {
        // It is written with and without quotes.
        if self.take(CURRENT_USER) {
            return Ok(Literal::Text(CURRENT_USER.to_owned()));
        }
        if let Some(quote) = self.rest.chars().next().filter(|quote| matches!(quote, '\'' | '"')) {
            return self.text(quote).map(Literal::Text);
        }
        let end = self
            .rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '-' | '_'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let literal = match word {
            "null" => Literal::Null,
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            word => match word.parse::<f64>() {
                Ok(number) if number.is_finite() => Literal::Number(number),
                _ => return Err(self.expected("a value")),
            },
        };
        self.rest = rest;
        self.skip();
        Ok(literal)
    }

    fn text(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => text.extend(letters.next().map(|(_, letter)| letter)),
                letter if letter == quote => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    self.skip();
                    return Ok(text);
                }
                letter => text.push(letter),
            }
        }
        Err(self.expected("a text that ends"))
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: Function, path: &str, values: &[Literal]) -> Filter {
        Filter::Call(function, format!("ticket.{path}"), values.to_vec())
    }

    fn text(text: &str) -> Literal {
        Literal::Text(text.to_owned())
    }

    #[test]
    fn calls_are_joined_as_in_javascript() {
        let open = call(Function::Eq, "status", &[text("open")]);
        let vip = call(Function::ContainsAll, "tags.name", &[text("vip"), text("it's")]);
        let empty = call(Function::IsEmpty, "assignee_user.id", &[]);
        let parsed = parse(
            r#"eq(ticket.status, 'open') && (containsAll(ticket.tags.name, ["vip", 'it\'s']) || isEmpty(ticket.assignee_user.id))"#,
        );
        let either = Filter::Or(vec![vip.clone(), empty.clone()]);
        assert_eq!(parsed, Ok(Filter::And(vec![open.clone(), either])));
        // && binds closer.
        let parsed =
            parse("isEmpty(ticket.assignee_user.id)||eq(ticket.status,'open')&&isEmpty(ticket.assignee_user.id)");
        let both = Filter::And(vec![open, empty.clone()]);
        assert_eq!(parsed, Ok(Filter::Or(vec![empty, both])));
        assert_eq!(parse("  "), Ok(Filter::Everything));
    }

    #[test]
    fn values_are_of_four_kinds() {
        for (given, literal) in [
            ("null", Literal::Null),
            ("true", Literal::Bool(true)),
            ("-2.5", Literal::Number(-2.5)),
            ("'ä, ö'", text("ä, ö")),
        ] {
            let parsed = parse(&format!("eq(ticket.subject, {given})"));
            assert_eq!(parsed, Ok(call(Function::Eq, "subject", &[literal])), "{given}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (wrong, told) in [
            (
                "startsWith(ticket.subject, 'a')",
                "no function `startsWith`, at position 0",
            ),
            (
                "eq(ticket.subject, 'ä') && eq(ticket.colour, 'red')",
                "no path `ticket.colour`, at position 30",
            ),
            (
                "gteTimedelta(ticket.created_datetime, 'soon')",
                "a span such as '1d' at position 38",
            ),
            (
                "gteTimedelta(ticket.created_datetime, 1)",
                "a span such as '1d' at position 38",
            ),
            (
                "ltTimedelta(ticket.status, '1d')",
                "the path of a moment at position 12",
            ),
            ("gt(ticket.created_datetime, 'yesterday')", "a moment at position 28"),
            ("gt(ticket.created_datetime, null)", "a moment at position 28"),
            (
                "containsAny(ticket.closed_datetime, ['2026-03-02T09:00:00Z', 5])",
                "a moment at position 61",
            ),
            ("eq(ticket.status)", "expected , at position 16"),
            ("eq(ticket.status, open)", "expected a value"),
            ("eq(ticket.status, 'open'", "expected )"),
            ("eq(ticket.status, 'open", "a text that ends"),
            (
                "eq(ticket.status, 'open') & isEmpty(ticket.subject)",
                "expected && or ||",
            ),
            ("containsAny(ticket.tags.name, 'vip')", "expected ["),
            ("(eq(ticket.status, 'open')", "expected )"),
            ("&& eq(ticket.status, 'open')", "expected a function"),
        ] {
            let problem = parse(wrong).unwrap_err();
            assert!(problem.contains(told), "{wrong}: {problem}");
        }
        let deep = "(".repeat(100);
        assert!(parse(&deep).unwrap_err().contains("too deep"));
    }
}
