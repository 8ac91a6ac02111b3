//! The sample workspaces. All of it hangs on the seed and the start of the clock.

mod campaigns;
mod conversations;
mod helpdesk;
mod people;
mod texts;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};

use super::access::{Tier, Token};
use super::helpdesk_records::Helpdesk;
use super::records::{Installed, Object, Plan, Website};
use super::{Account, Plugin};
use crate::Options;
use crate::engine::Moment;

/// The large workspace.
pub(super) const ACME: &str = "acme";
/// The small one.
pub(super) const BIRCHWOOD: &str = "birchwood";

const ACME_ID: &str = "5b1c7a90-3e54-4a0d-8f3b-6c2d90a1e001";
const BIRCHWOOD_ID: &str = "5b1c7a90-3e54-4a0d-8f3b-6c2d90a1e002";
const ORDERBOOK: &str = "c4d1f6e2-77aa-4b0e-9a64-1f0b8e55d101";
const PARCELS: &str = "c4d1f6e2-77aa-4b0e-9a64-1f0b8e55d102";

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The fewest conversations that hold the whole story.
const FEWEST_CONVERSATIONS: usize = 60;
/// Beyond 32 bits, as the vendor's may be.
const FIRST_FINGERPRINT: i64 = 5_000_000_000;

fn choose<'a, T: ?Sized>(rng: &mut Rng, items: &[&'a T]) -> &'a T {
    items[rng.usize(..items.len())]
}

/// The members of a JSON object.
fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => members,
        _ => Object::new(),
    }
}

/// A workspace without anything in it.
pub(super) fn empty_website(
    tenant: &str,
    website_id: &str,
    name: &str,
    domain: &str,
    now: i64,
    mut rng: Rng,
) -> Website {
    Website {
        tenant: tenant.to_owned(),
        website_id: website_id.to_owned(),
        name: name.to_owned(),
        domain: domain.to_owned(),
        logo: None,
        deletion_at: None,
        settings: Object::new(),
        verify_enabled: false,
        verify_secret: format!("{:032x}", rng.u128(..)),
        operators: Vec::new(),
        inboxes: Vec::new(),
        teams: Vec::new(),
        conversations: BTreeMap::new(),
        people: BTreeMap::new(),
        spams: Vec::new(),
        visitors: Vec::new(),
        blocked_rules: Vec::new(),
        helpdesk: None,
        legacy_helpdesk: false,
        campaigns: Vec::new(),
        templates: Vec::new(),
        plan: None,
        plugins: BTreeMap::new(),
        forgotten: BTreeSet::new(),
        sent_to_customers: Vec::new(),
        requests: Vec::new(),
        now,
        rng,
        last_fingerprint: FIRST_FINGERPRINT,
    }
}

fn install(website: &mut Website, plugin_id: &str, settings: Value) {
    let installed = Installed {
        since: website.now - 200 * DAY,
        token: website.new_id(),
        settings: object(settings),
        usage: Vec::new(),
        payloads: Vec::new(),
        events: Vec::new(),
    };
    website.plugins.insert(plugin_id.to_owned(), installed);
}

fn acme(options: &Options) -> Website {
    let rng = Rng::with_seed(options.seed);
    let now = Moment(options.start).0 * 1000;
    let mut website = empty_website(ACME, ACME_ID, "Acme Shelving", "acme.example", now, rng);
    website.logo = Some("https://acme.example/logo.png".to_owned());
    website.legacy_helpdesk = true;
    website.settings = workspace::settings();
    website.plan = Some(Plan {
        id: super::operations::plans::PLANS[2].0.to_owned(),
        name: super::operations::plans::PLANS[2].1,
        price: super::operations::plans::PLANS[2].2,
        since: now - 300 * DAY,
        bill_period: "monthly".to_owned(),
        coupon_redeemed: false,
    });
    install(
        &mut website,
        ORDERBOOK,
        json!({"shop": "acme-shelving", "show_orders": true}),
    );
    install(&mut website, PARCELS, json!({}));
    workspace::add_operators(&mut website, texts::ACME_OPERATORS);
    workspace::add_teams(&mut website);
    workspace::add_inboxes(&mut website);
    people::add(&mut website, 150);
    conversations::add(&mut website, options.conversations.max(FEWEST_CONVERSATIONS));
    conversations::add_stories(&mut website);
    workspace::add_visitors(&mut website, 27);
    workspace::add_spams(&mut website);
    workspace::add_blocked_rules(&mut website);
    helpdesk::add(&mut website, "Acme Help", "acme-help");
    helpdesk::add_articles(&mut website);
    campaigns::add(&mut website);
    website
}

