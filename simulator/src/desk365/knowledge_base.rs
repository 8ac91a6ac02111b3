//! The knowledge base: categories, folders, articles.

use serde_json::{Map, Value, json};

use super::records::{BodyExt, KbArticle, KbCategory, KbFolder, Tenant, flatten, updated_text};
use crate::engine::{Answer, Call, Refusal};

const LISTED_COMPANIES: i64 = 4;
const LISTED_GROUPS: i64 = 2;

fn deleted(what: &str) -> Answer {
    // Declared a string in the vendor's document, shown as an object.
    Answer::Json(json!({"message": format!("{what} deleted successfully")}))
}

fn creator(tenant: &Tenant, body: &Map<String, Value>) -> Result<String, Refusal> {
    match body.text("created_by_email") {
        Some(email) => tenant.agent_email(&email),
        None => Ok(tenant.key_owner.clone()),
    }
}

fn not_blank(name: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        Err(Refusal::bad(format!("{name} must not be empty")))
    } else {
        Ok(())
    }
}

// Categories

fn show_category(category: &KbCategory) -> Value {
    json!({
        "category_name": category.name,
        "category_description": category.description,
        "created_by_email": category.created_by_email,
        "created_on": category.created_on,
        "support_portal_visibility": category.support_portal_visibility,
        "company_list": category.company_list,
        "agent_portal_visibility": category.agent_portal_visibility,
        "agent_group_list": category.agent_group_list,
        "category_order": category.order,
    })
}

fn category_position(tenant: &Tenant, name: &str) -> Option<usize> {
    tenant.kb_categories.iter().position(|category| category.name == name)
}

fn find_category(tenant: &Tenant, name: &str) -> Result<usize, Refusal> {
    category_position(tenant, name).ok_or_else(|| Refusal::not_found("Category"))
}

pub(super) fn get_category(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let index = find_category(tenant, call.text("category_name"))?;
    Ok(Answer::Json(show_category(&tenant.kb_categories[index])))
}

fn apply_category(tenant: &Tenant, category: &mut KbCategory, body: &Map<String, Value>) -> Result<(), Refusal> {
    if let Some(name) = body.text("category_name") {
        not_blank("category_name", &name)?;
        // Guess: the status.
        if name != category.name && category_position(tenant, &name).is_some() {
            return Err(Refusal::bad(format!("A category named `{name}` already exists")));
        }
        category.name = name;
    }
    if let Some(description) = body.text("category_description") {
        category.description = Some(description);
    }
    if let Some(code) = body.number("support_portal_visibility") {
        category.support_portal_visibility = code;
    }
    if let Some(code) = body.number("agent_portal_visibility") {
        category.agent_portal_visibility = code;
    }
    if let Some(names) = body.texts("company_list") {
        let known: Vec<String> = tenant.companies.iter().map(|company| company.name.clone()).collect();
        for name in &names {
            Tenant::check_name("Company", name, &known)?;
        }
        category.company_list = names;
    }
    if let Some(names) = body.texts("agent_group_list") {
        for name in &names {
            Tenant::check_name("Group", name, &tenant.groups)?;
        }
        category.agent_group_list = names;
    }
    if category.support_portal_visibility == LISTED_COMPANIES && category.company_list.is_empty() {
        return Err(Refusal::bad("support_portal_visibility 4 needs a company_list"));
    }
    if category.agent_portal_visibility == LISTED_GROUPS && category.agent_group_list.is_empty() {
        return Err(Refusal::bad("agent_portal_visibility 2 needs an agent_group_list"));
    }
    Ok(())
}

pub(super) fn create_category(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let mut category = KbCategory {
        name: String::new(),
        description: None,
        created_by_email: creator(tenant, &call.body)?,
        created_on: tenant.now,
        support_portal_visibility: 2,
        company_list: Vec::new(),
        agent_portal_visibility: 1,
        agent_group_list: Vec::new(),
        order: tenant
            .kb_categories
            .iter()
            .map(|category| category.order)
            .max()
            .unwrap_or(0)
            + 1,
    };
    apply_category(tenant, &mut category, &call.body)?;
    category.created_on = tenant.tick();
    let answer = show_category(&category);
    tenant.kb_categories.push(category);
    Ok(Answer::Json(answer))
}

