//! The sample companies: settings written out, records drawn from the seed.

use std::collections::BTreeMap;

use axum::body::Bytes;
use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::companies::DEFAULT_SLA;
use super::records::{
    Agent, CategoryNames, Company, Contact, Contract, CustomField, CustomKind, KbArticle, KbCategory, KbFolder,
    Message, MessageKind, Sla, Survey, Tenant, Ticket, TicketSurvey, TimeEntry,
};
use super::sample_texts::{
    ACME_ARTICLES, ACME_COMPANIES, ArticleText, BIRCHWOOD_ARTICLES, BIRCHWOOD_COMPANIES, CompanyText, FIRST_NAMES,
    HOSTILE_BODY, HOSTILE_SUBJECT, LAST_NAMES, PRODUCTS, SECOND_VIP_BODY, SECOND_VIP_SUBJECT, THANKS, TITLES, TOPICS,
    Topic, VIP_BODY, VIP_SUBJECT,
};
use crate::Options;
use crate::engine::{Moment, Upload};

/// The tenant with the large sample company; contracts are enabled.
pub(super) const ACME: &str = "acme";
/// A small second tenant with other settings; contracts are not enabled.
pub(super) const BIRCHWOOD: &str = "birchwood";
/// The company whose urgent ticket waits for somebody.
pub(super) const VIP_COMPANY: &str = "Halcyon Freight & Co.";

const VIP_EMAIL: &str = "marina.quayside@halcyonfreight.example";
const SECOND_VIP_EMAIL: &str = "otto.spindle@lumenloom.example";
const MINUTES_A_DAY: i64 = 24 * 60;
/// The sample reaches so many days back.
const DAYS: i64 = 60;
/// How many tickets Acme usually has.
const TICKETS: usize = 200;
/// The fewest tickets that hold the whole story.
const FEWEST_TICKETS: usize = 40;
/// Beyond 32 bits, as the vendor's are declared 64 bits wide.
const FIRST_ID: i64 = 5_000_000_000;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[rng.usize(..items.len())]
}

fn choose<'a>(rng: &mut Rng, texts: &[&'a str]) -> &'a str {
    texts[rng.usize(..texts.len())]
}

fn field(name: &str, kind: CustomKind) -> CustomField {
    CustomField {
        key: format!("cf_{name}"),
        kind,
    }
}

fn categories(names: &[(&str, &[&str])]) -> Vec<CategoryNames> {
    names
        .iter()
        .map(|(name, subcategories)| CategoryNames {
            name: (*name).to_owned(),
            subcategories: strings(subcategories),
        })
        .collect()
}

fn agents(subdomain: &str, names: &[&str]) -> Vec<Agent> {
    names
        .iter()
        .map(|name| {
            let email = format!("{}@{subdomain}.example", name.to_lowercase().replace(' ', "."));
            Agent {
                name: (*name).to_owned(),
                email,
            }
        })
        .collect()
}

fn bare(subdomain: &str, options: &Options) -> Tenant {
    Tenant {
        subdomain: subdomain.to_owned(),
        api_key: format!("{subdomain}-sample-key-for-the-simulator-only"),
        key_owner: String::new(),
        support_email: format!("support@{subdomain}.example"),
        mailboxes: vec![
            format!("support@{subdomain}.example"),
            format!("billing@{subdomain}.example"),
        ],
        contracts_enabled: false,
        statuses: strings(&["Open", "Pending", "Resolved", "Closed"]),
        types: strings(&["Question", "Incident", "Problem", "Request"]),
        groups: Vec::new(),
        forms: Vec::new(),
        slas: Vec::new(),
        categories: Vec::new(),
        ticket_fields: Vec::new(),
        contact_fields: Vec::new(),
        company_fields: Vec::new(),
        contract_categories: Vec::new(),
        agents: Vec::new(),
        contacts: Vec::new(),
        companies: Vec::new(),
        tickets: Vec::new(),
        conversations: BTreeMap::new(),
        mails: Vec::new(),
        time_entries: Vec::new(),
        surveys: Vec::new(),
        contracts: Vec::new(),
        kb_categories: Vec::new(),
        kb_folders: Vec::new(),
        kb_articles: Vec::new(),
        locations: Vec::new(),
        attachments: Vec::new(),
        now: Moment(options.start),
        last_id: FIRST_ID,
    }
}

