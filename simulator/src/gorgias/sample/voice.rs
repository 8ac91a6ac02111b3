//! Phone calls of the sample shops: one for each ticket that came by phone, with what happened in it and what was recorded.

use axum::body::Bytes;
use fastrand::Rng;
use serde_json::{Value, json};

use super::super::operations::files;
use super::super::records::{Account, Members, Object, object};
use super::super::time::{self, SECOND};
use super::workspace::Shop;
use crate::engine::Upload;

/// The number the vendor knows the account by.
const ACCOUNT_NUMBER: i64 = 48_213;
/// Samples of sound a second in recordings.
const RATE: u32 = 800;

/// How a call went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    /// A customer called and somebody took it.
    Taken,
    /// Taken, and passed on to another agent.
    PassedOn,
    /// Nobody took it; the customer left a message.
    Voicemail,
    Missed,
    /// An agent called the customer.
    Outgoing,
    OutgoingBusy,
}

const COURSES: &[Course] = &[
    Course::Taken,
    Course::Voicemail,
    Course::Taken,
    Course::Outgoing,
    Course::PassedOn,
    Course::Missed,
    Course::Taken,
    Course::OutgoingBusy,
];

const SUMMARIES: &[&str] = &[
    "The customer asked where the parcel is. The agent promised to ask the carrier and to write by tomorrow.",
    "The customer wants to send back one of two items. The agent explained how to print the label.",
    "The customer cannot log in. The agent sent a new link; the customer could log in during the call.",
    "The customer was charged twice. The agent booked the refund of the second charge.",
];

/// A tone as a WAVE file of so many seconds, eight bits a sample.
fn tone(seconds: u32, pitch: u32) -> Vec<u8> {
    let length = seconds * RATE;
    let mut bytes = Vec::with_capacity(44 + length as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(RATE.to_le_bytes());
    bytes.extend(RATE.to_le_bytes());
    // One byte a frame, eight bits.
    bytes.extend([1, 0, 8, 0]);
    bytes.extend(b"data");
    bytes.extend(length.to_le_bytes());
    let half = (RATE / (2 * pitch)).max(1);
    bytes.extend((0..length).map(|index| if (index / half).is_multiple_of(2) { 96_u8 } else { 160 }));
    bytes
}

/// The telephone number of a customer, or one that is reserved for examples.
fn number_of(account: &Account, customer: i64) -> String {
    let known = account.customers.find(customer).and_then(|customer| {
        let mut channels = customer.items("channels").iter();
        let phone = channels.find(|channel| channel["type"] == "phone")?;
        phone["address"].as_str().map(str::to_owned)
    });
    known.unwrap_or_else(|| format!("+155501{:02}", 10 + customer % 80))
}

/// A call that is being written.
struct Writing<'a> {
    account: &'a mut Account,
    call: i64,
    customer: i64,
    at: i64,
}

impl Writing<'_> {
    /// Something that happened so many seconds later.
    fn event(&mut self, later: i64, kind: &str, user: Option<i64>, meta: Value) {
        self.at += later * SECOND;
        self.account.voice_call_events.add(object(json!({
            "type": kind,
            "account_id": ACCOUNT_NUMBER,
            "call_id": self.call,
            "user_id": user,
            "customer_id": self.customer,
            "meta": meta,
            "created_datetime": time::text(self.at),
        })));
    }

    /// A recording, and the file with its sound. A private one tells no address.
    fn recording(&mut self, kind: &str, seconds: u32, private: bool) -> i64 {
        let name = format!("{kind}-{}.wav", self.call);
        let sound = Upload {
            label: name.clone(),
            name,
            content_type: "audio/wav".to_owned(),
            bytes: Bytes::from(tone(2, 40 + u32::try_from(self.call % 60).unwrap_or_default())),
        };
        let file = files::new(self.account, "recording", &sound);
        let number = self.account.files.add(file.clone());
        let path = files::path(self.account, number, &file);
        let url = format!("https://{}.gorgias.com{path}", self.account.domain);
        let call = self.call;
        self.account.voice_call_recordings.add(object(json!({
            "call_id": call,
            "external_id": format!("RE{:032x}", 0x51_0000 + call),
            "url": (!private).then_some(url),
            "duration": seconds,
            "type": kind,
            "error_code": private.then_some("RECORDING_IS_PRIVATE"),
            "created_datetime": time::text(self.at),
            "deleted_datetime": null,
            "deleted_by_user_id": null,
        })))
    }
}

