//! Contracts. Their routes work only where the vendor has enabled them.

use serde_json::{Value, json};

use super::records::{BodyExt, Contract, Tenant, UNASSIGNED};
use super::{FIXED_PAGE, page};
use crate::engine::{Answer, Call, Moment, Refusal, parse_date};

const BLOCK_HOURS: i64 = 2;
const BLOCK_TICKETS: i64 = 3;

fn show(contract: &Contract) -> Value {
    let minutes = contract.contract_hours.map(|hours| hours * 60);
    let (year, month) = contract.start_date.month();
    let used_in_block = minutes.map(|minutes| contract.used_minutes.min(minutes));
    let left = minutes.map(|minutes| (minutes - contract.used_minutes).max(0));
    let extra = minutes.map(|minutes| (contract.used_minutes - minutes).max(0));
    let rollover = contract.rollover_unused_hours.map(i64::from);
    let rolled = if rollover == Some(1) { left } else { Some(0) };
    let details = minutes.map(|minutes| {
        json!({
            "year": year,
            "month": month,
            "contract_mins": minutes,
            "contract_mins_used": used_in_block,
            "rollover_mins": rolled,
            "rollover_mins_used": 0,
            "rollover_mins_available": rolled,
            "late_entry_mins": 0,
        })
    });
    // In camel case on the wire, unlike everything else.
    let usage = minutes.map(|minutes| {
        json!({
            "year": year,
            "month": month,
            "contractMins": minutes,
            "contractMinsUsed": used_in_block,
            "rolloverMins": rolled,
            "rolloverMinsUsed": 0,
            "rolloverMinsAvailable": rolled,
            "lateEntryMins": 0,
            "extraUsedMins": extra,
        })
    });
    json!({
        "name": contract.name,
        "start_date": contract.start_date.date(),
        "end_date": contract.end_date.date(),
        "is_active": contract.is_active,
        "setup_fees": contract.setup_fees,
        "reference_number": contract.reference_number,
        "bill_cycle": contract.bill_cycle,
        "contract_type": contract.contract_type,
        "after_hours_included": contract.after_hours_included,
        "sla": contract.sla,
        "company": contract.company,
        // contract_category in requests.
        "category": contract.category,
        "is_default": contract.is_default,
        "contract_hours": contract.contract_hours,
        "min_increment": contract.min_increment,
        // An integer here, a boolean in requests.
        "rollover_unused_hours": rollover,
        "rollover_type": contract.rollover_type,
        "rollover_value": contract.rollover_value,
        "contract_used_mins": contract.used_minutes,
        "total_available_mins": left,
        "total_rollover_mins": rolled,
        "extra_used_mins": extra,
        "rollover_details": details.into_iter().collect::<Vec<_>>(),
        "usage_hours": usage.into_iter().collect::<Vec<_>>(),
    })
}

/// The first moment of the day the clock shows.
fn today(tenant: &Tenant) -> Moment {
    Moment(tenant.now.0 - tenant.now.0.rem_euclid(86_400))
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let today = today(tenant);
    let matches: Vec<&Contract> = tenant
        .contracts
        .iter()
        .filter(|contract| {
            call.given("company").is_none_or(|name| contract.company == name)
                && call
                    .given("contract_category")
                    .is_none_or(|name| contract.category.as_deref() == Some(name))
                && (contract.is_active || call.flag("include_inactive_contracts", true))
                && (contract.end_date >= today || call.flag("include_expired_contracts", true))
                && (contract.start_date <= today || call.flag("include_upcoming_contracts", true))
        })
        .collect();
    let contracts = page(&matches, call, FIXED_PAGE, |contract| show(contract));
    Ok(Answer::Json(json!({"count": matches.len(), "contracts": contracts})))
}

fn position(tenant: &Tenant, call: &Call) -> Result<usize, Refusal> {
    let matches: Vec<usize> = tenant
        .contracts
        .iter()
        .enumerate()
        .filter(|(_, contract)| {
            call.given("reference_number")
                .is_none_or(|number| contract.reference_number == number)
                && call.given("contract_name").is_none_or(|name| contract.name == name)
        })
        .map(|(index, _)| index)
        .collect();
    match matches.as_slice() {
        [] => Err(Refusal::not_found("Contract")),
        [index] => Ok(*index),
        // Guess: the status; that the number is needed is known.
        _ => Err(Refusal::bad(
            "Several contracts have this name; give the reference_number",
        )),
    }
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::Json(show(&tenant.contracts[position(tenant, call)?])))
}

/// The block of a contract in the form of requests.
fn put_block(contract: &Contract, model: &mut Value) {
    if contract.contract_type == BLOCK_HOURS {
        model["block_hours"] = json!({
            "contract_hours": contract.contract_hours,
            "min_increment": contract.min_increment,
            "rollover_unused_hours": contract.rollover_unused_hours,
            "rollover_type": contract.rollover_type,
            "rollover_value": contract.rollover_value,
        });
    } else {
        model["block_tickets"] = json!({"contract_tickets": contract.contract_tickets});
    }
}

fn check_category(tenant: &Tenant, name: &str) -> Result<(), Refusal> {
    Tenant::check_name("Contract category", name, &tenant.contract_categories)
}

