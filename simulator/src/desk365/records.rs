//! What a Desk365 tenant holds.

use std::collections::BTreeMap;

use axum::body::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::engine::{Moment, Refusal, Upload};

/// How Desk365 writes "nobody" and "nothing" in filters and updates.
pub(super) const UNASSIGNED: &str = "--";

#[derive(Debug, Clone, Serialize)]
pub(super) struct Ticket {
    pub(super) ticket_number: i64,
    pub(super) contact_email: String,
    pub(super) subject: String,
    pub(super) description: Option<String>,
    pub(super) status: String,
    pub(super) priority: i64,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) source: i64,
    pub(super) form_name: Option<String>,
    pub(super) assigned_to: Option<String>,
    pub(super) sla: String,
    pub(super) group: Option<String>,
    pub(super) category: Option<String>,
    pub(super) subcategory: Option<String>,
    pub(super) created_on: Moment,
    pub(super) updated_on: Option<Moment>,
    pub(super) resolved_on: Option<Moment>,
    pub(super) closed_on: Option<Moment>,
    pub(super) due_date: Option<Moment>,
    pub(super) first_response_time: Option<Moment>,
    pub(super) first_assigned_time: Option<Moment>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) survey: Option<TicketSurvey>,
    pub(super) attachments: Vec<u64>,
    pub(super) watchers: Vec<String>,
    pub(super) share_to: Vec<String>,
    pub(super) updated_by: Option<String>,
    pub(super) updated_by_type: Option<i64>,
    pub(super) closed_by: Option<String>,
    pub(super) closed_by_type: Option<i64>,
    pub(super) merged: bool,
    pub(super) archived: bool,
}