/// The large sample company.
pub(super) fn acme(options: &Options) -> Tenant {
    let mut rng = Rng::with_seed(options.seed);
    let mut tenant = bare(ACME, options);
    tenant.agents = agents(
        ACME,
        &[
            "Amber Desk",
            "Basil Counter",
            "Coral Queue",
            "Dale Inbox",
            "Elm Ledger",
            "Fern Dispatch",
            "Gale Handover",
            "Heath Nightshift",
        ],
    );
    tenant.key_owner = tenant.agents[0].email.clone();
    tenant.contracts_enabled = true;
    tenant.statuses.push("Waiting on Vendor".to_owned());
    tenant.types.push("Feature 💡".to_owned());
    tenant.groups = strings(&["Support", "Billing & Refunds", "Engineering", "Shipping / Logistics"]);
    tenant.forms = strings(&["Default Form", "Returns + Refunds"]);
    tenant.slas = vec![
        Sla {
            name: "Standard SLA".to_owned(),
            hours: [72, 48, 24, 8],
        },
        Sla {
            name: "VIP SLA ⭐".to_owned(),
            hours: [24, 8, 4, 1],
        },
    ];
    tenant.categories = categories(&[
        ("Billing & Refunds", &["Invoices", "Refunds"]),
        ("Accounts / Login", &["Password", "Two-factor"]),
        ("Product", &["Bug", "Idea"]),
        ("Shipping", &[]),
    ]);
    tenant.ticket_fields = vec![
        field("Order Number", CustomKind::Text),
        field(
            "Product Area",
            CustomKind::Dropdown(strings(&[
                "Checkout",
                "Accounts & Login",
                "Mobile App",
                "Warehouse / Shipping",
            ])),
        ),
        field("Refund Amount", CustomKind::Number),
        field("Escalated ⚠️", CustomKind::Checkbox),
        field("Browser/OS", CustomKind::Text),
    ];
    tenant.contact_fields = vec![field("Preferred Language", CustomKind::Text)];
    tenant.company_fields = vec![
        field(
            "Account Tier",
            CustomKind::Dropdown(strings(&["Standard", "Plus", "VIP"])),
        ),
        field("Seats & Licences", CustomKind::Number),
    ];
    tenant.contract_categories = strings(&["Support", "Development & Design"]);

    add_companies(&mut tenant, &mut rng, ACME_COMPANIES);
    for company in &mut tenant.companies[..2] {
        company.sla = "VIP SLA ⭐".to_owned();
    }
    add_contacts(&mut tenant, &mut rng, 54);
    add_named_contacts(&mut tenant);
    add_surveys(&mut tenant);
    add_tickets(&mut tenant, &mut rng, options.tickets_or(TICKETS).max(FEWEST_TICKETS));
    add_story(&mut tenant);
    add_time_entries(&mut tenant, &mut rng);
    add_contracts(&mut tenant);
    add_knowledge(&mut tenant, &mut rng, ACME_ARTICLES);
    add_locations(&mut tenant);
    tenant
}

/// The small second tenant.
pub(super) fn birchwood(options: &Options) -> Tenant {
    let mut rng = Rng::with_seed(options.seed.wrapping_add(0xB1));
    let mut tenant = bare(BIRCHWOOD, options);
    tenant.agents = agents(BIRCHWOOD, &["Ivy Frontdoor", "Jasper Hallway"]);
    tenant.key_owner = tenant.agents[0].email.clone();
    tenant.groups = strings(&["House", "Office"]);
    tenant.forms = strings(&["Visitors"]);
    tenant.slas = vec![Sla {
        name: "One Day".to_owned(),
        hours: [24, 24, 24, 24],
    }];
    tenant.categories = categories(&[("Rooms", &["Keys"])]);
    tenant.ticket_fields = vec![
        field("Room", CustomKind::Text),
        field("Hurry 🔥", CustomKind::Dropdown(strings(&["yes", "no"]))),
    ];
    add_companies(&mut tenant, &mut rng, BIRCHWOOD_COMPANIES);
    add_contacts(&mut tenant, &mut rng, 9);
    add_surveys(&mut tenant);
    add_tickets(&mut tenant, &mut rng, 24);
    add_knowledge(&mut tenant, &mut rng, BIRCHWOOD_ARTICLES);
    tenant
}

