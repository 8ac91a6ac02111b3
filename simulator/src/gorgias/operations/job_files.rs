//! The files that jobs write and read: tickets and macros as tables.

use std::collections::BTreeSet;

use axum::body::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::super::records::{Account, Members, Object, object};
use super::super::shapes::automation::MACRO_CREATE;
use super::{files, macros};
use crate::engine::{Kind, Refusal, Upload, problems_with};

const TICKET_COLUMNS: &[&str] = &[
    "id",
    "status",
    "priority",
    "channel",
    "subject",
    "customer",
    "assignee_user",
    "assignee_team",
    "tags",
    "messages_count",
    "created_datetime",
    "closed_datetime",
];
const MACRO_COLUMNS: &[&str] = &["name", "external_id", "intent", "language", "actions"];

/// Writes a table into a file and gives the path of it.
fn store(account: &mut Account, name: &str, rows: &[Vec<String>]) -> Result<String, Refusal> {
    let broken = |_| Refusal::new(500, "The file could not be written");
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(broken)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|_| Refusal::new(500, "The file could not be written"))?;
    let upload = Upload {
        label: name.to_owned(),
        name: name.to_owned(),
        content_type: "text/csv".to_owned(),
        bytes: Bytes::from(bytes),
    };
    let file = files::new(account, "export", &upload);
    let id = account.files.add(file.clone());
    Ok(files::path(account, id, &file))
}

fn head(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

fn plain(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
    }
}

/// Exports tickets; gives the path of the file.
pub(super) fn export_tickets(account: &mut Account, ids: &BTreeSet<i64>) -> Result<String, Refusal> {
    let mut rows = vec![head(TICKET_COLUMNS)];
    for (id, ticket) in &account.tickets {
        if !ids.contains(id) {
            continue;
        }
        let fields = &ticket.fields;
        let tags = fields.numbers("tags");
        let tags: Vec<&str> = tags
            .iter()
            .filter_map(|id| account.tags.find(*id)?.text("name"))
            .collect();
        let named = |table: &super::super::records::Table, member: &str, name: &str| {
            plain(fields.number(member).and_then(|id| table.find(id)?.get(name)))
        };
        let cell = |column: &&str| match *column {
            "customer" => named(&account.customers, "customer_id", "email"),
            "assignee_user" => named(&account.users, "assignee_user_id", "email"),
            "assignee_team" => named(&account.teams, "assignee_team_id", "name"),
            "tags" => tags.join(", "),
            "messages_count" => ticket.messages.len().to_string(),
            column => plain(fields.get(column)),
        };
        rows.push(TICKET_COLUMNS.iter().map(cell).collect());
    }
    store(account, "tickets.csv", &rows)
}

/// Exports all macros; gives the path of the file and how many there are.
pub(super) fn export_macros(account: &mut Account) -> Result<(String, usize), Refusal> {
    let mut rows = vec![head(MACRO_COLUMNS)];
    for (_, one) in account.macros.all() {
        rows.push(MACRO_COLUMNS.iter().map(|column| plain(one.get(*column))).collect());
    }
    let path = store(account, "macros.csv", &rows)?;
    Ok((path, rows.len() - 1))
}

/// The bytes of a file of the account, by its address.
fn fetch(account: &Account, url: &str) -> Option<Vec<u8>> {
    let (_, path) = url.split_once("/download/")?;
    let (hash, name) = path.split_once('/')?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    let (id, name) = name.split_once('-')?;
    let file = account.files.find(id.parse().ok()?)?;
    let own = hash == files::domain_hash(&account.domain) && file.text("name") == Some(name);
    own.then(|| files::stored(file))?.map(|upload| upload.bytes.to_vec())
}

/// A row of an import as the body that would make the macro.
fn body(header: &csv::StringRecord, row: &csv::StringRecord) -> Result<Object, String> {
    let mut body = Object::new();
    for (column, text) in header.iter().zip(row.iter()).filter(|(_, text)| !text.is_empty()) {
        let value = match column {
            "actions" => serde_json::from_str(text).map_err(|_| "actions is not JSON".to_owned())?,
            _ => json!(text),
        };
        body.insert(column.to_owned(), value);
    }
    let problems = problems_with(&Kind::Object(&MACRO_CREATE), &Value::Object(body.clone()), "row");
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    macros::check_actions(&body).map_err(|refusal| refusal.message)?;
    Ok(body)
}

/// Makes the macros of a table that was uploaded before; gives how many rows there are, and what is wrong with some.
pub(super) fn import_macros(account: &mut Account, url: &str, by: i64) -> Result<(usize, Vec<String>), Refusal> {
    let bytes = fetch(account, url).ok_or_else(|| Refusal::bad("The file could not be fetched"))?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let unreadable = |_| Refusal::bad("The file is no table of comma-separated values");
    let header = reader.headers().map_err(unreadable)?.clone();
    let mut bodies = Vec::new();
    for row in reader.records() {
        bodies.push(body(&header, &row.map_err(unreadable)?));
    }
    let now = account.now();
    let (total, mut wrong) = (bodies.len(), Vec::new());
    for (index, body) in bodies.into_iter().enumerate() {
        match body {
            Ok(body) => {
                let id = account.macros.add(macros::new(&object(json!(body)), &now));
                account.note("macro-created", "Macro", id, Some(by), Value::Null);
            }
            Err(problem) => wrong.push(format!("row {}: {problem}", index + 1)),
        }
    }
    Ok((total, wrong))
}
