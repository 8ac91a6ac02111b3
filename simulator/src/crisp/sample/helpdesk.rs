//! Sample knowledge bases: the tree, and for one workspace the articles of the earlier generation.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::helpdesk_records::{Article, Category, Feedback, Helpdesk, Locale, Node, Redirection, Section, slug};
use super::super::records::Website;
use super::texts::{ARTICLES, FRENCH_ARTICLES};
use super::{DAY, MINUTE, object, put_helpdesk};

/// A place in a tree: locale, content type, path, title, whether it is published.
type Place = (&'static str, &'static str, &'static str, &'static str, bool);

const PLACES: &[Place] = &[
    ("en", "articles", "orders", "Orders", true),
    ("en", "articles", "orders/track", "Track an order", true),
    ("en", "articles", "orders/cancel", "Cancel an order", true),
    ("en", "articles", "orders/abroad", "Orders from abroad", false),
    ("en", "articles", "payments", "Payments", true),
    ("en", "articles", "payments/invoice", "Pay by invoice", true),
    (
        "en",
        "articles",
        "payments/refunds & credits",
        "Refunds & credits",
        true,
    ),
    ("en", "articles", "contact", "Contact us", true),
    ("en", "guides", "assembly", "Assembly", true),
    ("en", "guides", "assembly/wall-rack-200", "Wall Rack 200", true),
    ("en", "guides", "assembly/wall-rack-200/tools", "Tools you need", false),
    ("fr", "articles", "commandes", "Commandes", true),
    ("fr", "articles", "commandes/suivre", "Suivre une commande", true),
];

fn add_node(website: &mut Website, helpdesk: &mut Helpdesk, (locale, content_type, path, title, published): Place) {
    let created_at = website.now - (90 - helpdesk.nodes.len() as i64) * DAY;
    helpdesk.nodes.push(Node {
        locale: locale.to_owned(),
        content_type: content_type.to_owned(),
        path: path.to_owned(),
        entity_id: website.new_id(),
        content: format!("# {title}\n\nWhat to know about it.\n"),
        metadata: object(json!({
            "format": "markdown",
            "title": title,
            "description": format!("{title}, explained"),
            "state": {"published": published, "hidden": false, "featured": path == "contact"},
        })),
        created_at,
        updated_at: created_at + DAY,
    });
}

/// The tree, with its locales, redirections and feedback.
pub(super) fn add(website: &mut Website, name: &str, domain_basic: &str) {
    let mut helpdesk = Helpdesk::new(name, domain_basic);
    helpdesk.settings = object(json!({
        "appearance": {"color": {"mode": "auto", "mode_changeable": true}, "logos": {}, "banner": null},
        "localization": {"writing_locale": "en", "translated_automatic": false},
        "section": {"articles": "Help"},
        "behavior": {"show_chatbox": true, "ask_feedback": true, "table_of_contents": true},
        "service": {"mcp_server": false},
        "include": {"html": null},
        "access": {"restrict_mode": "public", "password": null},
    }));
    for locale in ["en", "fr"] {
        let locale_id = website.new_id();
        helpdesk.locales.push(Locale {
            locale_id,
            locale: locale.to_owned(),
        });
    }
    for place in PLACES {
        add_node(website, &mut helpdesk, *place);
    }
    for number in 1..=23 {
        let path: &'static str = NEWS[number - 1];
        add_node(website, &mut helpdesk, ("en", "news", path, path, number % 5 != 0));
    }
    for (path, target) in [
        ("/old-orders", "/en/articles/orders/"),
        ("/faq", "/en/"),
        ("/contact-us", "/en/articles/contact/"),
    ] {
        let created_at = website.now - 80 * DAY;
        helpdesk.redirections.push(Redirection {
            redirection_id: website.new_id(),
            path: path.to_owned(),
            target: target.to_owned(),
            created_at,
            updated_at: created_at,
        });
    }
    add_feedback(website, &mut helpdesk);
    put_helpdesk(website, helpdesk);
}

/// The releases the news tell of.
const NEWS: &[&str] = &[
    "1-0", "1-1", "1-2", "1-3", "1-4", "1-5", "1-6", "2-0", "2-1", "2-2", "2-3", "2-4", "3-0", "3-1", "3-2", "3-3",
    "3-4", "3-5", "4-0", "4-1", "4-2", "4-3", "4-4",
];

