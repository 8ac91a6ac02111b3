//! Customers with their channels, orders and fields.

use fastrand::Rng;
use serde_json::{Value, json};

use super::super::operations::customers;
use super::super::records::{Account, object};
use super::super::time::{self, DAY, SECOND};
use super::fields::field;
use super::names::{FIRST_NAMES, HOSTS, LAST_NAMES};
use super::{choose, integration, order_number};

/// Adds customers; the first of them have orders in the shop's data.
pub(super) fn add(account: &mut Account, rng: &mut Rng, count: usize) {
    let shop = integration(account, "shopify");
    let labels = [
        "Loyalty tier",
        "Newsletter",
        "Birthday month",
        "Company",
        "Credit limit",
    ];
    let fields = labels.map(|label| field(account, label));
    for index in 0..count {
        let first = FIRST_NAMES[index % FIRST_NAMES.len()];
        let last = LAST_NAMES[(index * 7 + index / FIRST_NAMES.len()) % LAST_NAMES.len()];
        let host = HOSTS[index % HOSTS.len()];
        let email = format!("{}.{}{index}@{host}", first.to_lowercase(), last.to_lowercase());
        let made = time::text(account.now - rng.i64(61 * DAY..350 * DAY) / SECOND * SECOND + rng.i64(0..SECOND));
        let phone = format!("+4670{:07}", 1_000_000 + index * 173);
        let mut channels = vec![json!({"type": "email", "address": email, "preferred": true})];
        if index % 3 == 0 {
            channels.push(json!({"type": "phone", "address": phone, "preferred": false}));
        }
        if index % 5 == 0 {
            let address = format!("{}_{}", first.to_lowercase(), last.to_lowercase());
            channels.push(json!({"type": "instagram", "address": format!("{address}{index}"), "preferred": false}));
        }
        let body = object(json!({
            "email": email,
            "name": format!("{first} {last}"),
            "external_id": format!("shop-{}", 8000 + index),
            "language": choose(rng, &["en", "en", "en", "de", "sv", "fr"]),
            "timezone": choose(rng, &["Europe/Stockholm", "Europe/Berlin", "America/New_York", "UTC"]),
            "channels": channels,
        }));
        let id = customers::add(account, &body, &made);
        let values = values(rng, &fields);
        let data = shop
            .filter(|_| index % 2 == 0)
            .map(|shop| orders(rng, shop, index, &email));
        if let Ok(record) = account.customers.change(id) {
            record.insert("custom_fields".to_owned(), values);
            if let Some(data) = data {
                record.insert("integrations".to_owned(), data);
            }
        }
    }
}

/// Values of the fields that the account has.
fn values(rng: &mut Rng, fields: &[Option<i64>; 5]) -> Value {
    let given = [
        json!(choose(rng, &["Bronze", "Bronze", "Silver", "Gold"])),
        json!(rng.bool()),
        json!(rng.i64(1..=12)),
        json!(choose(rng, &["Fern & Sons", "Northside Cafe", "Studio Elm"])),
        json!(rng.i64(0..=40) * 500),
    ];
    let mut values = json!({});
    for (field, value) in fields.iter().zip(given) {
        if let Some(id) = field.filter(|_| rng.u8(..4) > 0) {
            values[id.to_string()] = json!({"id": id, "value": value, "prediction": null});
        }
    }
    values
}

/// What the shop knows of a customer.
fn orders(rng: &mut Rng, shop: i64, index: usize, email: &str) -> Value {
    let orders: Vec<Value> = (0..rng.usize(1..4))
        .map(|_| {
            json!({
                "name": order_number(rng),
                "total_price": format!("{}.00", rng.i64(20..400)),
                "currency": "EUR",
                "financial_status": choose(rng, &["paid", "paid", "refunded"]),
                "fulfillment_status": choose(rng, &["fulfilled", "unfulfilled"]),
            })
        })
        .collect();
    let customer = json!({"id": 9_000_000_000_i64 + i64::try_from(index).unwrap_or_default(), "email": email, "orders_count": orders.len()});
    json!({shop.to_string(): {"__integration_type__": "shopify", "customer": customer, "orders": orders}})
}
