//! Widgets: what agents see of other systems beside a ticket.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::paging::listed;
use super::super::records::{
    Account, Members, Object, Outcome, asked, id, json_answer, object, settle_moments, take, with_uri,
};
use crate::engine::{Answer, Call, Refusal};

fn show(widget: &Object) -> Value {
    with_uri(widget, "widgets")
}

pub(in crate::gorgias) fn list(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let integration = asked(call, "integration_id");
    let app = call.given("app_id");
    let widgets = account.widgets.all().filter(|(_, widget)| {
        integration.is_none_or(|wanted| widget.number("integration_id") == Some(wanted))
            && app.is_none_or(|wanted| widget.text("app_id") == Some(wanted))
    });
    listed(account, call, widgets, "created_datetime:desc", show)
}

pub(in crate::gorgias) fn get(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    json_answer(show(account.widgets.get(id(call, "id"))?))
}

/// Refuses what does not go with the widget's type.
fn check(account: &Account, widget: &Object) -> Result<(), Refusal> {
    let kind = widget.text("type").unwrap_or_default();
    if let Some(id) = widget.number("integration_id") {
        let integration = account.integrations.find(id);
        if kind != "http" {
            return Err(Refusal::at(
                "integration_id",
                "integration_id is for widgets of type http only",
            ));
        }
        if integration.is_none_or(|integration| integration.text("type") != Some("http")) {
            let text = format!("there is no integration {id} of type http");
            return Err(Refusal::at("integration_id", text));
        }
    }
    if widget.some("app_id").is_some() && kind != "customer_external_data" {
        let text = "app_id is for widgets of type customer_external_data only";
        return Err(Refusal::at("app_id", text));
    }
    Ok(())
}

fn write(widget: &mut Object, body: &Object) {
    take(widget, body);
    // The older word for a customer.
    if widget.text("context") == Some("user") {
        widget.insert("context".to_owned(), json!("customer"));
    }
    settle_moments(widget);
}

/// The record of a widget.
pub(in crate::gorgias) fn new(body: &Object, now: &str) -> Object {
    let mut widget = object(json!({
        "type": null,
        "context": "ticket",
        "order": 0,
        "template": null,
        "integration_id": null,
        "app_id": null,
        "created_datetime": now,
        "updated_datetime": now,
        "deactivated_datetime": null,
    }));
    write(&mut widget, body);
    widget
}

pub(in crate::gorgias) fn create(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    check(account, &call.body)?;
    let now = account.tick();
    let id = account.widgets.add(new(&call.body, &now));
    account.note("widget-created", "Widget", id, Some(by.user_id), Value::Null);
    json_answer(show(account.widgets.get(id)?))
}

pub(in crate::gorgias) fn update(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    let mut widget = account.widgets.get(id)?.clone();
    write(&mut widget, &call.body);
    check(account, &widget)?;
    let now = account.tick();
    widget.insert("updated_datetime".to_owned(), json!(now));
    *account.widgets.change(id)? = widget;
    account.note("widget-updated", "Widget", id, Some(by.user_id), Value::Null);
    json_answer(show(account.widgets.get(id)?))
}

pub(in crate::gorgias) fn remove(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.widgets.get(id)?;
    account.tick();
    account.widgets.remove(id)?;
    account.note("widget-deleted", "Widget", id, Some(by.user_id), Value::Null);
    Ok(Answer::Empty)
}