fn add_companies(tenant: &mut Tenant, rng: &mut Rng, texts: &[CompanyText]) {
    let cities = [
        ("Saltmarsh", "Coast"),
        ("Upper Hollow", "Hills"),
        ("Bridgeford", "Plains"),
    ];
    for (index, (name, domains, description)) in texts.iter().enumerate() {
        let (city, state) = *pick(rng, &cities);
        let known = rng.bool();
        let mut custom_fields = Map::new();
        if !tenant.company_fields.is_empty() {
            let tier = if index < 2 {
                "VIP"
            } else {
                choose(rng, &["Standard", "Plus"])
            };
            custom_fields.insert("cf_Account Tier".to_owned(), json!(tier));
            if known {
                custom_fields.insert("cf_Seats & Licences".to_owned(), json!(rng.u32(1..400)));
            }
        }
        let created_on = tenant.now.plus_minutes(-MINUTES_A_DAY * (400 - 10 * index as i64));
        tenant.companies.push(Company {
            name: (*name).to_owned(),
            description: description.map(str::to_owned),
            phone: known.then(|| format!("+1 555 0100 {index:02}")),
            address: known.then(|| format!("{} Harbour Row / Unit {}", rng.u32(1..99), index + 1)),
            city: known.then(|| city.to_owned()),
            state: known.then(|| state.to_owned()),
            country: known.then(|| "Farland".to_owned()),
            zipcode: known.then(|| format!("{:05}", rng.u32(1000..99999))),
            sla: DEFAULT_SLA.to_owned(),
            domains: strings(domains),
            created_on,
            updated_on: (index % 3 == 0).then(|| created_on.plus_minutes(MINUTES_A_DAY * 30)),
            custom_fields,
            attachments: Vec::new(),
        });
    }
}

fn contact(name: &str, email: &str, company: Option<&str>, created_on: Moment) -> Contact {
    Contact {
        name: name.to_owned(),
        primary_email: email.to_owned(),
        secondary_emails: None,
        is_deleted: 0,
        title: None,
        mobile: None,
        phone: None,
        company_name: company.map(str::to_owned),
        created_on,
        updated_on: None,
        custom_fields: Map::new(),
        attachments: Vec::new(),
    }
}

fn add_contacts(tenant: &mut Tenant, rng: &mut Rng, count: usize) {
    for index in 0..count {
        let first = FIRST_NAMES[index % FIRST_NAMES.len()];
        let last = LAST_NAMES[(index * 5 + index / FIRST_NAMES.len()) % LAST_NAMES.len()];
        // One in eight has no company.
        let company = if rng.u8(..8) == 0 {
            None
        } else {
            Some(&tenant.companies[rng.usize(..tenant.companies.len())])
        };
        let domain = company
            .and_then(|company| company.domains.first())
            .map_or("mailbox.example", String::as_str);
        let email = format!("{}.{}@{domain}", first.to_lowercase(), last.to_lowercase());
        let created_on = tenant.now.plus_minutes(-MINUTES_A_DAY * (300 - 4 * index as i64));
        let mut made = contact(
            &format!("{first} {last}"),
            &email,
            company.map(|company| company.name.as_str()),
            created_on,
        );
        made.title = rng.bool().then(|| choose(rng, TITLES).to_owned());
        made.phone = rng.bool().then(|| format!("+1 555 0101 {index:02}"));
        made.mobile = (rng.u8(..3) == 0).then(|| format!("+1 555 0102 {index:02}"));
        made.updated_on = (rng.u8(..4) == 0).then(|| created_on.plus_minutes(MINUTES_A_DAY * 2));
        if !tenant.contact_fields.is_empty() && rng.bool() {
            made.custom_fields.insert(
                "cf_Preferred Language".to_owned(),
                json!(choose(rng, &["en", "de", "fr"])),
            );
        }
        tenant.contacts.push(made);
    }
}

/// Contacts that stories and awkward cases need.
fn add_named_contacts(tenant: &mut Tenant) {
    let created_on = tenant.now.plus_minutes(-MINUTES_A_DAY * 200);
    let mut marina = contact("Marina Quayside", VIP_EMAIL, Some(VIP_COMPANY), created_on);
    marina.title = Some("Head of Operations".to_owned());
    marina.phone = Some("+1 555 0100 99".to_owned());
    marina.secondary_emails = Some("marina@halcyon-depots.example,ops+night@halcyon-depots.example".to_owned());
    marina.updated_on = Some(created_on.plus_minutes(90));
    let otto = contact("Otto Spindle", SECOND_VIP_EMAIL, Some("Lumen + Loom"), created_on);
    let plus = contact("Dot Plus", "dot+orders@mailbox.example", None, created_on);
    let bee = contact(
        "Bea \"Buzz\" O'Hive 🐝",
        "bea@beesblossoms.example",
        Some("Bees 🐝 & Blossoms"),
        created_on,
    );
    let mut gone = contact(
        "Gone Away",
        "gone.away@quoted.example",
        Some("The \"Quoted\" Company"),
        created_on,
    );
    gone.is_deleted = 1;
    let stranger = contact("stranger", "stranger@unknown.example", None, created_on);
    tenant.contacts.extend([marina, otto, plus, bee, gone, stranger]);
}

