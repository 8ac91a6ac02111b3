//! The sample accounts. All of it hangs on the seed and the start of the clock.

mod automation;
mod fields;
mod highlights;
mod names;
mod people;
mod reports;
mod scenarios;
mod threads;
mod tickets;
mod voice;
mod workspace;

use std::collections::BTreeMap;

use fastrand::Rng;

use super::Gorgias;
use super::access::Key;
use super::oauth::{OAuth, SCOPES};
use super::records::{Account, Members, Table};
use super::time::{self, DAY, SECOND};
use crate::Options;
use workspace::Shop;

/// The large account.
pub(super) const ACME: &str = "acme";
/// The small one.
pub(super) const GLOBEX: &str = "globex";

/// How many tickets Acme usually has.
const TICKETS: usize = 500;
/// The fewest tickets that hold the whole story.
const FEWEST_TICKETS: usize = 40;
const GLOBEX_TICKETS: usize = 60;
/// How far the numbers of Globex lie from those of Acme.
const APART: i64 = 100_000;
/// How many tickets are always there in Acme, beside those the seed makes.
const FIXED_TICKETS: usize = 13;

fn choose<'a, T: ?Sized>(rng: &mut Rng, items: &[&'a T]) -> &'a T {
    items[rng.usize(..items.len())]
}

/// A number such as orders of the shop have.
fn order_number(rng: &mut Rng) -> String {
    format!("A-{}", rng.u32(20_000..20_999))
}

/// The number of the first integration of a type.
fn integration(account: &Account, kind: &str) -> Option<i64> {
    account.integrations.with("type", kind).map(|(id, _)| id)
}

/// The agents who answer customers.
fn answering(account: &Account) -> Vec<i64> {
    let users = account.users.all().filter(|(_, user)| {
        let role = user.get("role").map(|role| &role["name"]);
        role.is_some_and(|role| matches!(role.as_str(), Some("admin" | "agent" | "basic-agent" | "lite-agent")))
            && user.is("active")
    });
    users.map(|(id, _)| id).collect()
}

/// An account without anything in it; its numbers begin apart from those of others.
fn empty(domain: &str, now: i64, apart: i64) -> Account {
    let table = |what, first: i64| Table::new(what, first + apart);
    Account {
        domain: domain.to_owned(),
        created_datetime: time::text(now - 420 * DAY),
        now,
        settings: table("Setting", 1_200),
        users: table("User", 71_000),
        teams: table("Team", 3_400),
        customers: table("Customer", 640_000_000),
        custom_fields: table("Custom field", 22_000),
        tags: table("Tag", 180_000),
        macros: table("Macro", 51_000),
        rules: table("Rule", 8_800),
        views: table("View", 95_000),
        integrations: table("Integration", 14_000),
        widgets: table("Widget", 33_000),
        surveys: table("Satisfaction survey", 410_000),
        jobs: table("Job", 61_000),
        files: table("File", 770_000),
        voice_calls: table("Voice call", 205_000),
        voice_call_events: table("Voice call event", 905_000),
        voice_call_recordings: table("Voice call recording", 305_000),
        tickets: BTreeMap::new(),
        events: table("Event", 7_000_000_000),
        merged_customers: BTreeMap::new(),
        sent: Vec::new(),
        last_ticket: 91_000_000 + apart,
        // Beyond 32 bits, as the vendor's are declared 64 bits wide.
        last_message: 5_200_000_000 + apart,
        last_channel: 880_000_000 + apart,
        chain: 0,
    }
}

fn account(shop: &Shop, options: &Options, apart: i64, customers: usize, tickets: usize) -> Account {
    let mut rng = Rng::with_seed(options.seed.wrapping_add(apart.unsigned_abs()));
    let mut account = empty(shop.domain, options.start * SECOND, apart);
    workspace::add(&mut account, shop, &mut rng);
    fields::add(&mut account, shop);
    people::add(&mut account, &mut rng, customers);
    tickets::add(&mut account, &mut rng, tickets);
    if shop.large {
        highlights::add_regular(&mut account);
        highlights::add_morning(&mut account);
    }
    automation::add(&mut account, shop, &mut rng);
    voice::add(&mut account, shop, &mut rng);
    reports::add(&mut account, shop, &mut rng);
    account
}

/// The keys of the agent who leads the account, and of another one.
fn keys(account: &Account, domain: &'static str) -> Vec<Key> {
    let key = |access: &'static str, role: &str| {
        let mut users = account.users.all();
        let found = users.find(|(_, user)| user.get("role").is_some_and(|known| known["name"] == role));
        found.map(|(user_id, user)| Key {
            domain,
            access,
            email: user.text("email").unwrap_or_default().to_owned(),
            user_id,
            key: format!("{domain}-{access}-sample-key-for-the-simulator-only"),
            admin: role == "admin",
        })
    };
    [key("api_key", "admin"), key("agent", "agent")]
        .into_iter()
        .flatten()
        .collect()
}

pub(super) fn gorgias(options: &Options) -> Gorgias {
    let count = options.tickets_or(TICKETS).max(FEWEST_TICKETS) - FIXED_TICKETS;
    let accounts = [
        (ACME, account(&workspace::ACME, options, 0, 120, count)),
        (GLOBEX, account(&workspace::GLOBEX, options, APART, 24, GLOBEX_TICKETS)),
    ];
    let reading: Vec<&str> = SCOPES
        .iter()
        .copied()
        .filter(|scope| scope.ends_with(":read"))
        .collect();
    let mut oauth = OAuth::new();
    let (mut all_keys, mut tokens) = (Vec::new(), Vec::new());
    for (domain, account) in &accounts {
        all_keys.extend(keys(account, domain));
        for (access, scopes) in [("oauth", SCOPES), ("oauth_reader", &reading)] {
            tokens.push((*domain, access, oauth.allow(domain, scopes, account.now)));
        }
    }
    Gorgias {
        accounts: accounts
            .into_iter()
            .map(|(domain, account)| (domain.to_owned(), account))
            .collect(),
        keys: all_keys,
        tokens,
        oauth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_accounts() {
        let dump = |seed: u64| {
            let options = Options {
                seed,
                ..Options::default()
            };
            let made = gorgias(&options);
            made.accounts.values().map(Account::state).collect::<Vec<_>>()
        };
        assert_eq!(dump(1), dump(1));
        assert_ne!(dump(1), dump(2));
    }

    #[test]
    fn any_seed_and_size_will_do() {
        for (seed, tickets) in [(0, 0), (1, 40), (7, 90), (u64::MAX, 41)] {
            let options = Options {
                seed,
                tickets: Some(tickets),
                start: 40_000_000,
                ..Options::default()
            };
            assert_eq!(
                gorgias(&options).accounts[ACME].tickets.len(),
                tickets.max(FEWEST_TICKETS)
            );
        }
    }

    #[test]
    fn the_accounts_have_their_sizes_and_no_number_in_common() {
        let made = gorgias(&Options::default());
        let (acme, globex) = (&made.accounts[ACME], &made.accounts[GLOBEX]);
        assert_eq!((acme.tickets.len(), globex.tickets.len()), (TICKETS, GLOBEX_TICKETS));
        assert!(acme.tickets.keys().all(|id| !globex.tickets.contains_key(id)));
        assert!(acme.users.all().all(|(id, _)| globex.users.find(id).is_none()));
        assert_eq!(made.keys.len(), 4);
        assert!(acme.sent.is_empty() && globex.sent.is_empty());
    }
}