pub(super) fn update_category(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let old_name = call.text("category_name");
    let index = find_category(tenant, old_name)?;
    let mut category = tenant.kb_categories[index].clone();
    apply_category(tenant, &mut category, &call.body)?;
    tenant.tick();
    for folder in tenant
        .kb_folders
        .iter_mut()
        .filter(|folder| folder.category == old_name)
    {
        folder.category.clone_from(&category.name);
    }
    for article in tenant
        .kb_articles
        .iter_mut()
        .filter(|article| article.category_name == old_name)
    {
        article.category_name.clone_from(&category.name);
    }
    let answer = show_category(&category);
    tenant.kb_categories[index] = category;
    Ok(Answer::Json(answer))
}

/// Guess: what is inside goes too.
pub(super) fn delete_category(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let name = call.text("category_name");
    let index = find_category(tenant, name)?;
    tenant.tick();
    tenant.kb_categories.remove(index);
    tenant.kb_folders.retain(|folder| folder.category != name);
    tenant.kb_articles.retain(|article| article.category_name != name);
    Ok(deleted("Category"))
}

// Folders

/// The folder's name sits in `category_name`, its category in `parent_category_name`.
fn show_folder(folder: &KbFolder) -> Value {
    json!({
        "category_name": folder.name,
        "parent_category_name": folder.category,
        "created_by_email": folder.created_by_email,
        "created_on": folder.created_on,
    })
}

fn folder_position(tenant: &Tenant, category: &str, name: &str) -> Option<usize> {
    tenant
        .kb_folders
        .iter()
        .position(|folder| folder.category == category && folder.name == name)
}

fn find_folder(tenant: &Tenant, call: &Call) -> Result<usize, Refusal> {
    let found = folder_position(tenant, call.text("category_name"), call.text("folder_name"));
    found.ok_or_else(|| Refusal::not_found("Folder"))
}

pub(super) fn get_folder(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::Json(show_folder(
        &tenant.kb_folders[find_folder(tenant, call)?],
    )))
}

/// The category a body names must be there.
fn check_category(tenant: &Tenant, name: &str) -> Result<(), Refusal> {
    match category_position(tenant, name) {
        Some(_) => Ok(()),
        None => Err(Refusal::bad(format!("Category `{name}` does not exist"))),
    }
}

fn check_no_folder(tenant: &Tenant, category: &str, name: &str) -> Result<(), Refusal> {
    match folder_position(tenant, category, name) {
        // Guess: the status.
        Some(_) => Err(Refusal::bad(format!(
            "A folder named `{name}` already exists in `{category}`"
        ))),
        None => Ok(()),
    }
}

pub(super) fn create_folder(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let category = call.body.text("category_name").unwrap_or_default();
    let name = call.body.text("folder_name").unwrap_or_default();
    check_category(tenant, &category)?;
    check_no_folder(tenant, &category, &name)?;
    let created_by_email = creator(tenant, &call.body)?;
    let folder = KbFolder {
        name,
        category,
        created_by_email,
        created_on: tenant.tick(),
    };
    let answer = show_folder(&folder);
    tenant.kb_folders.push(folder);
    Ok(Answer::Json(answer))
}

pub(super) fn update_folder(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let index = find_folder(tenant, call)?;
    let old = tenant.kb_folders[index].clone();
    let category = call.body.text("category_name").unwrap_or_else(|| old.category.clone());
    let name = call.body.text("folder_name").unwrap_or_else(|| old.name.clone());
    not_blank("folder_name", &name)?;
    check_category(tenant, &category)?;
    if (&category, &name) != (&old.category, &old.name) {
        check_no_folder(tenant, &category, &name)?;
    }
    tenant.tick();
    for article in &mut tenant.kb_articles {
        if article.category_name == old.category && article.folder_name.as_ref() == Some(&old.name) {
            article.category_name.clone_from(&category);
            article.folder_name = Some(name.clone());
        }
    }
    let folder = KbFolder { name, category, ..old };
    let answer = show_folder(&folder);
    tenant.kb_folders[index] = folder;
    Ok(Answer::Json(answer))
}

/// Guess: what is inside goes too.
pub(super) fn delete_folder(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let index = find_folder(tenant, call)?;
    tenant.tick();
    let folder = tenant.kb_folders.remove(index);
    tenant.kb_articles.retain(|article| {
        article.category_name != folder.category || article.folder_name.as_ref() != Some(&folder.name)
    });
    Ok(deleted("Folder"))
}

// Articles