fn add_surveys(tenant: &mut Tenant) {
    let points = |labels: &[(i64, &str)]| {
        labels
            .iter()
            .map(|(point, label)| (*point, (*label).to_owned()))
            .collect()
    };
    let survey = |name: &str, kind: i64| Survey {
        survey_name: name.to_owned(),
        survey_type: kind,
        scale: 5,
        rating_order: 1,
        neutral_type: 2,
        points: Vec::new(),
        thankyou_text: "Thank you for telling us.".to_owned(),
        questions: strings(&["How was our help?"]),
        comments_title: Some("Anything else?".to_owned()),
        notify_type: 7,
        is_active: true,
        is_deleted: false,
    };
    let scale: Vec<(i64, String)> = points(&[(-3, "Awful"), (-1, "Poor"), (0, "So-so"), (1, "Good"), (3, "Excellent")]);
    let mut satisfaction = survey("Customer Satisfaction", 1);
    satisfaction.points.clone_from(&scale);
    satisfaction.questions = strings(&["How was our help?", "Was it fast?", "Was it friendly?"]);
    let mut stars = survey("Five Stars ★ & More", 2);
    stars.comments_title = None;
    stars.notify_type = 8;
    let mut old = survey("Old Survey", 3);
    old.is_active = false;
    old.is_deleted = true;
    tenant.surveys.extend([satisfaction, stars, old]);
}

/// Fills the places of a text.
struct Filler {
    order: String,
    product: &'static str,
    amount: String,
    version: String,
    name: String,
}

impl Filler {
    fn fill(&self, text: &str) -> String {
        text.replace("{order}", &self.order)
            .replace("{product}", self.product)
            .replace("{amount}", &self.amount)
            .replace("{version}", &self.version)
            .replace("{name}", &self.name)
    }
}

fn add_tickets(tenant: &mut Tenant, rng: &mut Rng, count: usize) {
    let interval = (DAYS * MINUTES_A_DAY / count as i64).max(2);
    for index in 0..count {
        let back = (count - index) as i64 * interval - rng.i64(0..interval);
        let created_on = Moment(tenant.now.plus_minutes(-back).0 + rng.i64(0..60));
        add_ticket(tenant, rng, 1001 + index as i64, created_on, back);
    }
    for number in [1004, 1009, 1015] {
        if let Ok(index) = tenant.ticket_index(number) {
            tenant.tickets[index].merged = number != 1015;
            tenant.tickets[index].archived = number == 1015;
        }
    }
}