impl Ticket {
    /// The last change, which is the creation as long as nothing was changed.
    pub(super) fn last_change(&self) -> Moment {
        self.updated_on.unwrap_or(self.created_on)
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct TicketSurvey {
    pub(super) survey_name: String,
    pub(super) sent_on: Moment,
    pub(super) rated_on: Option<Moment>,
    pub(super) rating: Option<i64>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MessageKind {
    ContactReply,
    AgentReply,
    PrivateNote,
    PublicNote,
    Forward,
}

/// A reply, a note or a forward.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) ticket_number: i64,
    pub(super) kind: MessageKind,
    pub(super) created_by: String,
    pub(super) creator_name: String,
    pub(super) to_address: Option<String>,
    pub(super) cc_address: Option<String>,
    pub(super) bcc_address: Option<String>,
    pub(super) notified_agents: Option<String>,
    pub(super) body: String,
    pub(super) attachments: Vec<u64>,
    pub(super) created_on: Moment,
    pub(super) bounced: bool,
}

/// A mail that went out because of a request.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Mail {
    pub(super) ticket_number: i64,
    /// `reply` or `public_note`.
    pub(super) kind: &'static str,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cc: Vec<String>,
    pub(super) bcc: Vec<String>,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) attachments: Vec<String>,
    pub(super) sent_on: Moment,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) primary_email: String,
    pub(super) secondary_emails: Option<String>,
    pub(super) is_deleted: i64,
    pub(super) title: Option<String>,
    pub(super) mobile: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) company_name: Option<String>,
    pub(super) created_on: Moment,
    pub(super) updated_on: Option<Moment>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) attachments: Vec<u64>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Company {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) address: Option<String>,
    pub(super) city: Option<String>,
    pub(super) state: Option<String>,
    pub(super) country: Option<String>,
    pub(super) zipcode: Option<String>,
    pub(super) sla: String,
    pub(super) domains: Vec<String>,
    pub(super) created_on: Moment,
    pub(super) updated_on: Option<Moment>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) attachments: Vec<u64>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct TimeEntry {
    pub(super) id: i64,
    pub(super) ticket_number: i64,
    pub(super) agent_email: String,
    pub(super) note: Option<String>,
    pub(super) billable: i64,
    pub(super) created_time: Moment,
    pub(super) updated_time: Option<Moment>,
    pub(super) start_time: Moment,
    pub(super) time_spent_in_minutes: i64,
    pub(super) timer_running: i64,
    pub(super) additional_info: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Survey {
    pub(super) survey_name: String,
    pub(super) survey_type: i64,
    pub(super) scale: i64,
    pub(super) rating_order: i64,
    pub(super) neutral_type: i64,
    pub(super) points: Vec<(i64, String)>,
    pub(super) thankyou_text: String,
    pub(super) questions: Vec<String>,
    pub(super) comments_title: Option<String>,
    pub(super) notify_type: i64,
    pub(super) is_active: bool,
    pub(super) is_deleted: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Contract {
    pub(super) name: String,
    pub(super) company: String,
    pub(super) start_date: Moment,
    pub(super) end_date: Moment,
    pub(super) reference_number: String,
    pub(super) setup_fees: i64,
    pub(super) sla: String,
    pub(super) category: Option<String>,
    pub(super) is_active: bool,
    pub(super) is_default: bool,
    pub(super) bill_cycle: i64,
    pub(super) after_hours_included: bool,
    pub(super) contract_type: i64,
    pub(super) contract_hours: Option<i64>,
    pub(super) min_increment: Option<i64>,
    pub(super) rollover_unused_hours: Option<bool>,
    pub(super) rollover_type: Option<i64>,
    pub(super) rollover_value: Option<i64>,
    pub(super) contract_tickets: Option<i64>,
    pub(super) used_minutes: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct KbCategory {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) created_by_email: String,
    pub(super) created_on: Moment,
    pub(super) support_portal_visibility: i64,
    pub(super) company_list: Vec<String>,
    pub(super) agent_portal_visibility: i64,
    pub(super) agent_group_list: Vec<String>,
    pub(super) order: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct KbFolder {
    pub(super) name: String,
    pub(super) category: String,
    pub(super) created_by_email: String,
    pub(super) created_on: Moment,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct KbArticle {
    pub(super) id: i64,
    pub(super) article_title: String,
    pub(super) article_content: String,
    pub(super) category_name: String,
    pub(super) folder_name: Option<String>,
    pub(super) attachments: Vec<u64>,
    pub(super) created_by_email: String,
    pub(super) updated_by_email: Option<String>,
    pub(super) created_on: Moment,
    pub(super) updated_on: Option<Moment>,
    pub(super) views: i64,
    pub(super) likes: i64,
    pub(super) dislikes: i64,
    /// 0 draft, 1 published, 2 draft of a published article.
    pub(super) status: i64,
}

impl KbArticle {
    /// Whether readers see it.
    pub(super) fn is_live(&self) -> bool {
        self.status != 0
    }
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Agent {
    pub(super) name: String,
    pub(super) email: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Sla {
    pub(super) name: String,
    /// Hours to resolve a ticket of low, medium, high and urgent priority.
    pub(super) hours: [i64; 4],
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct CategoryNames {
    pub(super) name: String,
    pub(super) subcategories: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct CustomField {
    /// `cf_` and the display name.
    pub(super) key: String,
    pub(super) kind: CustomKind,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CustomKind {
    Text,
    Number,
    Checkbox,
    Dropdown(Vec<String>),
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Attachment {
    pub(super) id: u64,
    pub(super) file_name: String,
    pub(super) file_type: String,
    pub(super) file_size: usize,
    pub(super) created_on: Moment,
    #[serde(skip)]
    pub(super) bytes: Bytes,
}

/// A tenant: its settings and its records.
#[derive(Debug, Serialize)]
pub(super) struct Tenant {
    pub(super) subdomain: String,
    #[serde(skip)]
    pub(super) api_key: String,
    /// The agent the key belongs to.
    pub(super) key_owner: String,
    pub(super) support_email: String,
    pub(super) mailboxes: Vec<String>,
    pub(super) contracts_enabled: bool,
    pub(super) statuses: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) forms: Vec<String>,
    pub(super) slas: Vec<Sla>,
    pub(super) categories: Vec<CategoryNames>,
    pub(super) ticket_fields: Vec<CustomField>,
    pub(super) contact_fields: Vec<CustomField>,
    pub(super) company_fields: Vec<CustomField>,
    pub(super) contract_categories: Vec<String>,
    pub(super) agents: Vec<Agent>,
    pub(super) contacts: Vec<Contact>,
    pub(super) companies: Vec<Company>,
    /// By ascending number.
    pub(super) tickets: Vec<Ticket>,
    /// By ticket number, oldest first.
    pub(super) conversations: BTreeMap<i64, Vec<Message>>,
    pub(super) mails: Vec<Mail>,
    pub(super) time_entries: Vec<TimeEntry>,
    pub(super) surveys: Vec<Survey>,
    pub(super) contracts: Vec<Contract>,
    pub(super) kb_categories: Vec<KbCategory>,
    pub(super) kb_folders: Vec<KbFolder>,
    pub(super) kb_articles: Vec<KbArticle>,
    pub(super) locations: Vec<BTreeMap<&'static str, String>>,
    pub(super) attachments: Vec<Attachment>,
    /// The simulated clock.
    pub(super) now: Moment,
    /// The last identifier given to a message, time entry or article.
    #[serde(skip)]
    pub(super) last_id: i64,
}

/// Mail addresses are compared without regard to case.
pub(super) fn same_email(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase()
}

/// The addresses of a comma-separated list.
pub(super) fn split_list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `1970-01-01 00:00:00` stands for never.
pub(super) fn updated_text(moment: Option<Moment>) -> String {
    moment.unwrap_or_default().text()
}

impl Tenant {
    /// Moves the clock by a second, for a new record or a change.
    pub(super) fn tick(&mut self) -> Moment {
        self.now = Moment(self.now.0.saturating_add(1));
        self.now
    }

    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn ticket_index(&self, number: i64) -> Result<usize, Refusal> {
        self.tickets
            .binary_search_by_key(&number, |ticket| ticket.ticket_number)
            .map_err(|_| Refusal::not_found("Ticket"))
    }

    pub(super) fn messages(&self, number: i64) -> &[Message] {
        self.conversations.get(&number).map_or(&[], Vec::as_slice)
    }

    /// The contact with this primary address.
    pub(super) fn contact(&self, email: &str) -> Option<&Contact> {
        self.contacts
            .iter()
            .find(|contact| same_email(&contact.primary_email, email))
    }

    /// The contact with this address, primary or secondary.
    pub(super) fn contact_by_any(&self, email: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| {
            same_email(&contact.primary_email, email)
                || split_list(contact.secondary_emails.as_deref().unwrap_or_default())
                    .iter()
                    .any(|other| same_email(other, email))
        })
    }

    pub(super) fn company_of(&self, contact_email: &str) -> Option<&str> {
        self.contact(contact_email)
            .and_then(|contact| contact.company_name.as_deref())
    }

    /// The agent's address as configured.
    pub(super) fn agent_email(&self, email: &str) -> Result<String, Refusal> {
        self.agents
            .iter()
            .find(|agent| same_email(&agent.email, email))
            .map(|agent| agent.email.clone())
            .ok_or_else(|| Refusal::bad(format!("No agent has the email {email}")))
    }

    pub(super) fn agent_name(&self, email: &str) -> String {
        self.agents
            .iter()
            .find(|agent| same_email(&agent.email, email))
            .map_or_else(|| email.to_owned(), |agent| agent.name.clone())
    }

    /// The company's SLA, or the account's default.
    pub(super) fn sla_for(&self, company: Option<&str>) -> String {
        let default = self.slas.first().map(|sla| sla.name.clone()).unwrap_or_default();
        let named = company.and_then(|name| self.companies.iter().find(|company| company.name == name));
        match named {
            Some(company) if self.slas.iter().any(|sla| sla.name == company.sla) => company.sla.clone(),
            _ => default,
        }
    }

    /// When a ticket under this SLA is due.
    pub(super) fn due(&self, sla: &str, priority: i64, created: Moment) -> Option<Moment> {
        let sla = self.slas.iter().find(|known| known.name == sla)?;
        let [low, medium, high, urgent] = sla.hours;
        let hours = match priority {
            20 => urgent,
            10 => high,
            5 => medium,
            _ => low,
        };
        Some(created.plus_minutes(hours * 60))
    }

    /// Keeps files; gives their identifiers.
    pub(super) fn keep_files(&mut self, files: &[Upload]) -> Vec<u64> {
        let now = self.now;
        files
            .iter()
            .map(|file| {
                let id = self.attachments.len() as u64 + 1;
                self.attachments.push(Attachment {
                    id,
                    file_name: file.name.clone(),
                    file_type: file.content_type.clone(),
                    file_size: file.bytes.len(),
                    created_on: now,
                    bytes: file.bytes.clone(),
                });
                id
            })
            .collect()
    }

    pub(super) fn attachment(&self, id: u64) -> Option<&Attachment> {
        self.attachments.iter().find(|attachment| attachment.id == id)
    }

    /// Attachments as they stand in answers.
    pub(super) fn attachments_json(&self, ids: &[u64], origin: &str) -> Value {
        ids.iter()
            .filter_map(|id| self.attachment(*id))
            .map(|attachment| {
                let name = utf8_percent_encode(&attachment.file_name, NON_ALPHANUMERIC);
                json!({
                    "file_name": attachment.file_name,
                    "file_size": attachment.file_size,
                    "file_type": attachment.file_type,
                    "attachment_url": format!("{origin}/{}/files/{}/{name}", self.subdomain, attachment.id),
                    "created_on": attachment.created_on,
                })
            })
            .collect()
    }

    /// The name as configured, if it is among the given ones to the letter.
    pub(super) fn check_name(what: &str, name: &str, known: &[String]) -> Result<(), Refusal> {
        if known.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(Refusal::bad(format!("{what} `{name}` does not exist")))
    }

    pub(super) fn check_sla(&self, name: &str) -> Result<(), Refusal> {
        if self.slas.iter().any(|sla| sla.name == name) {
            return Ok(());
        }
        Err(Refusal::bad(format!("SLA `{name}` does not exist")))
    }
}

/// Checks custom field names and values against the tenant's fields.
pub(super) fn check_custom(fields: &[CustomField], given: &Map<String, Value>) -> Result<(), Refusal> {
    for (key, value) in given {
        let Some(field) = fields.iter().find(|field| field.key == *key) else {
            return Err(Refusal::bad(format!("Unknown custom field: {key}")));
        };
        let fits = match &field.kind {
            _ if value.is_null() => true,
            CustomKind::Text => value.is_string(),
            CustomKind::Number => value.is_number(),
            CustomKind::Checkbox => value.is_boolean(),
            CustomKind::Dropdown(choices) => value
                .as_str()
                .is_some_and(|text| choices.iter().any(|choice| choice == text)),
        };
        if !fits {
            return Err(Refusal::bad(format!(
                "The value of custom field {key} does not fit its type"
            )));
        }
    }
    Ok(())
}

/// All fields of a kind, null where a record has no value.
pub(super) fn all_custom(fields: &[CustomField], values: &Map<String, Value>) -> Map<String, Value> {
    fields
        .iter()
        .map(|field| {
            (
                field.key.clone(),
                values.get(&field.key).cloned().unwrap_or(Value::Null),
            )
        })
        .collect()
}

/// HTML without tags; line breaks are dropped, as Desk365 does it.
pub(super) fn flatten(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            '\r' | '\n' => {}
            _ if in_tag => {}
            _ => text.push(letter),
        }
    }
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// Members of a checked body.
pub(super) trait BodyExt {
    /// A string that was given.
    fn text(&self, name: &str) -> Option<String>;
    /// An integer that was given.
    fn number(&self, name: &str) -> Option<i64>;
    /// A boolean that was given.
    fn boolean(&self, name: &str) -> Option<bool>;
    /// A list of strings that was given.
    fn texts(&self, name: &str) -> Option<Vec<String>>;
    /// An object that was given.
    fn object(&self, name: &str) -> Option<&Map<String, Value>>;
}

impl BodyExt for Map<String, Value> {
    fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(str::to_owned)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(
            self.get(name)?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        )
    }

    fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.get(name)?.as_object()
    }
}
