//! Files: taken in, and given out by addresses that need no credentials.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::records::{Account, Members, Object, Outcome, json_answer, object};
use super::super::time;
use crate::engine::{Answer, Call, Refusal, Upload};

/// The largest file that is taken in; the vendor does not tell its own bound.
const LARGEST: usize = 10 * 1024 * 1024;
/// How long the address of a file's content can be used, at least.
const LIFETIME: i64 = 10 * time::MINUTE;
/// Bits of the parts of a pass that stand for a file's number and its checksum.
const NUMBER_BITS: u32 = 24;
const SEAL_BITS: u32 = 10;

/// What stands for an account in the addresses of its files.
pub(in crate::gorgias) fn domain_hash(domain: &str) -> String {
    let sum = domain.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{sum:016x}")
}

/// The record of a file.
pub(in crate::gorgias) fn new(account: &Account, kind: &str, file: &Upload) -> Object {
    object(json!({
        "type": kind,
        "label": file.label,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.bytes.len(),
        "content": STANDARD.encode(&file.bytes),
        "created_datetime": account.now(),
    }))
}

/// The path of a file of this number.
pub(in crate::gorgias) fn path(account: &Account, id: i64, file: &Object) -> String {
    let name = file.text("name").unwrap_or_default();
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let kind = file.text("type").unwrap_or("attachment");
    format!("/api/{kind}/download/{}/{id}-{name}", domain_hash(&account.domain))
}

pub(in crate::gorgias) fn upload(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    if call.files.iter().any(|file| file.bytes.len() > LARGEST) {
        return Err(Refusal::new(413, "The file is too large"));
    }
    account.tick();
    let kind = call.given("type").unwrap_or("attachment");
    let mut shown = Vec::new();
    for file in &call.files {
        let record = new(account, kind, file);
        let id = account.files.add(record);
        let record = account.files.get(id)?;
        shown.push(json!({
            "url": format!("{}{}", call.origin, path(account, id, record)),
            "name": file.name,
            "content_type": file.content_type,
            "size": file.bytes.len(),
        }));
    }
    json_answer(Value::Array(shown))
}

/// Tells the address of the file itself.
pub(in crate::gorgias) fn download(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let missing = || Refusal::not_found("File");
    if call.id("domain_hash") != domain_hash(&account.domain) {
        return Err(missing());
    }
    let (id, name) = call.id("resource_name").split_once('-').ok_or_else(missing)?;
    let id = id.parse().map_err(|_| missing())?;
    let file = account.files.find(id).ok_or_else(missing)?;
    if file.text("name") != Some(name) || file.text("type") != Some(call.id("file_type")) {
        return Err(missing());
    }
    Ok(Answer::Redirect {
        status: None,
        location: format!("{}/signed/{}/{}", call.origin, account.domain, pass(account, id)),
    })
}

/// What lets whoever has it read a file for a while: when that ends, the file, and a checksum over both.
fn pass(account: &Account, id: i64) -> i64 {
    let until = account.now / LIFETIME + 1;
    (((until << NUMBER_BITS) | id) << SEAL_BITS) | seal(account, until, id)
}

fn seal(account: &Account, until: i64, id: i64) -> i64 {
    let mut hasher = DefaultHasher::new();
    ("file", &account.domain, until, id).hash(&mut hasher);
    i64::try_from(hasher.finish() >> (64 - SEAL_BITS)).unwrap_or_default()
}

/// What a pass opens.
pub(in crate::gorgias) fn content(account: &Account, pass: i64) -> Option<Upload> {
    let until = pass >> (NUMBER_BITS + SEAL_BITS);
    let id = (pass >> SEAL_BITS) & ((1 << NUMBER_BITS) - 1);
    let sealed = pass & ((1 << SEAL_BITS) - 1);
    if sealed != seal(account, until, id) || until < account.now / LIFETIME {
        return None;
    }
    stored(account.files.find(id)?)
}

/// A file as it was taken in.
pub(super) fn stored(file: &Object) -> Option<Upload> {
    let text = |name: &str| file.text(name).unwrap_or_default().to_owned();
    Some(Upload {
        label: text("label"),
        name: text("name"),
        content_type: text("content_type"),
        bytes: STANDARD.decode(text("content")).ok()?.into(),
    })
}