fn add_ticket(tenant: &mut Tenant, rng: &mut Rng, number: i64, created_on: Moment, age: i64) {
    let topic = pick(rng, TOPICS);
    let author = pick(rng, &tenant.contacts).clone();
    let filler = Filler {
        order: format!("A-{}", rng.u32(10_000..99_999)),
        product: choose(rng, PRODUCTS),
        amount: format!("{}.{:02}", rng.u32(5..900), rng.u32(..100)),
        version: format!("4.{}.{}", rng.u32(..3), rng.u32(..10)),
        name: author.name.clone(),
    };
    let days = age / MINUTES_A_DAY;
    let status = match (days, rng.u8(..10)) {
        (14.., 0) => "Pending",
        (14.., 1..=6) => "Closed",
        (14.., _) => "Resolved",
        (4.., 0..=2) => "Open",
        (4.., 3..=4) => "Pending",
        (4.., 5..=7) => "Resolved",
        (4.., _) => "Closed",
        (_, 0..=6) => "Open",
        _ => "Pending",
    };
    let status = if status == "Pending" && tenant.statuses.len() > 4 && rng.u8(..3) == 0 {
        "Waiting on Vendor"
    } else {
        status
    };
    let over = matches!(status, "Resolved" | "Closed");
    // New ones wait for somebody more often than old ones.
    let assigned = over || rng.u8(..10) < if days < 4 { 4 } else { 8 };
    let assigned_to = assigned.then(|| pick(rng, &tenant.agents).email.clone());
    let priority = *pick(rng, &[1, 5, 5, 5, 5, 10, 10, 20]);
    let sla = tenant.sla_for(author.company_name.as_deref());
    let settings = known_settings(tenant, topic, rng);
    let first_assigned_time = assigned_to
        .is_some()
        .then(|| created_on.plus_minutes(rng.i64(1..120).min(age - 1)));

    let ended = over.then(|| created_on.plus_minutes(rng.i64(60..4 * MINUTES_A_DAY).min(age - 30)));
    let span = ended.map_or(age, |ended| ended.minutes_since(created_on)).max(10);
    let messages = conversation(tenant, rng, topic, &filler, (number, created_on, span), &author, over);
    let answer = messages
        .iter()
        .find(|message| matches!(message.kind, MessageKind::AgentReply | MessageKind::PublicNote));
    let first_response_time = answer.map(|message| message.created_on);
    let updated_on = ended.or_else(|| messages.last().map(|message| message.created_on));

    let survey = ended.filter(|_| rng.u8(..5) < 2).map(|ended| {
        let answered = rng.u8(..4) > 0;
        TicketSurvey {
            survey_name: tenant.surveys[usize::from(rng.u8(..4) == 0)].survey_name.clone(),
            sent_on: ended.plus_minutes(1),
            rated_on: answered.then(|| ended.plus_minutes(rng.i64(2..28))),
            rating: answered.then(|| *pick(rng, &[-3, -1, 0, 1, 1, 3, 3])),
            comment: (answered && rng.u8(..3) == 0).then(|| "Quick & kind, thank you.".to_owned()),
        }
    });
    let attachments = if rng.u8(..8) == 0 {
        attach(tenant, rng, created_on)
    } else {
        Vec::new()
    };
    tenant.tickets.push(Ticket {
        ticket_number: number,
        contact_email: author.primary_email,
        subject: filler.fill(choose(rng, topic.subjects)),
        description: Some(filler.fill(choose(rng, topic.bodies))),
        status: status.to_owned(),
        priority,
        kind: settings.kind,
        source: *pick(rng, &[1, 1, 1, 6, 6, 7, 12, 13, 16]),
        form_name: tenant.forms.first().cloned(),
        sla: sla.clone(),
        group: settings.group,
        category: settings.category,
        subcategory: settings.subcategory,
        created_on,
        updated_on,
        resolved_on: ended,
        closed_on: ended.filter(|_| status == "Closed").map(|ended| ended.plus_minutes(20)),
        due_date: tenant.due(&sla, priority, created_on),
        first_response_time,
        first_assigned_time,
        custom_fields: custom_values(tenant, rng, topic, &filler),
        survey,
        attachments,
        watchers: if rng.u8(..6) == 0 {
            vec![tenant.agents[1].email.clone()]
        } else {
            Vec::new()
        },
        share_to: Vec::new(),
        updated_by: updated_on.and(assigned_to.clone()),
        updated_by_type: updated_on.map(|_| 2),
        closed_by: (status == "Closed").then(|| assigned_to.clone()).flatten(),
        closed_by_type: (status == "Closed").then_some(2),
        assigned_to,
        merged: false,
        archived: false,
    });
    if !messages.is_empty() {
        tenant.conversations.insert(number, messages);
    }
}

struct Settings {
    kind: Option<String>,
    group: Option<String>,
    category: Option<String>,
    subcategory: Option<String>,
}

/// The topic's words as far as the tenant has them.
fn known_settings(tenant: &Tenant, topic: &Topic, rng: &mut Rng) -> Settings {
    // One in five was sorted by nobody.
    let sorted = rng.u8(..5) > 0;
    let category = tenant
        .categories
        .iter()
        .find(|category| category.name == topic.category)
        .filter(|_| sorted);
    Settings {
        kind: topic
            .kind
            .filter(|kind| sorted && tenant.types.iter().any(|known| known == kind))
            .map(str::to_owned),
        group: tenant
            .groups
            .iter()
            .find(|group| *group == topic.group)
            .or(tenant.groups.first())
            .filter(|_| sorted)
            .cloned(),
        category: category.map(|category| category.name.clone()),
        subcategory: category
            .and_then(|category| {
                category
                    .subcategories
                    .iter()
                    .find(|sub| Some(sub.as_str()) == topic.subcategory)
            })
            .cloned(),
    }
}

