//! The knowledge base: what both its generations share.

use serde_json::{Value, json};

use super::super::filters::merge;
use super::super::helpdesk_records::{Helpdesk, Locale, Redirection};
use super::super::records::{Members, PAGE, Website, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

pub(in crate::crisp) fn exists(website: &mut Website, _: &Call) -> Outcome {
    website.helpdesk().map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, _: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!({"name": helpdesk.name, "url": helpdesk.url()}))
}

pub(in crate::crisp) fn initialize(website: &mut Website, call: &Call) -> Outcome {
    if website.helpdesk.is_some() {
        return Err(Refusal::bad("There is a helpdesk already"));
    }
    website.tick();
    let text = |name: &str| call.body.text(name).unwrap_or_default();
    website.helpdesk = Some(Helpdesk::new(text("name"), text("domain_basic")));
    Ok(json!({}))
}

pub(in crate::crisp) fn delete(website: &mut Website, _: &Call) -> Outcome {
    website.helpdesk()?;
    website.tick();
    website.helpdesk = None;
    Ok(json!({}))
}

fn show_locale(website: &Website, helpdesk: &Helpdesk, locale: &Locale) -> Value {
    let name = &locale.locale;
    let mut shown = json!({
        "locale_id": locale.locale_id,
        "locale": name,
        "url": format!("{}/{name}/", helpdesk.url()),
        "statistics": {
            "articles": helpdesk.counts(name, "articles"),
            "guides": helpdesk.counts(name, "guides"),
            "references": helpdesk.counts(name, "references"),
            "news": helpdesk.counts(name, "news"),
        },
    });
    if website.legacy_helpdesk {
        shown["articles"] = json!(helpdesk.articles.iter().filter(|one| one.locale == *name).count());
        shown["categories"] = json!(helpdesk.categories.iter().filter(|one| one.locale == *name).count());
    }
    shown
}

pub(in crate::crisp) fn locales(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let shown = helpdesk
        .locales
        .iter()
        .map(|locale| show_locale(website, helpdesk, locale));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn add_locale(website: &mut Website, call: &Call) -> Outcome {
    let locale = call.body.text("locale").unwrap_or_default().to_owned();
    if website.helpdesk()?.locale(&locale).is_ok() {
        return Err(Refusal::bad(format!("The locale {locale} is there already")));
    }
    website.tick();
    let locale_id = website.new_id();
    website.helpdesk_mut()?.locales.push(Locale { locale_id, locale });
    Ok(json!({}))
}

pub(in crate::crisp) fn locale_exists(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.check_locale(call).map(|()| Value::Null)
}

pub(in crate::crisp) fn get_locale(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(show_locale(website, helpdesk, helpdesk.locale(call.id("locale"))?))
}

/// Removes a locale and all that is written in it.
pub(in crate::crisp) fn delete_locale(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.check_locale(call)?;
    website.tick();
    let (helpdesk, locale) = (website.helpdesk_mut()?, call.id("locale"));
    helpdesk.locales.retain(|one| one.locale != locale);
    helpdesk.articles.retain(|one| one.locale != locale);
    helpdesk.categories.retain(|one| one.locale != locale);
    let left: Vec<_> = helpdesk.categories.iter().map(|one| one.category_id.clone()).collect();
    helpdesk.sections.retain(|one| left.contains(&one.category_id));
    helpdesk.nodes.retain(|one| one.locale != locale);
    for article in &mut helpdesk.articles {
        article.alternates.remove(locale);
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn redirections(website: &mut Website, call: &Call) -> Outcome {
    let redirections = &website.helpdesk()?.redirections;
    Ok(page(redirections.iter().map(|one| json!(one)).collect(), call, PAGE))
}

pub(in crate::crisp) fn add_redirection(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?;
    let now = website.tick();
    let redirection_id = website.new_id();
    let text = |name: &str| call.body.text(name).unwrap_or_default().to_owned();
    website.helpdesk_mut()?.redirections.push(Redirection {
        redirection_id: redirection_id.clone(),
        path: text("path"),
        target: text("target"),
        created_at: now,
        updated_at: now,
    });
    Ok(json!({"redirection_id": redirection_id}))
}

fn redirection(helpdesk: &Helpdesk, call: &Call) -> Result<usize, Refusal> {
    let wanted = call.id("redirection_id");
    let mut redirections = helpdesk.redirections.iter();
    let place = redirections.position(|one| one.redirection_id == wanted);
    place.ok_or_else(|| Refusal::not_found("Redirection"))
}

pub(in crate::crisp) fn redirection_exists(website: &mut Website, call: &Call) -> Outcome {
    redirection(website.helpdesk()?, call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get_redirection(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!(helpdesk.redirections[redirection(helpdesk, call)?]))
}

pub(in crate::crisp) fn delete_redirection(website: &mut Website, call: &Call) -> Outcome {
    let place = redirection(website.helpdesk()?, call)?;
    website.tick();
    website.helpdesk_mut()?.redirections.remove(place);
    Ok(json!({}))
}

pub(in crate::crisp) fn get_settings(website: &mut Website, _: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let mut settings = helpdesk.settings.clone();
    settings.insert("name".to_owned(), json!(helpdesk.name));
    Ok(Value::Object(settings))
}

pub(in crate::crisp) fn save_settings(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?;
    website.tick();
    let helpdesk = website.helpdesk_mut()?;
    let mut given = call.body.clone();
    if let Some(Value::String(name)) = given.shift_remove("name") {
        helpdesk.name = name;
    }
    merge(&mut helpdesk.settings, &given);
    Ok(json!({}))
}

pub(in crate::crisp) fn get_domain(website: &mut Website, _: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(json!({
        "root": "helpdesk.example",
        "basic": helpdesk.domain_basic,
        "custom": helpdesk.domain_custom,
        "verified": helpdesk.domain_custom.is_some(),
    }))
}

/// A custom domain counts as set up at once.
pub(in crate::crisp) fn change_domain(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?;
    website.request("helpdesk domain", json!(call.body));
    let helpdesk = website.helpdesk_mut()?;
    if let Some(basic) = call.body.text("basic") {
        basic.clone_into(&mut helpdesk.domain_basic);
    }
    if let Some(custom) = call.body.text("custom") {
        helpdesk.domain_custom = Some(custom.to_owned());
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn domain_setup(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let custom = call.text("custom");
    let record = json!({
        "type": "CNAME",
        "query": custom,
        "name": custom.split('.').next(),
        "value": format!("{}.helpdesk.example.", helpdesk.domain_basic),
    });
    Ok(json!({"custom": custom, "setup": {"records": [record]}}))
}

/// Remembers what was asked for about a locale, or one content type of it.
fn ask(website: &mut Website, call: &Call, kind: &str) -> Outcome {
    website.helpdesk()?.check_locale(call)?;
    let content_type = call.ids.get("content_type");
    let details = json!({"locale": call.id("locale"), "content_type": content_type, "body": call.body});
    website.request(kind, details);
    Ok(json!({}))
}

pub(in crate::crisp) fn import(website: &mut Website, call: &Call) -> Outcome {
    ask(website, call, "helpdesk import")
}

pub(in crate::crisp) fn export(website: &mut Website, call: &Call) -> Outcome {
    ask(website, call, "helpdesk export")
}

pub(in crate::crisp) fn refresh(website: &mut Website, call: &Call) -> Outcome {
    ask(website, call, "helpdesk refresh")
}
