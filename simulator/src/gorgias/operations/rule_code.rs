//! The code of rules: the part of JavaScript they are written in, read into a tree in the form of ESTree.

use serde_json::{Value, json};

/// How deep code may nest.
const DEEPEST: usize = 60;

const MARKS: &[&str] = &[
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "(", ")", "{", "}", "[", "]", ",", ";", ":", ".", "?", "<", ">",
    "+", "-", "*", "/", "%", "!", "=",
];

/// Operators between two expressions, the loosest first.
const BINARY: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["===", "!==", "==", "!="],
    &["<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// A string or a number.
    Literal(Value),
    Mark(&'static str),
    End,
}

/// The tokens of a code, each with its line.
fn tokens(code: &str) -> Result<Vec<(Token, usize)>, String> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (code, 1);
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            let end = rest
                .find("*/")
                .ok_or_else(|| format!("line {line}: the comment does not end"))?;
            end + 2
        } else if first == '\'' || first == '"' {
            let (text, length) = quoted(rest, first).ok_or_else(|| format!("line {line}: the string does not end"))?;
            tokens.push((Token::Literal(json!(text)), line));
            length
        } else if first.is_ascii_digit() {
            let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
            let length = end.unwrap_or(rest.len());
            let digits = rest.get(..length).unwrap_or_default();
            let number: Value =
                serde_json::from_str(digits).map_err(|_| format!("line {line}: `{digits}` is not a number"))?;
            tokens.push((Token::Literal(number), line));
            length
        } else if first.is_alphabetic() || matches!(first, '_' | '$') {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '$'));
            let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            tokens.push((Token::Word(word.to_owned()), line));
            word.len()
        } else {
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            let mark = mark.ok_or_else(|| format!("line {line}: `{first}` is not expected"))?;
            tokens.push((Token::Mark(mark), line));
            mark.len()
        };
        let (passed, left) = rest.split_at(length);
        line += passed.matches('\n').count();
        rest = left;
    }
    tokens.push((Token::End, line));
    Ok(tokens)
}

/// The string that a code begins with, and its length with the quotes.
fn quoted(code: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut letters = code.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => text.push(match letters.next()?.1 {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            '\n' => return None,
            letter if letter == quote => return Some((text, at + 1)),
            letter => text.push(letter),
        }
    }
    None
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
}