fn custom_values(tenant: &Tenant, rng: &mut Rng, topic: &Topic, filler: &Filler) -> Map<String, Value> {
    let mut values = Map::new();
    for field in &tenant.ticket_fields {
        let value = match (&field.kind, field.key.as_str()) {
            (_, "cf_Order Number") => json!(filler.order),
            (_, "cf_Product Area") => json!(topic.area),
            (CustomKind::Text, "cf_Room") => json!(format!("{} / {}", rng.u32(1..5), rng.u32(100..130))),
            (CustomKind::Text, _) => json!(choose(rng, &["Firefox / Linux", "Safari / macOS", "Chrome / Android"])),
            (CustomKind::Number, _) => json!(filler.amount.parse::<f64>().unwrap_or_default()),
            (CustomKind::Checkbox, _) => json!(rng.u8(..6) == 0),
            (CustomKind::Dropdown(choices), _) => json!(pick(rng, choices)),
        };
        if rng.u8(..3) > 0 {
            values.insert(field.key.clone(), value);
        }
    }
    values
}

fn conversation(
    tenant: &mut Tenant,
    rng: &mut Rng,
    topic: &Topic,
    filler: &Filler,
    (number, created_on, span): (i64, Moment, i64),
    author: &Contact,
    over: bool,
) -> Vec<Message> {
    let count = if over { rng.i64(1..6) } else { rng.i64(0..5) };
    let agent = pick(rng, &tenant.agents).clone();
    let mut messages = Vec::new();
    for step in 0..count {
        let kind = match (step, rng.u8(..12)) {
            (0, 0..=8) => MessageKind::AgentReply,
            (0, _) | (_, 0..=1) => MessageKind::PrivateNote,
            (_, 2..=5) => MessageKind::ContactReply,
            (_, 6) => MessageKind::PublicNote,
            (_, 7) if number % 17 == 0 => MessageKind::Forward,
            _ => MessageKind::AgentReply,
        };
        let text = match kind {
            MessageKind::ContactReply => choose(rng, THANKS).to_owned(),
            MessageKind::PrivateNote => format!("<p>{}</p>", filler.fill(choose(rng, topic.notes))),
            _ => filler.fill(choose(rng, topic.replies)),
        };
        let from_contact = kind == MessageKind::ContactReply;
        let to_address = match kind {
            MessageKind::ContactReply => Some(tenant.support_email.clone()),
            MessageKind::PrivateNote => None,
            MessageKind::Forward => Some("carrier@parcels.example".to_owned()),
            MessageKind::AgentReply | MessageKind::PublicNote => Some(author.primary_email.clone()),
        };
        let sent = created_on.plus_minutes(span * (step + 1) / (count + 1));
        let attachments = if from_contact && rng.u8(..4) == 0 {
            attach(tenant, rng, sent)
        } else {
            Vec::new()
        };
        messages.push(Message {
            id: tenant.next_id(),
            ticket_number: number,
            kind,
            created_by: if from_contact {
                author.primary_email.clone()
            } else {
                agent.email.clone()
            },
            creator_name: if from_contact {
                author.name.clone()
            } else {
                agent.name.clone()
            },
            to_address,
            cc_address: (kind == MessageKind::AgentReply && rng.u8(..6) == 0)
                .then(|| "books@ledger.example,stock@ledger.example".to_owned()),
            bcc_address: None,
            notified_agents: (kind == MessageKind::PrivateNote && rng.bool()).then(|| tenant.agents[0].email.clone()),
            body: text,
            attachments,
            created_on: sent,
            bounced: kind == MessageKind::AgentReply && rng.u8(..25) == 0,
        });
    }
    messages
}

fn attach(tenant: &mut Tenant, rng: &mut Rng, created_on: Moment) -> Vec<u64> {
    let files: [(&str, &str, &[u8]); 4] = [
        (
            "invoice & receipt+1.pdf",
            "application/pdf",
            b"%PDF-1.4\n% an empty sample\n%%EOF\n",
        ),
        ("screenshot \u{1f41b}.png", "image/png", b"\x89PNG\r\n\x1a\n"),
        ("log 50%.txt", "text/plain", b"08:10:00 ERROR checkout: 503\n"),
        ("order/list.csv", "text/csv", b"order,total\nA-10000,19.90\n"),
    ];
    let (name, content_type, bytes) = *pick(rng, &files);
    let upload = Upload {
        label: String::new(),
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        bytes: Bytes::from_static(bytes),
    };
    let ids = tenant.keep_files(&[upload]);
    for attachment in tenant
        .attachments
        .iter_mut()
        .filter(|attachment| ids.contains(&attachment.id))
    {
        attachment.created_on = created_on;
    }
    ids
}

