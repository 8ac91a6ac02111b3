//! Articles of the earlier knowledge base.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::helpdesk_records::{Article, Helpdesk};
use super::super::records::{Members, PAGE, Website, in_dates, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

fn show(helpdesk: &Helpdesk, article: &Article, whole: bool) -> Value {
    let mut shown = json!({
        "article_id": article.article_id,
        "title": article.title,
        "description": article.description,
        "status": article.status,
        "visibility": article.visibility,
        "featured": article.featured,
        "visits": article.visits,
        "order": article.order,
        "created_at": article.created_at,
        "updated_at": article.updated_at,
    });
    if whole {
        shown["content"] = json!(article.content);
    }
    if article.status == "published" {
        shown["url"] = json!(helpdesk.article_url(article));
        shown["published_at"] = json!(article.published_at);
    }
    shown
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.check_locale(call)?;
    let words = call.text("search_title").to_lowercase();
    let flag = |name: &str| call.flag(name, false);
    // The two flags of a pair widen each other; none of them means both.
    let one_of = |own: &str, pair: [(&str, &str); 2]| {
        let none = pair.iter().all(|(_, name)| !flag(name));
        none || pair.iter().any(|(value, name)| *value == own && flag(name))
    };
    let wanted = |one: &&Article| {
        one.locale == call.id("locale")
            && one.title.to_lowercase().contains(&words)
            && call
                .given("filter_category_id")
                .is_none_or(|id| one.category_id.as_deref() == Some(id))
            && call
                .given("filter_section_id")
                .is_none_or(|id| one.section_id.as_deref() == Some(id))
            && one_of(
                one.status,
                [
                    ("published", "filter_status_published"),
                    ("draft", "filter_status_draft"),
                ],
            )
            && one_of(
                one.visibility,
                [
                    ("visible", "filter_visibility_visible"),
                    ("hidden", "filter_visibility_hidden"),
                ],
            )
            && in_dates(call, one.updated_at)
    };
    let mut listed: Vec<_> = helpdesk.articles.iter().filter(wanted).collect();
    if flag("order_visits") {
        listed.sort_by_key(|one| Reverse(one.visits));
    } else {
        listed.sort_by_key(|one| one.order);
    }
    let shown = listed.into_iter().map(|one| show(helpdesk, one, false));
    Ok(page(shown.collect(), call, PAGE))
}

pub(in crate::crisp) fn create(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.check_locale(call)?;
    let now = website.tick();
    let article_id = website.new_id();
    let helpdesk = website.helpdesk_mut()?;
    let order = helpdesk
        .articles
        .iter()
        .map(|one| one.order + 1)
        .max()
        .unwrap_or_default();
    helpdesk.articles.push(Article {
        article_id: article_id.clone(),
        locale: call.id("locale").to_owned(),
        title: call.body.text("title").unwrap_or_default().to_owned(),
        description: None,
        content: String::new(),
        status: "draft",
        visibility: "visible",
        featured: false,
        visits: 0,
        order,
        category_id: None,
        section_id: None,
        alternates: BTreeMap::new(),
        created_at: now,
        updated_at: now,
        published_at: None,
    });
    Ok(json!({"article_id": article_id}))
}

pub(in crate::crisp) fn exists(website: &mut Website, call: &Call) -> Outcome {
    website.helpdesk()?.article(call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    Ok(show(helpdesk, &helpdesk.articles[helpdesk.article(call)?], true))
}

/// Does something to the article that a path names.
fn change(website: &mut Website, call: &Call, change: impl FnOnce(&mut Article, i64)) -> Result<(), Refusal> {
    let place = website.helpdesk()?.article(call)?;
    let now = website.tick();
    let article = &mut website.helpdesk_mut()?.articles[place];
    article.updated_at = now;
    change(article, now);
    Ok(())
}

/// Takes over what a body says; the route says whether it must say everything.
pub(in crate::crisp) fn save(website: &mut Website, call: &Call) -> Outcome {
    let body = &call.body;
    change(website, call, |article, _| {
        if let Some(title) = body.text("title") {
            title.clone_into(&mut article.title);
        }
        if let Some(description) = body.get("description") {
            article.description = description.as_str().map(str::to_owned);
        }
        if let Some(content) = body.text("content") {
            content.clone_into(&mut article.content);
        }
        article.featured = body.boolean("featured").unwrap_or(article.featured);
        article.order = body.number("order").unwrap_or(article.order);
    })?;
    Ok(json!({}))
}

pub(in crate::crisp) fn delete(website: &mut Website, call: &Call) -> Outcome {
    let place = website.helpdesk()?.article(call)?;
    website.tick();
    let helpdesk = website.helpdesk_mut()?;
    let removed = helpdesk.articles.remove(place).article_id;
    for article in &mut helpdesk.articles {
        article.alternates.retain(|_, article_id| *article_id != removed);
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn page_of(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let article = &helpdesk.articles[helpdesk.article(call)?];
    if article.status == "draft" {
        return Err(Refusal::not_found("Page of a draft"));
    }
    Ok(json!({"title": article.title, "url": helpdesk.article_url(article)}))
}

pub(in crate::crisp) fn category(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let article = &helpdesk.articles[helpdesk.article(call)?];
    let mut shown = json!({});
    for (name, id) in [
        ("category_id", &article.category_id),
        ("section_id", &article.section_id),
    ] {
        if let Some(id) = id {
            shown[name] = json!(id);
        }
    }
    Ok(shown)
}

/// Puts an article into a category, and a section of it; blank takes it out.
pub(in crate::crisp) fn update_category(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.article(call)?;
    let given = |name: &str| call.body.text(name).filter(|id| !id.is_empty()).map(str::to_owned);
    let (category_id, section_id) = (given("category_id"), given("section_id"));
    let locale = call.id("locale");
    if let Some(id) = &category_id {
        let known = helpdesk
            .categories
            .iter()
            .any(|one| one.category_id == *id && one.locale == locale);
        if !known {
            return Err(Refusal::bad(format!(
                "No category of this locale has the category_id {id}"
            )));
        }
    }
    if let Some(id) = &section_id {
        let mut sections = helpdesk.sections.iter();
        if !sections.any(|one| one.section_id == *id && Some(&one.category_id) == category_id.as_ref()) {
            return Err(Refusal::bad(format!(
                "No section of this category has the section_id {id}"
            )));
        }
    }
    change(website, call, |article, _| {
        article.category_id = category_id;
        article.section_id = section_id;
    })?;
    Ok(json!({}))
}

pub(in crate::crisp) fn publish(website: &mut Website, call: &Call) -> Outcome {
    change(website, call, |article, now| {
        article.status = "published";
        article.published_at = Some(now);
    })?;
    let helpdesk = website.helpdesk()?;
    let article = &helpdesk.articles[helpdesk.article(call)?];
    Ok(json!({"url": helpdesk.article_url(article)}))
}

pub(in crate::crisp) fn unpublish(website: &mut Website, call: &Call) -> Outcome {
    change(website, call, |article, _| {
        article.status = "draft";
        article.published_at = None;
    })?;
    Ok(json!({}))
}

pub(in crate::crisp) fn alternates(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let alternates = helpdesk.articles[helpdesk.article(call)?].alternates.iter();
    Ok(alternates
        .map(|(locale, article_id)| json!({"locale": locale, "article_id": article_id}))
        .collect())
}

pub(in crate::crisp) fn alternate_exists(website: &mut Website, call: &Call) -> Outcome {
    get_alternate(website, call).map(|_| Value::Null)
}

pub(in crate::crisp) fn get_alternate(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    let article = &helpdesk.articles[helpdesk.article(call)?];
    let linked = call.id("locale_linked");
    let article_id = article.alternates.get(linked);
    let article_id = article_id.ok_or_else(|| Refusal::not_found("Alternate"))?;
    Ok(json!({"locale": linked, "article_id": article_id}))
}

/// Ties two articles to each other.
pub(in crate::crisp) fn save_alternate(website: &mut Website, call: &Call) -> Outcome {
    let helpdesk = website.helpdesk()?;
    helpdesk.article(call)?;
    let (linked, locale) = (call.id("locale_linked"), call.id("locale"));
    let other = call.body.text("article_id").unwrap_or_default().to_owned();
    let mut articles = helpdesk.articles.iter();
    if linked == locale || !articles.any(|one| one.article_id == other && one.locale == linked) {
        return Err(Refusal::bad(format!(
            "No article in {linked} has the article_id {other}"
        )));
    }
    let own = call.id("article_id").to_owned();
    change(website, call, |article, _| {
        article.alternates.insert(linked.to_owned(), other.clone());
    })?;
    let mut articles = website.helpdesk_mut()?.articles.iter_mut();
    if let Some(article) = articles.find(|one| one.article_id == other) {
        article.alternates.insert(locale.to_owned(), own);
    }
    Ok(json!({}))
}

pub(in crate::crisp) fn delete_alternate(website: &mut Website, call: &Call) -> Outcome {
    get_alternate(website, call)?;
    let (linked, locale) = (call.id("locale_linked"), call.id("locale"));
    let mut other = None;
    change(website, call, |article, _| other = article.alternates.remove(linked))?;
    let mut articles = website.helpdesk_mut()?.articles.iter_mut();
    if let Some(article) = articles.find(|one| Some(&one.article_id) == other.as_ref()) {
        article.alternates.remove(locale);
    }
    Ok(json!({}))
}
