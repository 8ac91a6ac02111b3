//! Opaque cursors: where a list goes on, sealed for one account, one tool and one set of arguments.
//!
//! A token is base64url of version, state and a truncated HMAC-SHA256. The MAC also covers what is
//! not inside: account, tool and a hash of the checked arguments. The state is readable by who
//! decodes it, so it holds nothing but the vendor's own position.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::error::{ArgumentFault, Code, Error};
use crate::page::PageState;
use crate::shape::Field;

const VERSION: u8 = 1;
/// Bytes of the MAC that are kept: 128 bits.
const MAC_BYTES: usize = 16;
/// Longest token, in bytes.
pub const MAX_TOKEN: usize = 2048;

/// The key that seals cursors: 32 bytes.
pub struct CursorKey(SecretBox<[u8; 32]>);

impl CursorKey {
    /// A key of these bytes. All replicas that serve one account need the same one.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }
}

impl Clone for CursorKey {
    fn clone(&self) -> Self {
        Self::new(*self.0.expose_secret())
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(<hidden>)")
    }
}

/// What a cursor is bound to.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// Identifier of the account.
    pub account: &'a str,
    /// Name of the tool.
    pub tool: &'a str,
    /// The checked arguments, without position.
    pub arguments: &'a [(&'static Field, Value)],
}

/// Names no values: they can hold customers' data.
impl fmt::Debug for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding")
            .field("tool", &self.tool)
            .finish_non_exhaustive()
    }
}

/// Makes a token.
///
/// # Errors
/// The vendor's position is too long for a token ([`Code::UpstreamInvalidResponse`]).
pub fn seal(key: &CursorKey, binding: &Binding<'_>, state: &PageState) -> Result<String, Error> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(state.to_json().to_string().as_bytes());
    let tag = mac(key, binding, &bytes)?.finalize().into_bytes();
    bytes.extend_from_slice(&tag[..MAC_BYTES]);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    if token.len() > MAX_TOKEN {
        return Err(Error::deskhand(
            Code::UpstreamInvalidResponse,
            "The helpdesk's cursor is too long to be handed on.",
        )
        .with_hint("Narrow the list with a filter, or page with the tool's own page arguments."));
    }
    Ok(token)
}

/// Opens a token.
///
/// # Errors
/// It was not made here, or for another account, tool or other arguments ([`Code::InvalidArguments`]).
pub fn open(key: &CursorKey, binding: &Binding<'_>, token: &str) -> Result<PageState, Error> {
    let refuse = || {
        let message = "is not valid for this call: pass a cursor unchanged, with the same arguments and the same tool \
                       and account as in the call that it came from";
        Error::arguments(vec![ArgumentFault {
            argument: "next_cursor".to_owned(),
            message: message.to_owned(),
            did_you_mean: None,
            get_it_from: Vec::new(),
        }])
        .with_hint("Nothing was sent. Leave `next_cursor` out to start from the first page.")
    };
    if token.len() > MAX_TOKEN {
        return Err(refuse());
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| refuse())?;
    let split = bytes.len().checked_sub(MAC_BYTES).ok_or_else(refuse)?;
    let (bytes, tag) = bytes.split_at(split);
    mac(key, binding, bytes)?
        .verify_truncated_left(tag)
        .map_err(|_| refuse())?;
    let [VERSION, state @ ..] = bytes else {
        return Err(refuse());
    };
    serde_json::from_slice(state)
        .ok()
        .and_then(PageState::from_json)
        .ok_or_else(refuse)
}

fn mac(key: &CursorKey, binding: &Binding<'_>, bytes: &[u8]) -> Result<Hmac<Sha256>, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0.expose_secret())
        .map_err(|_| Error::deskhand(Code::Internal, "the cursor key has a wrong length"))?;
    let arguments = arguments_hash(binding.arguments);
    for part in [
        b"deskhand cursor".as_slice(),
        binding.account.as_bytes(),
        binding.tool.as_bytes(),
        &arguments,
        bytes,
    ] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Ok(mac)
}

/// A hash of the arguments in which the order of object members does not matter.
fn arguments_hash(arguments: &[(&'static Field, Value)]) -> [u8; 32] {
    let mut text = String::new();
    for (field, value) in arguments {
        text.push_str(&Value::from(field.name).to_string());
        text.push(':');
        canonical(&mut text, value);
        text.push('\n');
    }
    Sha256::digest(text.as_bytes()).into()
}

fn canonical(out: &mut String, value: &Value) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in members {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                canonical(out, value);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(out, item);
                out.push(',');
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