/// The last tickets but one tell a story: a VIP in trouble, a second one, a hostile text. Nobody has looked at them yet.
fn add_story(tenant: &mut Tenant) {
    let last = tenant.tickets.last().map_or(0, |ticket| ticket.ticket_number);
    let story = [
        (last - 3, 38, VIP_EMAIL, VIP_SUBJECT, VIP_BODY, 20),
        (
            last - 2,
            31,
            "stranger@unknown.example",
            HOSTILE_SUBJECT,
            HOSTILE_BODY,
            5,
        ),
        (last - 1, 24, SECOND_VIP_EMAIL, SECOND_VIP_SUBJECT, SECOND_VIP_BODY, 5),
        (
            last,
            9,
            "dot+orders@mailbox.example",
            "Opening hours?",
            "<p>When are you open at Easter?</p>",
            1,
        ),
    ];
    for (number, minutes, email, subject, body, priority) in story {
        let Ok(index) = tenant.ticket_index(number) else {
            continue;
        };
        tenant.conversations.remove(&number);
        let sla = tenant.sla_for(tenant.company_of(email));
        let created_on = tenant.now.plus_minutes(-minutes);
        let due_date = tenant.due(&sla, priority, created_on);
        tenant.tickets[index] = Ticket {
            ticket_number: number,
            contact_email: email.to_owned(),
            subject: subject.to_owned(),
            description: Some(body.to_owned()),
            status: "Open".to_owned(),
            priority,
            kind: None,
            source: 1,
            form_name: None,
            assigned_to: None,
            sla,
            group: None,
            category: None,
            subcategory: None,
            created_on,
            updated_on: None,
            resolved_on: None,
            closed_on: None,
            due_date,
            first_response_time: None,
            first_assigned_time: None,
            custom_fields: Map::new(),
            survey: None,
            attachments: Vec::new(),
            watchers: Vec::new(),
            share_to: Vec::new(),
            updated_by: None,
            updated_by_type: None,
            closed_by: None,
            closed_by_type: None,
            merged: false,
            archived: false,
        };
    }
    // A ticket without any text, as voice calls leave them.
    if let Ok(index) = tenant.ticket_index(last - 6) {
        tenant.tickets[index].description = None;
    }
}

fn add_time_entries(tenant: &mut Tenant, rng: &mut Rng) {
    let worked: Vec<(i64, String, Moment)> = tenant
        .tickets
        .iter()
        .filter_map(|ticket| {
            Some((
                ticket.ticket_number,
                ticket.assigned_to.clone()?,
                ticket.first_assigned_time?,
            ))
        })
        .filter(|_| rng.u8(..4) == 0)
        .collect();
    let count = worked.len();
    for (index, (ticket_number, agent_email, start_time)) in worked.into_iter().enumerate() {
        let minutes = rng.i64(3..95);
        let running = index + 1 == count;
        let entry = TimeEntry {
            id: tenant.next_id(),
            ticket_number,
            agent_email,
            note: rng.bool().then(|| "Looked into it & wrote back".to_owned()),
            billable: i64::from(rng.u8(..3) > 0),
            created_time: start_time.plus_minutes(minutes),
            updated_time: (rng.u8(..5) == 0).then(|| start_time.plus_minutes(minutes + 10)),
            start_time,
            time_spent_in_minutes: if running { 0 } else { minutes },
            timer_running: i64::from(running),
            additional_info: None,
        };
        tenant.time_entries.push(entry);
    }
}

