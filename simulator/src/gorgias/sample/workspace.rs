//! Settings, agents, teams, integrations and widgets of the sample shops. All names are made up; all addresses and numbers are
//! reserved for examples.

use fastrand::Rng;
use serde_json::{Value, json};

use super::super::operations::{integrations, users, widgets};
use super::super::records::{Account, object};
use super::super::time::{self, DAY, HOUR, MINUTE};

/// Somebody who answers customers.
pub(in crate::gorgias) struct Agent {
    pub(in crate::gorgias) first: &'static str,
    pub(in crate::gorgias) last: &'static str,
    pub(in crate::gorgias) role: &'static str,
    bio: Option<&'static str>,
    status: &'static str,
    teams: &'static [&'static str],
}

/// A team: name, description, emoji.
type Team = (&'static str, &'static str, &'static str);

/// A shop with an account.
pub(in crate::gorgias) struct Shop {
    pub(in crate::gorgias) domain: &'static str,
    pub(in crate::gorgias) name: &'static str,
    /// Where customers write to.
    pub(in crate::gorgias) mail: &'static str,
    /// Where customers call.
    pub(in crate::gorgias) phone: &'static str,
    pub(in crate::gorgias) sms: &'static str,
    pub(in crate::gorgias) timezone: &'static str,
    pub(in crate::gorgias) agents: &'static [Agent],
    pub(in crate::gorgias) teams: &'static [Team],
    /// Whether it uses all of what the helpdesk offers.
    pub(in crate::gorgias) large: bool,
}

impl Shop {
    /// The address of an agent.
    pub(in crate::gorgias) fn mail_of(&self, agent: &Agent) -> String {
        format!("{}@{}.example", agent.first.to_lowercase(), self.domain)
    }
}

const fn agent(first: &'static str, last: &'static str, role: &'static str, teams: &'static [&'static str]) -> Agent {
    Agent {
        first,
        last,
        role,
        bio: None,
        status: "available",
        teams,
    }
}

pub(in crate::gorgias) static ACME: Shop = Shop {
    domain: "acme",
    name: "Acme Outdoor",
    mail: "support@acme.example",
    phone: "+15550100",
    sms: "+15550101",
    timezone: "Europe/Paris",
    agents: &[
        Agent {
            bio: Some("Leads support"),
            ..agent("Linden", "Switch", "admin", &["Escalations"])
        },
        Agent {
            bio: Some("Refunds and invoices"),
            ..agent("Marlow", "Relay", "agent", &["Returns", "Billing"])
        },
        Agent {
            bio: Some("Accounts and orders on the website"),
            ..agent("Sorrel", "Beacon", "agent", &["First Line", "Accounts"])
        },
        agent("Wren", "Ferry", "agent", &["First Line", "Returns"]),
        Agent {
            status: "unavailable",
            ..agent("Juniper", "Lock", "basic-agent", &["Accounts"])
        },
        Agent {
            status: "unavailable",
            ..agent("Rowan", "Signal", "lite-agent", &["First Line"])
        },
        Agent {
            bio: Some("Reads along for the warehouse"),
            status: "unavailable",
            ..agent("Tarn", "Pallet", "observer-agent", &[])
        },
        agent("Helper", "Bot", "bot", &[]),
    ],
    teams: &[
        ("First Line", "Sees everything new", "🛎️"),
        ("Returns", "Returns, exchanges and refunds", "📦"),
        ("Billing", "Invoices, charges, vouchers", "💶"),
        ("Accounts", "Logins, passwords, addresses", "🔑"),
        ("Escalations", "What cannot wait", "🚨"),
    ],
    large: true,
};

pub(in crate::gorgias) static GLOBEX: Shop = Shop {
    domain: "globex",
    name: "Globex Kitchen",
    mail: "hello@globex.example",
    phone: "+15550150",
    sms: "+15550151",
    timezone: "America/New_York",
    agents: &[
        agent("Ivy", "Frontdoor", "admin", &["Kitchen Desk"]),
        agent("Jasper", "Hallway", "agent", &["Kitchen Desk"]),
        Agent {
            status: "unavailable",
            ..agent("Olive", "Pantry", "lite-agent", &[])
        },
    ],
    teams: &[("Kitchen Desk", "Everybody who answers", "🍳")],
    large: false,
};

/// A moment before now.
pub(super) fn ago(account: &Account, time: i64) -> String {
    time::text(account.now - time)
}

pub(super) fn add(account: &mut Account, shop: &Shop, _: &mut Rng) {
    add_settings(account, shop);
    add_users(account, shop);
    add_teams(account, shop);
    add_integrations(account, shop);
    add_widgets(account, shop);
}

fn add_settings(account: &mut Account, shop: &Shop) {
    let hours = json!({
        "timezone": shop.timezone,
        "business_hours": [
            {"days": "1,2,3,4,5", "from_time": "09:00", "to_time": "18:00"},
            {"days": "6", "from_time": "10:00", "to_time": "14:00"},
        ],
    });
    let survey = json!({
        "survey_email_html": format!("<p>How did {} do?</p>", shop.name),
        "survey_interval": 12,
        "send_survey_for_chat": shop.large,
        "send_survey_for_email": true,
    });
    let mut settings = vec![
        ("business-hours", "Business hours", hours),
        ("satisfaction-surveys", "Satisfaction surveys", survey),
        (
            "ticket-assignment",
            "Ticket assignment",
            json!({"auto_assign_to_teams": shop.large, "assignment_channels": ["email", "chat"]}),
        ),
    ];
    if shop.large {
        let night = json!({
            "timezone": shop.timezone,
            "business_hours": [{"days": "1,2,3,4,5,6,7", "from_time": "00:00", "to_time": "23:59"}],
        });
        settings.push(("business-hours", "Phone line", night));
        settings.push((
            "views-ordering",
            "Order of views",
            json!({"views": {}, "views_bottom": {}}),
        ));
        settings.push((
            "agent-costs",
            "Costs",
            json!({"agent_cost_per_ticket": 4.2, "currency": "EUR"}),
        ));
    }
    for (kind, name, data) in settings {
        account
            .settings
            .add(object(json!({"type": kind, "name": name, "data": data})));
    }
}

fn add_users(account: &mut Account, shop: &Shop) {
    for (index, agent) in (0..).zip(shop.agents) {
        let created = ago(account, 400 * DAY - index * 31 * DAY);
        let body = object(json!({
            "email": shop.mail_of(agent),
            "name": format!("{} {}", agent.first, agent.last),
            "role": {"name": agent.role},
            "bio": agent.bio,
            "country": if shop.large { "FR" } else { "US" },
            "language": "en",
            "timezone": shop.timezone,
            "external_id": format!("staff-{:03}", index + 1),
            "meta": {"profile_picture_url": format!("https://{}.example/staff/{}.png", shop.domain, index + 1)},
        }));
        let mut user = users::new(&body, &created);
        let status = json!({"status": agent.status, "updated_datetime": ago(account, (3 + 11 * index) * MINUTE)});
        user.insert("availability_status".to_owned(), status);
        user.insert("has_2fa_enabled".to_owned(), json!(index % 2 == 0));
        account.users.add(user);
    }
}

/// The number of an agent, by address.
fn user_id(account: &Account, mail: &str) -> Option<i64> {
    account.users.with("email", mail).map(|(id, _)| id)
}

fn add_teams(account: &mut Account, shop: &Shop) {
    for (index, (name, description, emoji)) in (0..).zip(shop.teams) {
        let members = shop.agents.iter().filter(|agent| agent.teams.contains(name));
        let members: Vec<i64> = members
            .filter_map(|agent| user_id(account, &shop.mail_of(agent)))
            .collect();
        account.teams.add(object(json!({
            "name": name,
            "description": description,
            "decoration": {"emoji": emoji},
            "members": members,
            "created_datetime": ago(account, 390 * DAY - index * HOUR),
        })));
    }
}

/// What is connected: type, name, description, meta, whether it is the helpdesk's own.
type Connected = (&'static str, String, &'static str, Value, bool);

fn connected(shop: &Shop) -> Vec<Connected> {
    let (domain, mail) = (shop.domain, shop.mail);
    let mut connected: Vec<Connected> = vec![
        (
            "email",
            format!("{} support", shop.name),
            "Where customers write to",
            json!({"address": mail, "preferred": true, "verified": true, "signature": {"text": format!("The {} team", shop.name)}}),
            true,
        ),
        (
            "gorgias_chat",
            format!("{} chat", shop.name),
            "The chat of the website",
            json!({"address": format!("{domain}-chat"), "status": "online", "shop_name": domain, "language": "en-US"}),
            false,
        ),
        (
            "phone",
            format!("{} phone", shop.name),
            "The telephone line",
            json!({
                "address": shop.phone, "phone_number_id": 1, "emoji": "📞",
                "preferences": {"record_inbound_calls": true, "voicemail_outside_business_hours": true},
            }),
            false,
        ),
        (
            "shopify",
            format!("{domain}-shop"),
            "The shop",
            json!({"shop_name": format!("{domain}-shop"), "currency": if shop.large { "EUR" } else { "USD" }, "sync_customer_notes": true}),
            false,
        ),
    ];
    if shop.large {
        connected.push((
            "gmail",
            format!("{} returns", shop.name),
            "What comes back",
            json!({"address": format!("returns@{domain}.example"), "preferred": false, "verified": true}),
            false,
        ));
        connected.push((
            "sms",
            format!("{} texts", shop.name),
            "Short messages",
            json!({"address": shop.sms, "phone_number_id": 2}),
            false,
        ));
        connected.push((
            "facebook",
            format!("{} on Instagram", shop.name),
            "Comments and direct messages",
            json!({"address": format!("{domain}.outdoor"), "instagram": {"username": format!("{domain}.outdoor")},
                "settings": {"instagram_comments_enabled": true, "instagram_direct_message_enabled": true}}),
            false,
        ));
        connected.push((
            "whatsapp",
            format!("{} on WhatsApp", shop.name),
            "",
            json!({"address": shop.phone, "routing": {"phone_number": shop.phone}}),
            false,
        ));
    }
    connected
}

fn add_integrations(account: &mut Account, shop: &Shop) {
    let owner = shop
        .agents
        .first()
        .and_then(|agent| user_id(account, &shop.mail_of(agent)));
    let owner = owner.unwrap_or_default();
    for (index, (kind, name, description, meta, managed)) in (0..).zip(connected(shop)) {
        let created = ago(account, 380 * DAY - index * 9 * DAY);
        let body = object(json!({
            "name": name, "type": kind, "meta": meta, "managed": managed,
            "description": Some(description).filter(|text| !text.is_empty()),
        }));
        account.integrations.add(integrations::new(&body, owner, &created));
    }
    let hooks: &[(&str, &str, &str, bool)] = &[
        ("Orders", "Shows the customer's last orders", "GET", false),
        ("Warehouse", "Tells the warehouse of new tickets", "POST", true),
        ("Old warehouse", "Was replaced by Warehouse", "POST", true),
    ];
    let count = if shop.large { hooks.len() } else { 1 };
    for (index, (name, description, method, tells)) in (0..).zip(hooks.iter().take(count)) {
        let retired = name.starts_with("Old").then(|| ago(account, 90 * DAY));
        let form = json!({"ticket_id": "{{ticket.id}}", "subject": "{{ticket.subject}}", "event": "{{context}}"});
        let created = ago(account, 300 * DAY - index * DAY);
        let path = if *tells {
            "tickets"
        } else {
            "orders?email={{ticket.customer.email}}"
        };
        let body = object(json!({
            "name": name, "type": "http", "description": description, "deactivated_datetime": retired,
            "http": {
                "url": format!("https://hooks.{}.example/{}/{path}", shop.domain, name.to_lowercase().replace(' ', "-")),
                "method": method,
                "request_content_type": "application/json",
                "response_content_type": "application/json",
                "form": tells.then_some(form),
                "headers": {"X-Shop": shop.domain},
                "hmac_secret": "sample-secret-for-the-simulator-only",
                "triggers": {"ticket-created": tells, "ticket-message-created": tells},
            },
        }));
        let id = account.integrations.add(integrations::new(&body, owner, &created));
        if let Ok(integration) = account.integrations.change(id) {
            integrations::settle_http(integration, id);
        }
    }
}

fn add_widgets(account: &mut Account, shop: &Shop) {
    let card = |title: &str, fields: &[(&str, &str)]| {
        let fields = (0..)
            .zip(fields)
            .map(|(order, (path, title))| json!({"type": "text", "path": path, "title": title, "order": order}));
        let fields: Vec<Value> = fields.collect();
        json!({"type": "wrapper", "widgets": [{"type": "card", "title": title, "order": 0, "widgets": fields}]})
    };
    let hook = account.integrations.with("name", "Orders").map(|(id, _)| id);
    let mut widgets_of = vec![
        json!({
            "type": "shopify", "context": "ticket", "order": 0,
            "template": card("Customer", &[("name", "Name"), ("orders_count", "Orders"), ("total_spent", "Spent")]),
        }),
        json!({
            "type": "http", "context": "ticket", "order": 1, "integration_id": hook,
            "template": card("Last order", &[("number", "Number"), ("state", "State"), ("carrier", "Carrier")]),
        }),
    ];
    if shop.large {
        widgets_of.push(json!({
            "type": "customer_external_data", "context": "customer", "order": 2, "app_id": "acme-loyalty",
            "template": card("Loyalty", &[("tier", "Tier"), ("points", "Points")]),
        }));
        widgets_of.push(json!({
            "type": "custom", "context": "customer", "order": 3, "deactivated_datetime": ago(account, 60 * DAY),
            "template": card("Notes of the old system", &[("text", "Note")]),
        }));
    }
    for (index, widget) in (0..).zip(widgets_of) {
        let created = ago(account, 280 * DAY - index * HOUR);
        account.widgets.add(widgets::new(&object(widget), &created));
    }
}