fn check_reference(tenant: &Tenant, number: &str) -> Result<(), Refusal> {
    if number.trim().is_empty() {
        return Err(Refusal::bad("reference_number must not be empty"));
    }
    if tenant
        .contracts
        .iter()
        .any(|contract| contract.reference_number == number)
    {
        return Err(Refusal::bad(format!(
            "A contract with the reference number {number} already exists"
        )));
    }
    Ok(())
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let (hours, tickets) = (body.object("block_hours"), body.object("block_tickets"));
    let contract_type = match (body.number("contract_type"), hours, tickets) {
        (None | Some(BLOCK_HOURS), Some(_), None) => BLOCK_HOURS,
        (None | Some(BLOCK_TICKETS), None, Some(_)) => BLOCK_TICKETS,
        _ => {
            return Err(Refusal::bad(
                "Exactly one of block_hours (contract_type 2) and block_tickets (contract_type 3) is needed",
            ));
        }
    };
    let company = body.text("company").unwrap_or_default();
    if !tenant.companies.iter().any(|known| known.name == company) {
        return Err(Refusal::bad(format!("Company `{company}` does not exist")));
    }
    let sla = match body.text("sla") {
        Some(name) => {
            tenant.check_sla(&name)?;
            name
        }
        None => tenant.sla_for(Some(&company)),
    };
    let category = body.text("contract_category");
    if let Some(name) = &category {
        check_category(tenant, name)?;
    }
    let date = |name| body.text(name).and_then(|text| parse_date(&text));
    let start_date = date("start_date").unwrap_or_else(|| today(tenant));
    let end_date = date("end_date").unwrap_or_else(|| start_date.plus_minutes(365 * 24 * 60));
    if end_date < start_date {
        return Err(Refusal::bad("end_date is before start_date"));
    }
    let reference_number = match body.text("reference_number") {
        Some(number) => {
            check_reference(tenant, &number)?;
            number
        }
        None => format!("CT-{:04}", tenant.contracts.len() + 1),
    };
    let contract = Contract {
        name: body.text("name").unwrap_or_default(),
        company,
        start_date,
        end_date,
        reference_number,
        setup_fees: body.number("setup_fees").unwrap_or(0),
        sla,
        category,
        is_active: body.boolean("is_active").unwrap_or(true),
        is_default: false,
        bill_cycle: body.number("bill_cycle").unwrap_or(1),
        after_hours_included: body.boolean("after_hours_included").unwrap_or(false),
        contract_type,
        contract_hours: hours.map(|block| block.number("contract_hours").unwrap_or(0)),
        min_increment: hours.map(|block| block.number("min_increment").unwrap_or(1)),
        rollover_unused_hours: hours.map(|block| block.boolean("rollover_unused_hours").unwrap_or(false)),
        rollover_type: hours.and_then(|block| block.number("rollover_type")),
        rollover_value: hours.and_then(|block| block.number("rollover_value")),
        contract_tickets: tickets.map(|block| block.number("contract_tickets").unwrap_or(0)),
        used_minutes: 0,
    };
    tenant.tick();
    let mut answer = json!({
        "name": contract.name,
        "company": contract.company,
        "start_date": contract.start_date.date(),
        "end_date": contract.end_date.date(),
        "reference_number": contract.reference_number,
        "setup_fees": contract.setup_fees,
        "sla": contract.sla,
        "contract_category": contract.category,
        "is_active": contract.is_active,
        "bill_cycle": contract.bill_cycle,
        "after_hours_included": contract.after_hours_included,
        "contract_type": contract.contract_type,
    });
    put_block(&contract, &mut answer);
    tenant.contracts.push(contract);
    Ok(Answer::Json(answer))
}

pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let body = &call.body;
    let index = position(tenant, call)?;
    let mut contract = tenant.contracts[index].clone();
    if let Some(name) = body.text("name") {
        if name.trim().is_empty() {
            return Err(Refusal::bad("name must not be empty"));
        }
        contract.name = name;
    }
    if let Some(number) = body
        .text("reference_number")
        .filter(|number| *number != contract.reference_number)
    {
        check_reference(tenant, &number)?;
        contract.reference_number = number;
    }
    if let Some(fees) = body.number("setup_fees") {
        contract.setup_fees = fees;
    }
    if let Some(end) = body.text("end_date").and_then(|text| parse_date(&text)) {
        if end < contract.start_date {
            return Err(Refusal::bad("end_date is before start_date"));
        }
        contract.end_date = end;
    }
    if let Some(included) = body.boolean("after_hours_included") {
        contract.after_hours_included = included;
    }
    if let Some(name) = body.text("contract_category") {
        contract.category = (name != UNASSIGNED).then_some(name);
        if let Some(name) = &contract.category {
            check_category(tenant, name)?;
        }
    }
    if let Some(block) = body.object("block_hours") {
        if contract.contract_type != BLOCK_HOURS {
            return Err(Refusal::bad("This contract has no block hours"));
        }
        contract.rollover_unused_hours = block
            .boolean("rollover_unused_hours")
            .or(contract.rollover_unused_hours);
        contract.rollover_type = block.number("rollover_type").or(contract.rollover_type);
        contract.rollover_value = block.number("rollover_value").or(contract.rollover_value);
    }
    tenant.tick();
    let mut answer = json!({
        "name": contract.name,
        "reference_number": contract.reference_number,
        "setup_fees": contract.setup_fees,
        "end_date": contract.end_date.date(),
        "after_hours_included": contract.after_hours_included,
        "contract_category": contract.category,
    });
    if contract.contract_type == BLOCK_HOURS {
        answer["block_hours"] = json!({
            "rollover_unused_hours": contract.rollover_unused_hours,
            "rollover_type": contract.rollover_type,
            "rollover_value": contract.rollover_value,
        });
    }
    tenant.contracts[index] = contract;
    Ok(Answer::Json(answer))
}