fn add_contracts(tenant: &mut Tenant) {
    let now = Moment(tenant.now.0 - tenant.now.0.rem_euclid(86_400));
    // Name, company, first and last day from today, block hours or none, active.
    let contracts = [
        ("Gold Support", VIP_COMPANY, -200, 165, Some(120), true),
        ("Gold Support", "Lumen + Loom", -100, 265, Some(80), true),
        ("Ticket Pack 50", "Either/Or Books", -30, 335, None, true),
        ("Starter & Setup", "Quietwater Dental", -400, -35, Some(10), true),
        ("Next Year / Renewal", "Ziggurat Toys", 40, 405, Some(40), true),
        ("Paused", "Odd Socks Ltd", -90, 275, None, false),
    ];
    for (index, (name, company, first, last, hours, is_active)) in contracts.into_iter().enumerate() {
        let number = index as i64;
        tenant.contracts.push(Contract {
            name: name.to_owned(),
            company: company.to_owned(),
            start_date: now.plus_minutes(first * MINUTES_A_DAY),
            end_date: now.plus_minutes(last * MINUTES_A_DAY),
            reference_number: format!("CT-{:04}", index + 1),
            setup_fees: 100 * number,
            sla: tenant.sla_for(Some(company)),
            category: (index % 2 == 0).then(|| "Support".to_owned()),
            is_active,
            is_default: index == 0,
            bill_cycle: 1 + number % 2,
            after_hours_included: index == 0,
            contract_type: if hours.is_some() { 2 } else { 3 },
            contract_hours: hours,
            min_increment: hours.map(|_| 15),
            rollover_unused_hours: hours.map(|_| index == 0),
            rollover_type: hours.filter(|_| index == 0).map(|_| 1),
            rollover_value: hours.filter(|_| index == 0).map(|_| 2),
            contract_tickets: if hours.is_some() { None } else { Some(50) },
            used_minutes: hours.map_or(0, |hours| if index == 3 { hours * 60 + 45 } else { hours * 20 }),
        });
    }
}

fn add_knowledge(tenant: &mut Tenant, rng: &mut Rng, articles: &[ArticleText]) {
    let created_on = tenant.now.plus_minutes(-MINUTES_A_DAY * 150);
    let author = tenant.key_owner.clone();
    for (title, category, folder, content) in articles {
        if !tenant.kb_categories.iter().any(|known| known.name == *category) {
            let order = tenant.kb_categories.len() as i64 + 1;
            tenant.kb_categories.push(KbCategory {
                name: (*category).to_owned(),
                description: (order % 2 == 1).then(|| format!("Everything about {category}")),
                created_by_email: author.clone(),
                created_on: created_on.plus_minutes(order),
                support_portal_visibility: 2,
                company_list: Vec::new(),
                agent_portal_visibility: 1,
                agent_group_list: Vec::new(),
                order,
            });
        }
        if let Some(name) = folder
            && !tenant
                .kb_folders
                .iter()
                .any(|known| known.name == *name && known.category == *category)
        {
            tenant.kb_folders.push(KbFolder {
                name: (*name).to_owned(),
                category: (*category).to_owned(),
                created_by_email: author.clone(),
                created_on: created_on.plus_minutes(60),
            });
        }
        let id = tenant.next_id();
        let created_on = created_on.plus_minutes(MINUTES_A_DAY * rng.i64(1..100));
        let attachments = if *title == "Return labels" {
            attach(tenant, rng, created_on)
        } else {
            Vec::new()
        };
        let updated_on = rng.bool().then(|| created_on.plus_minutes(MINUTES_A_DAY));
        tenant.kb_articles.push(KbArticle {
            id,
            article_title: (*title).to_owned(),
            article_content: (*content).to_owned(),
            category_name: (*category).to_owned(),
            folder_name: folder.map(str::to_owned),
            attachments,
            created_by_email: author.clone(),
            updated_by_email: updated_on.map(|_| author.clone()),
            created_on,
            updated_on,
            views: rng.i64(0..5000),
            likes: rng.i64(0..80),
            dislikes: rng.i64(0..9),
            status: match *title {
                "Known issues" => 2,
                draft if draft.starts_with("Draft") => 0,
                _ => 1,
            },
        });
    }
}

fn add_locations(tenant: &mut Tenant) {
    let locations: [&[(&'static str, &str)]; 5] = [
        &[
            ("location_name", "Head Office"),
            ("location_city", "Saltmarsh"),
            ("contact_email", "office@acme.example"),
        ],
        &[
            ("location_name", "Warehouse A/B"),
            ("parent_location_name", "Head Office"),
            ("location_zipcode", "01234"),
        ],
        &[
            ("location_name", "Floor 2 + 3"),
            ("parent_location_name", "Head Office"),
        ],
        &[
            ("location_name", "Returns & Repairs 🔧"),
            ("parent_location_name", "Warehouse A/B"),
        ],
        &[("location_name", "Remote")],
    ];
    for fields in locations {
        tenant
            .locations
            .push(fields.iter().map(|(name, text)| (*name, (*text).to_owned())).collect());
    }
}