fn birchwood(options: &Options) -> Website {
    let rng = Rng::with_seed(options.seed.wrapping_add(0xB1));
    let now = Moment(options.start).0 * 1000;
    let mut website = empty_website(
        BIRCHWOOD,
        BIRCHWOOD_ID,
        "Birchwood Rooms",
        "birchwood.example",
        now,
        rng,
    );
    website.settings = workspace::settings();
    install(&mut website, PARCELS, json!({"depot": "birchwood"}));
    workspace::add_operators(&mut website, texts::BIRCHWOOD_OPERATORS);
    people::add(&mut website, 9);
    conversations::add(&mut website, 24);
    helpdesk::add(&mut website, "Birchwood Answers", "birchwood-answers");
    website
}

fn token(tenant: &str, access: &'static str, tier: Tier, subject: &str, number: u32) -> Token {
    Token {
        tenant: tenant.to_owned(),
        access,
        identifier: format!("7e3d0c41-2b9f-4f57-8a11-{number:012}"),
        key: format!("{tenant}-{access}-sample-key-for-the-simulator-only"),
        tier,
        subject: subject.to_owned(),
        reads_only: access == "plugin_reader",
    }
}

/// Both workspaces with their tokens, and the plugins there are.
pub(super) fn account(options: &Options) -> Account {
    let websites = [acme(options), birchwood(options)];
    let mut tokens = Vec::new();
    for (website, plugin) in websites.iter().zip([ORDERBOOK, PARCELS]) {
        let owner = website
            .operators
            .first()
            .map(|owner| owner.user_id.clone())
            .unwrap_or_default();
        for (access, tier, subject) in [
            ("website", Tier::Website, website.website_id.as_str()),
            ("user", Tier::User, owner.as_str()),
            ("plugin", Tier::Plugin, plugin),
            ("plugin_reader", Tier::Plugin, plugin),
        ] {
            let number = 1 + u32::try_from(tokens.len()).unwrap_or_default();
            tokens.push(token(&website.tenant, access, tier, subject, number));
        }
    }
    Account {
        websites: websites
            .into_iter()
            .map(|website| (website.website_id.clone(), website))
            .collect(),
        tokens,
        plugins: vec![
            Plugin {
                plugin_id: ORDERBOOK.to_owned(),
                urn: "urn:acme.example:orderbook:0".to_owned(),
                name: "Orderbook",
                summary: "Shows orders next to conversations.",
                category: "commerce",
                price: 19,
            },
            Plugin {
                plugin_id: PARCELS.to_owned(),
                urn: "urn:parcels.example:tracker:0".to_owned(),
                name: "Parcel Tracker",
                summary: "Tells where parcels are.",
                category: "shipping",
                price: 0,
            },
            Plugin {
                plugin_id: "c4d1f6e2-77aa-4b0e-9a64-1f0b8e55d103".to_owned(),
                urn: "urn:surveys.example:smile:0".to_owned(),
                name: "Smile Survey",
                summary: "Asks customers how it went.",
                category: "feedback",
                price: 9,
            },
        ],
        requests: Vec::new(),
    }
}

/// Gives the workspace its knowledge base.
fn put_helpdesk(website: &mut Website, helpdesk: Helpdesk) {
    website.helpdesk = Some(helpdesk);
}
