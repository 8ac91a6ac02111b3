//! Phone calls, what happened in them, and their recordings.

use super::{CURSOR, LIMIT, Operation, delete, get};
use crate::gorgias::forms::{NUMBER_PARAM, query};
use crate::gorgias::operations::voice;

pub(super) static VOICE: &[Operation] = &[
    get("list_voice_calls", "/api/phone/voice-calls")
        .query(&[query("ticket_id", NUMBER_PARAM), CURSOR, LIMIT])
        .on(voice::list_calls),
    get("get_voice_call", "/api/phone/voice-calls/{id}").on(voice::get_call),
    get("list_voice_call_events", "/api/phone/voice-call-events")
        .query(&[query("call_id", NUMBER_PARAM), CURSOR, LIMIT])
        .on(voice::list_events),
    get("get_voice_call_event", "/api/phone/voice-call-events/{id}").on(voice::get_event),
    get("list_voice_call_recordings", "/api/phone/voice-call-recordings")
        .query(&[query("call_id", NUMBER_PARAM), CURSOR, LIMIT])
        .on(voice::list_recordings),
    get("get_voice_call_recording", "/api/phone/voice-call-recordings/{id}").on(voice::get_recording),
    delete("delete_voice_call_recording", "/api/phone/voice-call-recordings/{id}").on(voice::remove_recording),
];
