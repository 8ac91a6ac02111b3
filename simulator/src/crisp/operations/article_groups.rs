//! Categories and sections of the earlier knowledge base.

use serde_json::{Value, json};

use super::super::helpdesk_records::{Category, Section};
use super::super::records::{Members, PAGE, Website, page};
use super::super::routes::Outcome;
use crate::engine::Call;

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.check_locale(call)?;
    let words = call.text("search_name").to_lowercase();
    let wanted = |one: &&Category| one.locale == call.id("locale") && one.name.to_lowercase().contains(&words);
    let mut listed: Vec<_> = helpdesk.categories.iter().filter(wanted).collect();
    listed.sort_by_key(|one| one.order);
    Ok(page(listed.into_iter().map(|one| json!(one)).collect(), call, PAGE))
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.check_locale(call)?;
    let now = website.tick();
    let category_id = website.new_id();
    let helpdesk = website.helpdesk_mut()?;
    let order = helpdesk
        .categories
        .iter()
        .map(|one| one.order + 1)
        .max()
        .unwrap_or_default();
    helpdesk.categories.push(Category {
        category_id: category_id.clone(),
        locale: call.id("locale").to_owned(),
        name: call.body.text("name").unwrap_or_default().to_owned(),
        description: None,
        color: "#1972F5".to_owned(),
        image: None,
        order,
        created_at: now,
        updated_at: now,
    });
    Ok(json!({"category_id": category_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.category(call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!(helpdesk.categories[helpdesk.category(call)?]))
}

/// Takes over what a body says; the route says whether it must say everything.
pub(in crate::crisp) fn save(website: &mut Website, call: &Call) -> Outcome {
    let place = website.helpdesk()?.category(call)?;
    let now = website.tick();
    let (category, body) = (&mut website.helpdesk_mut()?.categories[place], &call.body);
    category.updated_at = now;
    for (name, place) in [("name", &mut category.name), ("color", &mut category.color)] {
        if let Some(text) = body.text(name) {
            text.clone_into(place);
        }
    }
    for (name, place) in [
        ("description", &mut category.description),
        ("image", &mut category.image),
    ] {
        if let Some(value) = body.get(name) {
            *place = value.as_str().map(str::to_owned);
        }
    }
    category.order = body.number("order").unwrap_or(category.order);
    Ok(json!({}))
}

/// Removes a category and its sections; articles stay, outside of it.
pub(in crate::crisp) fn delete(website: &mut Website, call: &Call) -> Outcome {
    let place = website.helpdesk()?.category(call)?;
    website.tick();
    let helpdesk = website.helpdesk_mut()?;
    let removed = helpdesk.categories.remove(place).category_id;
    helpdesk.sections.retain(|section| section.category_id != removed);
    for article in &mut helpdesk.articles {
        if article.category_id.as_ref() == Some(&removed) {
            article.category_id = None;
            article.section_id = None;
        }
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn list_sections(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.category(call)?;
    let words = call.text("search_name").to_lowercase();
    let wanted = |one: &&Section| one.category_id == call.id("category_id") && one.name.to_lowercase().contains(&words);
    let mut listed: Vec<_> = helpdesk.sections.iter().filter(wanted).collect();
    listed.sort_by_key(|one| one.order);
    Ok(page(listed.into_iter().map(|one| json!(one)).collect(), call, PAGE))
}

pub(in crate::crisp) fn create_section(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.category(call)?;
    let now = website.tick();
    let section_id = website.new_id();
    let helpdesk = website.helpdesk_mut()?;
    let order = helpdesk
        .sections
        .iter()
        .map(|one| one.order + 1)
        .max()
        .unwrap_or_default();
    helpdesk.sections.push(Section {
        section_id: section_id.clone(),
        category_id: call.id("category_id").to_owned(),
        name: call.body.text("name").unwrap_or_default().to_owned(),
        order,
        created_at: now,
        updated_at: now,
    });
    Ok(json!({"section_id": section_id}))
}

pub(in crate::crisp) fn section_exists(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.section(call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get_section(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!(helpdesk.sections[helpdesk.section(call)?]))
}

pub(in crate::crisp) fn save_section(website: &mut Website, call: &Call) -> Outcome {
    let place = website.helpdesk()?.section(call)?;
    let now = website.tick();
    let section = &mut website.helpdesk_mut()?.sections[place];
    section.updated_at = now;
    if let Some(name) = call.body.text("name") {
        name.clone_into(&mut section.name);
    }
    section.order = call.body.number("order").unwrap_or(section.order);
    Ok(json!({}))
}

/// Removes a section; its articles stay in the category.
pub(in crate::crisp) fn delete_section(website: &mut Website, call: &Call) -> Outcome {
    let place = website.helpdesk()?.section(call)?;
    website.tick();
    let helpdesk = website.helpdesk_mut()?;
    let removed = helpdesk.sections.remove(place).section_id;
    for article in &mut helpdesk.articles {
        if article.section_id.as_ref() == Some(&removed) {
            article.section_id = None;
        }
    }
    Ok(json!({}))
}