/// A call of a ticket, without what became of it.
fn blank(shop: &Shop, ticket: i64, customer: i64, number: &str, outgoing: bool, integration: i64, at: i64) -> Object {
    let country = |number: &str| if number.starts_with("+1") { "US" } else { "FR" };
    let (from, to) = if outgoing {
        (shop.phone, number)
    } else {
        (number, shop.phone)
    };
    object(json!({
        "integration_id": integration,
        "ticket_id": ticket,
        "phone_number_id": 1,
        "external_id": format!("CA{:032x}", 0x42_0000 + ticket),
        "provider": "twilio",
        "status": "completed",
        "direction": if outgoing { "outbound" } else { "inbound" },
        "phone_number_source": from,
        "country_source": country(from),
        "phone_number_destination": to,
        "country_destination": country(to),
        "duration": null,
        "started_datetime": time::text(at),
        "created_datetime": time::text(at),
        "updated_datetime": time::text(at),
        "initiated_by_agent_id": null,
        "last_answered_by_agent_id": null,
        "last_rang_agent_id": null,
        "last_monitoring_agent_id": null,
        "monitoring_status": null,
        "answered_by_external_number": null,
        "answered_by_external_customer_id": null,
        "customer_id": customer,
        "queue_id": null,
        "status_in_queue": null,
        "has_voicemail": false,
        "has_call_recording": false,
        "summaries": [],
    }))
}

/// What a call's course adds to it.
struct Outcome {
    status: &'static str,
    talked: u32,
    answered: bool,
}

fn add_call(account: &mut Account, shop: &Shop, rng: &mut Rng, ticket: i64, course: Course) {
    let Some(fields) = account.tickets.get(&ticket).map(|ticket| &ticket.fields) else {
        return;
    };
    let customer = fields.number("customer_id").unwrap_or_default();
    let at = fields
        .text("created_datetime")
        .and_then(time::parse)
        .unwrap_or(account.now);
    let integration = account.integrations.with("type", "phone").map_or(0, |(id, _)| id);
    let number = number_of(account, customer);
    let agents: Vec<i64> = account
        .users
        .all()
        .map(|(id, _)| id)
        .take(if shop.large { 5 } else { 2 })
        .collect();
    let Some(agent) = rng.choice(&agents).copied() else {
        return;
    };
    let other = agents.iter().copied().find(|other| *other != agent).unwrap_or(agent);
    let outgoing = matches!(course, Course::Outgoing | Course::OutgoingBusy);
    let talked = rng.u32(45..600);
    let call = blank(shop, ticket, customer, &number, outgoing, integration, at);
    let call = account.voice_calls.add(call);
    let mut writing = Writing {
        account,
        call,
        customer,
        at,
    };
    let outcome = write(&mut writing, course, agent, other, talked);
    let mut summary = None;
    if outcome.answered {
        let private = call % 5 == 0;
        let recording = writing.recording("call-recording", outcome.talked, private);
        writing.event(1, "call-recording", None, json!({"recording_id": recording}));
        summary = Some((recording, writing.at));
    } else if course == Course::Voicemail {
        let recording = writing.recording("voicemail", 24, false);
        writing.event(1, "voicemail-recording", None, json!({"recording_id": recording}));
    }
    let ended = writing.at;
    let Ok(record) = account.voice_calls.change(call) else {
        return;
    };
    let mut put = |name: &str, value: Value| drop(record.insert(name.to_owned(), value));
    put("status", json!(outcome.status));
    put("updated_datetime", json!(time::text(ended)));
    put("duration", json!(outcome.talked));
    put("has_voicemail", json!(course == Course::Voicemail));
    put("has_call_recording", json!(outcome.answered));
    let last = if course == Course::PassedOn { other } else { agent };
    if outgoing {
        put("initiated_by_agent_id", json!(agent));
    } else {
        put("last_rang_agent_id", json!(last));
        put("queue_id", json!(1));
        put(
            "status_in_queue",
            json!(if outcome.answered { "answered" } else { "exited" }),
        );
    }
    if outcome.answered && !outgoing {
        put("last_answered_by_agent_id", json!(last));
    }
    if let Some((recording, when)) = summary {
        let text = SUMMARIES[rng.usize(..SUMMARIES.len())];
        let summary = json!({
            "id": call, "recording_id": recording, "summary": text, "created_datetime": time::text(when),
        });
        put("summaries", json!([summary]));
    }
}

