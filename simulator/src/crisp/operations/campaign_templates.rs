//! Templates of campaigns.

use serde_json::{Value, json};

use super::super::records::{Members, PAGE, Template, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

fn show(template: &Template, whole: bool) -> Value {
    let mut shown = json!(template);
    if let (false, Some(members)) = (whole, shown.as_object_mut()) {
        members.shift_remove("content");
    }
    shown
}

fn place(website: &Website, call: &Call) -> Result<usize, Refusal> {
    let wanted = call.id("template_id");
    let place = website.templates.iter().position(|one| one.template_id == wanted);
    place.ok_or_else(|| Refusal::not_found("Template"))
}

/// The place of a template that can be changed: the vendor's own cannot.
fn own(website: &Website, call: &Call) -> Result<usize, Refusal> {
    let place = place(website, call)?;
    if website.templates[place].kind == "static" {
        return Err(Refusal::forbidden("Static templates cannot be changed"));
    }
    Ok(place)
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let words = call.text("search_name").to_lowercase();
    let flag = |kind: &str| call.flag(&format!("filter_type_{kind}"), false);
    let wanted = |one: &&Template| {
        one.name.to_lowercase().contains(&words) && (flag(one.kind) || !(flag("static") || flag("custom")))
    };
    let shown = website.templates.iter().filter(wanted).map(|one| show(one, false));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    let now = website.tick();
    let template_id = website.new_id();
    website.templates.push(Template {
        template_id: template_id.clone(),
        kind: "custom",
        name: call.body.text("name").unwrap_or_default().to_owned(),
        format: call.body.text("format").unwrap_or_default().to_owned(),
        content: String::new(),
        created_at: now,
        updated_at: now,
    });
    Ok(json!({"template_id": template_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    place(website, call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    Ok(show(&website.templates[place(website, call)?], true))
}

/// Takes over what a body says; the route says whether it must say everything.
pub(in crate::crisp) fn save(website: &mut Website, call: &Call) -> Outcome {
    let place = own(website, call)?;
    let now = website.tick();
    let template = &mut website.templates[place];
    template.updated_at = now;
    for (name, place) in [
        ("name", &mut template.name),
        ("format", &mut template.format),
        ("content", &mut template.content),
    ] {
        if let Some(text) = call.body.text(name) {
            text.clone_into(place);
        }
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn remove(website: &mut Website, call: &Call) -> Outcome {
    let place = own(website, call)?;
    website.tick();
    website.templates.remove(place);
    Ok(json!({}))
}
