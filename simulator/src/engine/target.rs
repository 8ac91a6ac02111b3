//! Strict decoding of paths and query strings.

use super::answer::Refusal;

/// Percent-decodes; refuses broken escapes, bytes that are no UTF-8 and characters that should have been escaped.
fn decode(raw: &str, plus_is_blank: bool) -> Result<String, Refusal> {
    let broken = || Refusal::bad(format!("`{raw}` is not percent-encoded correctly"));
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || {
                    rest.next()
                        .and_then(|byte| char::from(byte).to_digit(16))
                        .ok_or_else(broken)
                };
                let value = digit()? * 16 + digit()?;
                u8::try_from(value).map_err(|_| broken())?
            }
            b'+' if plus_is_blank => b' ',
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => return Err(broken()),
            0x21..=0x7e => byte,
            _ => return Err(broken()),
        });
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

/// A path; `+` is a plus sign.
pub(super) fn decode_path(raw: &str) -> Result<String, Refusal> {
    decode(raw, false)
}

/// The names and values of a query; `+` is a blank, as in forms.
pub(super) fn decode_query(target: &str) -> Result<Vec<(String, String)>, Refusal> {
    let Some((_, query)) = target.split_once('?') else {
        return Ok(Vec::new());
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// The names and values of a form; `None` if it is not encoded correctly.
pub(super) fn decode_form(text: &str) -> Option<Vec<(String, String)>> {
    decode_query(&format!("?{text}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_as_forms() {
        let pairs = decode_query("/x?a=b+c&d=%2B%26&e&&f=%F0%9F%90%9D=1").unwrap();
        let expected = [("a", "b c"), ("d", "+&"), ("e", ""), ("f", "🐝=1")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(decode_query("/x").unwrap(), []);
    }

    #[test]
    fn broken_encodings_are_refused() {
        for wrong in [
            "/x?a=%",
            "/x?a=%4",
            "/x?a=%zz",
            "/x?a=%ff",
            "/x?%=1",
            "/x?a={}",
            "/x?a=\"b\"",
            "/x?a=é",
        ] {
            assert!(decode_query(wrong).is_err(), "{wrong}");
        }
        assert_eq!(decode_path("/a+b%20c").unwrap(), "/a+b c");
    }
}
