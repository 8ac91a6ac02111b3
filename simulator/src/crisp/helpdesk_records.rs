//! What a knowledge base holds: the collections of both its generations.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::records::{Members, Object};
use crate::engine::{Call, Refusal};

/// An article of the earlier generation.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Article {
    pub(super) article_id: String,
    pub(super) locale: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) content: String,
    /// `draft` or `published`.
    pub(super) status: &'static str,
    /// `visible` or `hidden`.
    pub(super) visibility: &'static str,
    pub(super) featured: bool,
    pub(super) visits: i64,
    pub(super) order: i64,
    pub(super) category_id: Option<String>,
    pub(super) section_id: Option<String>,
    /// The same article in other locales.
    pub(super) alternates: BTreeMap<String, String>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) published_at: Option<i64>,
}

/// A category of articles.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Category {
    pub(super) category_id: String,
    #[serde(skip)]
    pub(super) locale: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) color: String,
    pub(super) image: Option<String>,
    pub(super) order: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A section of a category.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Section {
    pub(super) section_id: String,
    #[serde(skip)]
    pub(super) category_id: String,
    pub(super) name: String,
    pub(super) order: i64,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A place in the tree: an entry, or a group once others lie below it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Node {
    pub(super) locale: String,
    pub(super) content_type: String,
    pub(super) path: String,
    pub(super) entity_id: String,
    pub(super) content: String,
    pub(super) metadata: Object,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

impl Node {
    pub(super) fn title(&self) -> &str {
        self.metadata.text("title").unwrap_or_default()
    }

    pub(super) fn slug(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn published(&self) -> bool {
        let state = self.metadata.object("state");
        state.and_then(|state| state.boolean("published")).unwrap_or_default()
    }
}

/// A change of the tree, with what it takes to put it back.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Change {
    pub(super) change_id: String,
    pub(super) message: String,
    pub(super) locale: String,
    pub(super) content_type: String,
    pub(super) tree_path: String,
    pub(super) author: Value,
    pub(super) edits: Value,
    pub(super) files: Vec<Value>,
    pub(super) created_at: i64,
    /// The nodes that were there before.
    #[serde(skip)]
    pub(super) before: Vec<Node>,
    /// The paths of the nodes that were there after.
    #[serde(skip)]
    pub(super) after: Vec<String>,
}

/// What a reader thought of an article.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Feedback {
    pub(super) locale: String,
    pub(super) content_type: &'static str,
    /// `helpful` or `unhelpful`.
    pub(super) rating: &'static str,
    pub(super) comment: String,
    pub(super) article: Value,
    pub(super) session: Value,
    pub(super) created_at: i64,
}

/// A path that leads elsewhere.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Redirection {
    pub(super) redirection_id: String,
    pub(super) path: String,
    pub(super) target: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// A language of the knowledge base.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Locale {
    pub(super) locale_id: String,
    pub(super) locale: String,
}

/// A knowledge base.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Helpdesk {
    pub(super) name: String,
    /// Where it is, below the vendor's domain.
    pub(super) domain_basic: String,
    pub(super) domain_custom: Option<String>,
    pub(super) settings: Object,
    pub(super) locales: Vec<Locale>,
    pub(super) redirections: Vec<Redirection>,
    pub(super) categories: Vec<Category>,
    pub(super) sections: Vec<Section>,
    pub(super) articles: Vec<Article>,
    /// In the order of the tree's levels.
    pub(super) nodes: Vec<Node>,
    /// Oldest first.
    pub(super) changes: Vec<Change>,
    pub(super) feedbacks: Vec<Feedback>,
}