type Node = Result<Value, String>;

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn unexpected<T>(&self) -> Result<T, String> {
        let line = self
            .tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(1, |(_, line)| *line);
        let what = match self.peek() {
            Token::Word(word) => format!("`{word}` is not expected"),
            Token::Literal(value) => format!("{value} is not expected"),
            Token::Mark(mark) => format!("`{mark}` is not expected"),
            Token::End => "the code ends too early".to_owned(),
        };
        Err(format!("line {line}: {what}"))
    }

    fn skip(&mut self, mark: &str) -> bool {
        let there = matches!(self.peek(), Token::Mark(known) if *known == mark);
        self.at += usize::from(there);
        there
    }

    fn skip_word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Token::Word(known) if known == word);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.skip(mark) { Ok(()) } else { self.unexpected() }
    }

    fn word(&mut self) -> Result<String, String> {
        match self.peek() {
            Token::Word(word) => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => self.unexpected(),
        }
    }

    /// Goes one level deeper.
    fn deeper(&mut self, inner: impl FnOnce(&mut Self) -> Node) -> Node {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("the code nests deeper than {DEEPEST} levels"));
        }
        let node = inner(self);
        self.depth -= 1;
        node
    }

    fn statement(&mut self) -> Node {
        self.deeper(|parser| {
            if parser.skip("{") {
                let mut body = Vec::new();
                while !parser.skip("}") {
                    body.push(parser.statement()?);
                }
                return Ok(json!({"type": "BlockStatement", "body": body}));
            }
            if parser.skip(";") {
                return Ok(json!({"type": "EmptyStatement"}));
            }
            if parser.skip_word("if") {
                parser.expect("(")?;
                let test = parser.expression()?;
                parser.expect(")")?;
                let consequent = parser.statement()?;
                let alternate = if parser.skip_word("else") {
                    parser.statement()?
                } else {
                    Value::Null
                };
                return Ok(json!({
                    "type": "IfStatement", "test": test, "consequent": consequent, "alternate": alternate,
                }));
            }
            for kind in ["var", "let", "const"] {
                if parser.skip_word(kind) {
                    let id = json!({"type": "Identifier", "name": parser.word()?});
                    parser.expect("=")?;
                    let init = parser.expression()?;
                    parser.skip(";");
                    let declared = json!({"type": "VariableDeclarator", "id": id, "init": init});
                    return Ok(json!({"type": "VariableDeclaration", "kind": kind, "declarations": [declared]}));
                }
            }
            let expression = parser.expression()?;
            parser.skip(";");
            Ok(json!({"type": "ExpressionStatement", "expression": expression}))
        })
    }

    fn expression(&mut self) -> Node {
        self.deeper(|parser| {
            let test = parser.binary(0)?;
            if !parser.skip("?") {
                return Ok(test);
            }
            let consequent = parser.expression()?;
            parser.expect(":")?;
            let alternate = parser.expression()?;
            Ok(json!({
                "type": "ConditionalExpression", "test": test, "consequent": consequent, "alternate": alternate,
            }))
        })
    }

    /// An expression whose operators bind at least as tight as those of the level.
    fn binary(&mut self, least: usize) -> Node {
        let mut left = self.unary()?;
        loop {
            let levels = BINARY.iter().enumerate().skip(least);
            let mut operators = levels.flat_map(|(level, marks)| marks.iter().map(move |mark| (level, *mark)));
            let Some((level, operator)) = operators.find(|(_, mark)| self.skip(mark)) else {
                return Ok(left);
            };
            let right = self.binary(level + 1)?;
            let kind = if level < 2 {
                "LogicalExpression"
            } else {
                "BinaryExpression"
            };
            left = json!({"type": kind, "operator": operator, "left": left, "right": right});
        }
    }

    fn unary(&mut self) -> Node {
        let Some(operator) = ["!", "-"].into_iter().find(|operator| self.skip(operator)) else {
            return self.chain();
        };
        let argument = self.deeper(Self::unary)?;
        Ok(json!({"type": "UnaryExpression", "operator": operator, "prefix": true, "argument": argument}))
    }

    /// Members and calls of something.
    fn chain(&mut self) -> Node {
        let mut node = self.primary()?;
        loop {
            if self.skip(".") {
                let property = json!({"type": "Identifier", "name": self.word()?});
                node = json!({"type": "MemberExpression", "object": node, "property": property, "computed": false});
            } else if self.skip("[") {
                let property = self.expression()?;
                self.expect("]")?;
                node = json!({"type": "MemberExpression", "object": node, "property": property, "computed": true});
            } else if self.skip("(") {
                let arguments = self.list(")")?;
                node = json!({"type": "CallExpression", "callee": node, "arguments": arguments});
            } else {
                return Ok(node);
            }
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        while !self.skip(end) {
            items.push(self.expression()?);
            if !self.skip(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Node {
        if self.skip("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.skip("[") {
            return Ok(json!({"type": "ArrayExpression", "elements": self.list("]")?}));
        }
        if self.skip("{") {
            return self.object();
        }
        match self.peek() {
            Token::Word(_) | Token::Literal(_) => {}
            _ => return self.unexpected(),
        }
        Ok(match self.next() {
            Token::Word(word) => match word.as_str() {
                "true" | "false" => json!({"type": "Literal", "value": word == "true"}),
                "null" => json!({"type": "Literal", "value": null}),
                _ => json!({"type": "Identifier", "name": word}),
            },
            Token::Literal(value) => json!({"type": "Literal", "value": value}),
            Token::Mark(_) | Token::End => Value::Null,
        })
    }

    /// An object, after its first brace.
    fn object(&mut self) -> Node {
        let mut properties = Vec::new();
        while !self.skip("}") {
            let key = match self.peek() {
                Token::Word(_) => json!({"type": "Identifier", "name": self.word()?}),
                Token::Literal(value) => {
                    let key = json!({"type": "Literal", "value": value});
                    self.at += 1;
                    key
                }
                _ => return self.unexpected(),
            };
            self.expect(":")?;
            let value = self.expression()?;
            properties.push(json!({"type": "Property", "kind": "init", "key": key, "value": value}));
            if !self.skip(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(json!({"type": "ObjectExpression", "properties": properties}))
    }
}

/// Reads a code; says in which line it is wrong.
pub(in crate::gorgias) fn parse(code: &str) -> Node {
    let mut parser = Parser {
        tokens: tokens(code)?,
        at: 0,
        depth: 0,
    };
    let mut body = Vec::new();
    while *parser.peek() != Token::End {
        body.push(parser.statement()?);
    }
    Ok(json!({"type": "Program", "body": body, "sourceType": "script"}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_becomes_a_tree() {
        let tree = parse("// first\nif (eq(ticket.status, 'open') && !isEmpty(x)) { Action('addTags', {tags: 'a'}); }")
            .unwrap();
        let statement = &tree["body"][0];
        assert_eq!(statement["type"], "IfStatement");
        assert_eq!(statement["test"]["operator"], "&&");
        let call = &statement["test"]["left"];
        assert_eq!(call["callee"]["name"], "eq");
        assert_eq!(call["arguments"][0]["property"]["name"], "status");
        assert_eq!(call["arguments"][1]["value"], "open");
        let action = &statement["consequent"]["body"][0]["expression"];
        assert_eq!(action["arguments"][1]["properties"][0]["value"]["value"], "a");
    }

    #[test]
    fn operators_bind_as_in_the_language() {
        let tree = parse("a || b && c === 1 + 2 * 3").unwrap();
        let whole = &tree["body"][0]["expression"];
        assert_eq!(whole["operator"], "||");
        assert_eq!(whole["right"]["operator"], "&&");
        assert_eq!(whole["right"]["right"]["operator"], "===");
        assert_eq!(whole["right"]["right"]["right"]["right"]["operator"], "*");
    }

    #[test]
    fn wrong_code_is_told_with_its_line() {
        for (code, line) in [
            ("if (a {", "line 1"),
            ("a;\nb(", "line 2"),
            ("'open", "line 1"),
            ("\n\n#", "line 3"),
            ("a = 1", "line 1"),
            ("1.2.3", "line 1"),
            ("/* x", "line 1"),
        ] {
            let error = parse(code).unwrap_err();
            assert!(error.starts_with(line), "{code}: {error}");
        }
        assert!(parse(&"(".repeat(5000)).is_err());
        assert!(parse(&"!".repeat(5000)).is_err());
    }
}