/// Writes what happens in a call.
fn write(writing: &mut Writing<'_>, course: Course, agent: i64, other: i64, talked: u32) -> Outcome {
    let half = i64::from(talked / 2);
    let whole = i64::from(talked);
    let nothing = || json!({});
    let unanswered = |status| Outcome {
        status,
        talked: 0,
        answered: false,
    };
    let answered = Outcome {
        status: "completed",
        talked,
        answered: true,
    };
    match course {
        Course::Taken => {
            writing.event(0, "incoming-phone-call", None, nothing());
            writing.event(2, "message-played", None, json!({"type": "greeting"}));
            writing.event(6, "phone-call-ringing", Some(agent), nothing());
            writing.event(8, "phone-call-answered", Some(agent), nothing());
            writing.event(1, "phone-call-conversation-started", Some(agent), nothing());
            writing.event(whole, "completed-phone-call", Some(agent), json!({"duration": talked}));
            answered
        }
        Course::PassedOn => {
            writing.event(0, "incoming-phone-call", None, nothing());
            writing.event(4, "phone-call-answered", Some(agent), nothing());
            writing.event(
                half,
                "phone-call-transferred-to-agent",
                Some(agent),
                json!({"to_user_id": other}),
            );
            writing.event(9, "phone-call-transfer-to-agent-accepted", Some(other), nothing());
            writing.event(
                whole - half,
                "completed-phone-call",
                Some(other),
                json!({"duration": talked}),
            );
            answered
        }
        Course::Voicemail => {
            writing.event(0, "incoming-phone-call", None, nothing());
            writing.event(3, "phone-call-ringing", Some(agent), nothing());
            writing.event(25, "missed-phone-call", Some(agent), nothing());
            writing.event(1, "message-played", None, json!({"type": "voicemail"}));
            writing.event(30, "completed-phone-call", None, json!({"duration": 24}));
            unanswered("missed")
        }
        Course::Missed => {
            writing.event(0, "incoming-phone-call", None, nothing());
            writing.event(3, "phone-call-ringing", Some(agent), nothing());
            writing.event(12, "declined-phone-call", Some(agent), nothing());
            writing.event(14, "missed-phone-call", None, nothing());
            unanswered("missed")
        }
        Course::Outgoing => {
            writing.event(0, "outgoing-phone-call", Some(agent), nothing());
            writing.event(7, "outgoing-phone-call-connected", Some(agent), nothing());
            // The vendor writes this one's particulars as text at times.
            writing.event(
                whole,
                "completed-phone-call",
                Some(agent),
                json!(format!("{{\"duration\": {talked}}}")),
            );
            answered
        }
        Course::OutgoingBusy => {
            writing.event(0, "outgoing-phone-call", Some(agent), nothing());
            writing.event(3, "phone-call-dial-failed", Some(agent), json!({"reason": "busy"}));
            unanswered("busy")
        }
    }
}

pub(super) fn add(account: &mut Account, shop: &Shop, rng: &mut Rng) {
    let tickets: Vec<i64> = account
        .tickets
        .iter()
        .filter(|(_, ticket)| ticket.fields.text("channel") == Some("phone"))
        .map(|(id, _)| *id)
        .collect();
    for (ticket, course) in tickets.into_iter().zip(COURSES.iter().cycle()) {
        add_call(account, shop, rng, ticket, *course);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_a_whole_wave_file() {
        let bytes = tone(2, 40);
        assert_eq!(bytes.len(), 44 + 2 * 800);
        assert_eq!(
            (&bytes[..4], &bytes[8..12], &bytes[36..40]),
            (&b"RIFF"[..], &b"WAVE"[..], &b"data"[..])
        );
        let length = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        assert_eq!(length as usize, bytes.len() - 8);
        assert!(bytes[44..].contains(&96) && bytes[44..].contains(&160));
    }
}