/// The text of a path: small letters and digits, the rest hyphens.
pub(super) fn slug(title: &str) -> String {
    let hyphened: String = title
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let words: Vec<_> = hyphened.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

impl Helpdesk {
    pub(super) fn new(name: &str, domain_basic: &str) -> Self {
        Self {
            name: name.to_owned(),
            domain_basic: domain_basic.to_owned(),
            domain_custom: None,
            settings: Object::new(),
            locales: Vec::new(),
            redirections: Vec::new(),
            categories: Vec::new(),
            sections: Vec::new(),
            articles: Vec::new(),
            nodes: Vec::new(),
            changes: Vec::new(),
            feedbacks: Vec::new(),
        }
    }

    /// The address of the knowledge base.
    pub(super) fn url(&self) -> String {
        match &self.domain_custom {
            Some(domain) => format!("https://{domain}"),
            None => format!("https://{}.helpdesk.example", self.domain_basic),
        }
    }

    /// Checks that the locale of a path exists.
    pub(super) fn check_locale(&self, call: &Call) -> Result<(), Refusal> {
        self.locale(call.id("locale")).map(drop)
    }

    pub(super) fn locale(&self, locale: &str) -> Result<&Locale, Refusal> {
        let found = self.locales.iter().find(|known| known.locale == locale);
        found.ok_or_else(|| Refusal::not_found("Locale"))
    }

    /// The page of an article; a draft has none.
    pub(super) fn article_url(&self, article: &Article) -> String {
        let short = article.article_id.split('-').next().unwrap_or_default();
        format!(
            "{}/{}/article/{}-{short}/",
            self.url(),
            article.locale,
            slug(&article.title)
        )
    }

    pub(super) fn node_url(&self, node: &Node) -> String {
        format!("{}/{}/{}/{}/", self.url(), node.locale, node.content_type, node.path)
    }

    /// The place of the article that a path names.
    pub(super) fn article(&self, call: &Call) -> Result<usize, Refusal> {
        self.check_locale(call)?;
        let (article_id, locale) = (call.id("article_id"), call.id("locale"));
        let place = self
            .articles
            .iter()
            .position(|article| article.article_id == article_id && article.locale == locale);
        place.ok_or_else(|| Refusal::not_found("Article"))
    }

    /// The place of the category that a path names.
    pub(super) fn category(&self, call: &Call) -> Result<usize, Refusal> {
        self.check_locale(call)?;
        let (category_id, locale) = (call.id("category_id"), call.id("locale"));
        let place = self
            .categories
            .iter()
            .position(|category| category.category_id == category_id && category.locale == locale);
        place.ok_or_else(|| Refusal::not_found("Category"))
    }

    /// The place of the section that a path names.
    pub(super) fn section(&self, call: &Call) -> Result<usize, Refusal> {
        self.category(call)?;
        let (section_id, category_id) = (call.id("section_id"), call.id("category_id"));
        let place = self
            .sections
            .iter()
            .position(|section| section.section_id == section_id && section.category_id == category_id);
        place.ok_or_else(|| Refusal::not_found("Section"))
    }

    /// Whether a node lies in the tree that a path names.
    pub(super) fn in_tree(node: &Node, call: &Call) -> bool {
        node.locale == call.id("locale") && node.content_type == call.id("content_type")
    }

    /// The place of the node that a path names.
    pub(super) fn node(&self, call: &Call) -> Result<usize, Refusal> {
        self.check_locale(call)?;
        self.node_at(call, call.id("path"))
    }

    pub(super) fn node_at(&self, call: &Call, path: &str) -> Result<usize, Refusal> {
        let mut nodes = self.nodes.iter();
        let place = nodes.position(|node| Self::in_tree(node, call) && node.path == path);
        place.ok_or_else(|| Refusal::not_found("Path"))
    }

    /// Entries and groups of a content type.
    pub(super) fn counts(&self, locale: &str, content_type: &str) -> Value {
        let nodes = || {
            let nodes = self.nodes.iter();
            nodes.filter(|node| node.locale == locale && node.content_type == content_type)
        };
        let is_group = |node: &&Node| {
            let below = format!("{}/", node.path);
            nodes().any(|other| other.path.starts_with(&below))
        };
        let groups = nodes().filter(is_group).count();
        json!({"entries": nodes().count() - groups, "groups": groups})
    }
}
