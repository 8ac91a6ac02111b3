//! Phone calls, what happened in them, and their recordings. All are written by the helpdesk itself.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{Account, Members, Object, Outcome, Table, asked, id, json_answer};
use crate::engine::{Answer, Call, Refusal};

fn show(record: &Object) -> Value {
    json!(record)
}

/// A list of records, all or those with the number asked for.
fn list(account: &Account, call: &Call, table: &Table, member: &str) -> Outcome {
    let wanted = asked(call, member);
    let records = table
        .all()
        .filter(|(_, record)| wanted.is_none_or(|wanted| record.number(member) == Some(wanted)));
    listed(account, call, records, "created_datetime:desc", show)
}

pub(in crate::gorgias) fn list_calls(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    list(account, call, &account.voice_calls, "ticket_id")
}

pub(in crate::gorgias) fn get_call(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.voice_calls.get(id(call, "id"))?))
}

pub(in crate::gorgias) fn list_events(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    list(account, call, &account.voice_call_events, "call_id")
}

pub(in crate::gorgias) fn get_event(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.voice_call_events.get(id(call, "id"))?))
}

pub(in crate::gorgias) fn list_recordings(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    list(account, call, &account.voice_call_recordings, "call_id")
}

pub(in crate::gorgias) fn get_recording(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.voice_call_recordings.get(id(call, "id"))?))
}

/// Takes the sound away; the record stays and tells who did it.
pub(in crate::gorgias) fn remove_recording(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    if account
        .voice_call_recordings
        .get(id)?
        .some("deleted_datetime")
        .is_some()
    {
        return Err(Refusal::not_found("Voice call recording"));
    }
    let now = account.tick();
    let recording = account.voice_call_recordings.change(id)?;
    recording.insert("url".to_owned(), Value::Null);
    recording.insert("deleted_datetime".to_owned(), json!(now));
    recording.insert("deleted_by_user_id".to_owned(), json!(by.user_id));
    let of = (
        recording.number("call_id").unwrap_or_default(),
        recording.get("type").cloned(),
    );
    let mut others = account.voice_call_recordings.all();
    let left = others.any(|(_, other)| {
        (other.number("call_id").unwrap_or_default(), other.get("type").cloned()) == of
            && other.some("deleted_datetime").is_none()
    });
    if !left && let Ok(one) = account.voice_calls.change(of.0) {
        let voicemail = of.1 == Some(json!("voicemail"));
        let mark = if voicemail {
            "has_voicemail"
        } else {
            "has_call_recording"
        };
        one.insert(mark.to_owned(), json!(false));
        one.insert("updated_datetime".to_owned(), json!(now));
    }
    Ok(Answer::Empty)
}
