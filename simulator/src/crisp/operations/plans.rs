//! The plan a workspace is on, and coupons for it.

use serde_json::{Value, json};

use super::super::Account;
use super::super::access::Token;
use super::super::forms::moment_text;
use super::super::records::{Members, Plan, Website};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

/// The plans there are: identifier, name, price a month.
pub(in crate::crisp) const PLANS: &[(&str, &str, i64)] = &[
    ("0f4c1a52-6f0e-4b7a-9d55-0a3f5f7c1e01", "mini", 45),
    ("0f4c1a52-6f0e-4b7a-9d55-0a3f5f7c1e02", "essentials", 95),
    ("0f4c1a52-6f0e-4b7a-9d55-0a3f5f7c1e03", "plus", 295),
];

/// The one coupon there is, and its rebate in percent.
const COUPON: (&str, i64) = ("SPRING-20", 20);

const YEAR: i64 = 365 * 24 * 3600 * 1000;

fn show(website: &Website, plan: &Plan) -> Value {
    let owner = website.operators.iter().find(|operator| operator.role == "owner");
    json!({
        "id": plan.id,
        "name": plan.name,
        "price": plan.price,
        "since": moment_text(plan.since),
        "trialing": false,
        "bill_period": plan.bill_period,
        "bill_valid_until": moment_text(plan.since.saturating_add(YEAR)),
        "active": true,
        "sandbox": false,
        "website": {"id": website.website_id, "name": website.name, "domain": website.domain, "logo": website.logo},
        "coupon_redeemed": plan.coupon_redeemed,
        "owner": owner.map(|owner| json!({
            "user_id": owner.user_id,
            "email": owner.email,
            "first_name": owner.first_name,
            "last_name": owner.last_name,
        })),
    })
}

pub(in crate::crisp) fn list(account: &mut Account, _: &Call, token: &Token) -> Outcome {
    let theirs = account
        .websites
        .values()
        .filter(|website| website.operator(&token.subject).is_some());
    Ok(theirs
        .filter_map(|website| website.plan.as_ref().map(|plan| show(website, plan)))
        .collect())
}

fn none() -> Refusal {
    Refusal::not_found("Plan subscription")
}

pub(in crate::crisp) fn get(website: &mut Website, _: &Call) -> Outcome {
    let plan = website.plan.as_ref().ok_or_else(none)?;
    Ok(show(website, plan))
}

pub(in crate::crisp) fn subscribe(website: &mut Website, call: &Call) -> Outcome {
    let wanted = call.body.text("plan_id").unwrap_or_default();
    let plan = PLANS.iter().find(|(id, _, _)| *id == wanted);
    let (id, name, price) = *plan.ok_or_else(|| Refusal::bad(format!("No plan has the plan_id {wanted}")))?;
    let since = website.tick();
    website.plan = Some(Plan {
        id: id.to_owned(),
        name,
        price,
        since,
        bill_period: "monthly".to_owned(),
        coupon_redeemed: false,
    });
    Ok(json!({}))
}

pub(in crate::crisp) fn unsubscribe(website: &mut Website, _: &Call) -> Outcome {
    website.plan.take().ok_or_else(none)?;
    website.tick();
    Ok(json!({}))
}

pub(in crate::crisp) fn change_period(website: &mut Website, call: &Call) -> Outcome {
    let plan = website.plan.as_mut().ok_or_else(none)?;
    call.body
        .text("period")
        .unwrap_or_default()
        .clone_into(&mut plan.bill_period);
    website.tick();
    Ok(json!({}))
}

fn check_code(code: &str) -> Result<(), Refusal> {
    if code == COUPON.0 {
        return Ok(());
    }
    Err(Refusal::not_found("Coupon"))
}

pub(in crate::crisp) fn check_coupon(website: &mut Website, call: &Call) -> Outcome {
    check_code(call.text("code"))?;
    Ok(json!({
        "code": COUPON.0,
        "policy": {"rebate_percent": COUPON.1, "trial_days": 0},
        "redeem_limit": 1,
        "expire_at": moment_text(website.now.saturating_add(YEAR)),
    }))
}

pub(in crate::crisp) fn redeem_coupon(website: &mut Website, call: &Call) -> Outcome {
    check_code(call.body.text("code").unwrap_or_default())?;
    let plan = website.plan.as_mut().ok_or_else(none)?;
    if plan.coupon_redeemed {
        return Err(Refusal::bad("A coupon was redeemed already"));
    }
    plan.coupon_redeemed = true;
    website.tick();
    Ok(json!({}))
}