fn add_feedback(website: &mut Website, helpdesk: &mut Helpdesk) {
    for index in 0..30 {
        let node = &helpdesk.nodes[1 + index % 7];
        let article = json!({
            "article_id": node.entity_id,
            "title": node.title(),
            "url": helpdesk.node_url(node),
        });
        let session =
            json!({"session_id": format!("session_{}", website.new_id()), "nickname": format!("visitor{index}")});
        helpdesk.feedbacks.push(Feedback {
            locale: "en".to_owned(),
            content_type: "articles",
            rating: if index % 3 == 2 { "unhelpful" } else { "helpful" },
            comment: if index % 3 == 2 { "Pictures would help." } else { "" }.to_owned(),
            article,
            session,
            created_at: website.now - (30 - index as i64) * DAY,
        });
    }
}

/// Categories, sections and articles of the earlier generation.
pub(super) fn add_articles(website: &mut Website) {
    let Some(mut helpdesk) = website.helpdesk.take() else {
        return;
    };
    let created_at = website.now - 200 * DAY;
    let categories = [
        ("en", "Orders"),
        ("en", "Payments"),
        ("en", "Products"),
        ("fr", "Commandes"),
        ("fr", "Paiements"),
    ];
    for (order, (locale, name)) in categories.into_iter().enumerate() {
        let category_id = website.new_id();
        helpdesk.categories.push(Category {
            category_id: category_id.clone(),
            locale: locale.to_owned(),
            name: name.to_owned(),
            description: (order % 2 == 0).then(|| format!("{name}, from A to Z")),
            color: "#1972F5".to_owned(),
            image: None,
            order: order as i64,
            created_at,
            updated_at: created_at,
        });
        for section in ["First steps", "Everything else"]
            .iter()
            .take(if order < 2 { 2 } else { 0 })
        {
            helpdesk.sections.push(Section {
                section_id: website.new_id(),
                category_id: category_id.clone(),
                name: (*section).to_owned(),
                order: helpdesk.sections.len() as i64,
                created_at,
                updated_at: created_at,
            });
        }
    }
    let english = ARTICLES.iter().map(|(title, category)| ("en", *title, *category));
    let french = FRENCH_ARTICLES.iter().map(|title| ("fr", *title, "Commandes"));
    for (index, (locale, title, category)) in english.chain(french).enumerate() {
        let category = helpdesk
            .categories
            .iter()
            .find(|one| one.locale == locale && one.name == category);
        let category_id = category.map(|one| one.category_id.clone());
        let section = helpdesk
            .sections
            .iter()
            .find(|one| Some(&one.category_id) == category_id.as_ref());
        let section_id = section.map(|one| one.section_id.clone()).filter(|_| index % 2 == 0);
        let published = index % 7 != 6;
        let created_at = created_at + index as i64 * DAY;
        let article = Article {
            article_id: website.new_id(),
            locale: locale.to_owned(),
            title: title.to_owned(),
            description: (index % 3 == 0).then(|| format!("About: {title}")),
            content: format!("# {title}\n\nSee also [{}](/{}).\n", title, slug(title)),
            status: if published { "published" } else { "draft" },
            visibility: if index % 10 == 9 { "hidden" } else { "visible" },
            featured: index % 8 == 0,
            visits: website.rng.i64(0..4000),
            order: index as i64,
            category_id,
            section_id,
            alternates: BTreeMap::new(),
            created_at,
            updated_at: created_at + 3 * DAY,
            published_at: published.then_some(created_at + 10 * MINUTE),
        };
        helpdesk.articles.push(article);
    }
    for (index, _) in FRENCH_ARTICLES.iter().enumerate().take(4) {
        let (own, other) = (index, ARTICLES.len() + index);
        let (one, two) = (
            helpdesk.articles[own].article_id.clone(),
            helpdesk.articles[other].article_id.clone(),
        );
        helpdesk.articles[own].alternates.insert("fr".to_owned(), two);
        helpdesk.articles[other].alternates.insert("en".to_owned(), one);
    }
    put_helpdesk(website, helpdesk);
}