fn show_article(tenant: &Tenant, article: &KbArticle, origin: &str) -> Value {
    json!({
        "article_title": article.article_title,
        "article_content": article.article_content,
        "article_content_text": flatten(&article.article_content),
        "category_name": article.category_name,
        "folder_name": article.folder_name,
        "has_attachments": !article.attachments.is_empty(),
        "attachments": tenant.attachments_json(&article.attachments, origin),
        "created_by_email": article.created_by_email,
        "updated_by_email": article.updated_by_email,
        "created_on": article.created_on,
        "updated_on": updated_text(article.updated_on),
        "article_views": article.views,
        "article_likes": article.likes,
        "article_dislikes": article.dislikes,
        "status": article.status,
        "agent_url": format!("https://{}.desk365.example/agent/kb/article/{}", tenant.subdomain, article.id),
        "support_url": format!("https://{}.desk365.example/support/kb/article/{}", tenant.subdomain, article.id),
    })
}

/// Titles of live articles.
pub(super) fn list_articles(tenant: &mut Tenant, _: &Call) -> Result<Answer, Refusal> {
    let titles: Vec<&String> = tenant
        .kb_articles
        .iter()
        .filter(|article| article.is_live())
        .map(|article| &article.article_title)
        .collect();
    Ok(Answer::Json(json!({"count": titles.len(), "article_titles": titles})))
}

fn article_position(tenant: &Tenant, title: &str) -> Option<usize> {
    tenant
        .kb_articles
        .iter()
        .position(|article| article.article_title == title)
}

fn find_article(tenant: &Tenant, call: &Call) -> Result<usize, Refusal> {
    article_position(tenant, call.text("article_name")).ok_or_else(|| Refusal::not_found("Article"))
}

/// Live articles only.
pub(super) fn get_article(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let article = &tenant.kb_articles[find_article(tenant, call)?];
    if !article.is_live() {
        return Err(Refusal::not_found("Article"));
    }
    Ok(Answer::Json(show_article(tenant, article, &call.origin)))
}

/// Category and folder of an article must be there, one in the other.
fn check_shelf(tenant: &Tenant, article: &KbArticle) -> Result<(), Refusal> {
    check_category(tenant, &article.category_name)?;
    match &article.folder_name {
        Some(name) if folder_position(tenant, &article.category_name, name).is_none() => Err(Refusal::bad(format!(
            "Folder `{name}` does not exist in `{}`",
            article.category_name
        ))),
        _ => Ok(()),
    }
}

fn check_no_article(tenant: &Tenant, title: &str) -> Result<(), Refusal> {
    match article_position(tenant, title) {
        // Guess: the status, and that titles are unique, as they are the key.
        Some(_) => Err(Refusal::bad(format!("An article titled `{title}` already exists"))),
        None => Ok(()),
    }
}

pub(super) fn create_article(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let mut article = KbArticle {
        id: 0,
        article_title: body.text("article_title").unwrap_or_default(),
        article_content: body.text("article_content").unwrap_or_default(),
        category_name: body.text("category_name").unwrap_or_default(),
        folder_name: body.text("folder_name"),
        attachments: Vec::new(),
        created_by_email: creator(tenant, body)?,
        updated_by_email: None,
        created_on: tenant.now,
        updated_on: None,
        views: 0,
        likes: 0,
        dislikes: 0,
        // Guess: a draft, when no status is given.
        status: body.number("status").unwrap_or(0),
    };
    check_no_article(tenant, &article.article_title)?;
    check_shelf(tenant, &article)?;
    article.created_on = tenant.tick();
    article.id = tenant.next_id();
    let answer = show_article(tenant, &article, &call.origin);
    tenant.kb_articles.push(article);
    Ok(Answer::Json(answer))
}

pub(super) fn update_article(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let index = find_article(tenant, call)?;
    let mut article = tenant.kb_articles[index].clone();
    if let Some(title) = body
        .text("article_title")
        .filter(|title| *title != article.article_title)
    {
        not_blank("article_title", &title)?;
        check_no_article(tenant, &title)?;
        article.article_title = title;
    }
    if let Some(content) = body.text("article_content") {
        article.article_content = content;
    }
    if let Some(category) = body
        .text("category_name")
        .filter(|category| *category != article.category_name)
    {
        article.category_name = category;
        // A folder belongs to its category.
        article.folder_name = None;
    }
    if let Some(folder) = body.text("folder_name") {
        article.folder_name = Some(folder).filter(|folder| !folder.is_empty());
    }
    if let Some(status) = body.number("status") {
        article.status = status;
    }
    check_shelf(tenant, &article)?;
    article.updated_on = Some(tenant.tick());
    article.updated_by_email = Some(tenant.key_owner.clone());
    let answer = show_article(tenant, &article, &call.origin);
    tenant.kb_articles[index] = article;
    Ok(Answer::Json(answer))
}

pub(super) fn delete_article(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let index = find_article(tenant, call)?;
    tenant.tick();
    tenant.kb_articles.remove(index);
    Ok(deleted("Article"))
}
