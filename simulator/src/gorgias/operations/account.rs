//! The account and its settings.

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::records::{Account, Members, Object, Outcome, id, json_answer, list, object, take};
use crate::engine::Call;

pub(in crate::gorgias) fn get(account: &mut Account, _: &Call, _: &Caller) -> Outcome {
    let settings: Vec<&Object> = account.settings.all().map(|(_, setting)| setting).collect();
    json_answer(json!({
        "domain": account.domain,
        "status": {"status": "active"},
        "settings": settings,
        "created_datetime": account.created_datetime,
        "deactivated_datetime": null,
    }))
}

pub(in crate::gorgias) fn list_settings(account: &mut Account, call: &Call, _: &Caller) -> Outcome {
    let kind = call.given("type");
    let settings = account.settings.all().map(|(_, setting)| setting);
    let wanted = settings.filter(|setting| kind.is_none_or(|kind| setting.text("type") == Some(kind)));
    list(wanted.map(|setting| json!(setting)).collect())
}

pub(in crate::gorgias) fn create_setting(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    account.tick();
    let mut setting = object(json!({"type": null, "name": null, "data": null}));
    take(&mut setting, &call.body);
    let id = account.settings.add(setting);
    account.note(
        "account-updated",
        "Account",
        id,
        Some(by.user_id),
        json!({"setting_id": id}),
    );
    json_answer(json!(account.settings.get(id)?))
}

pub(in crate::gorgias) fn update_setting(account: &mut Account, call: &Call, by: &Caller) -> Outcome {
    let id = id(call, "id");
    account.settings.get(id)?;
    account.tick();
    let setting = account.settings.change(id)?;
    setting.insert("data".to_owned(), Value::Null);
    take(setting, &call.body);
    account.note(
        "account-updated",
        "Account",
        id,
        Some(by.user_id),
        json!({"setting_id": id}),
    );
    json_answer(json!(account.settings.get(id)?))
}
