//! Reading, creating and updating tickets.

use serde_json::{Value, json};

use crate::harness::{Desk, keys};

async fn details(desk: &Desk, number: &str) -> Value {
    desk.get("/v3/tickets/details", &[("ticket_number", number)]).await.ok()
}

#[tokio::test]
async fn details_show_everything() {
    let desk = Desk::new().await;
    let ticket = details(&desk, "1197").await;
    assert_eq!(
        ticket["subject"],
        "URGENT: checkout down in all our depots, nothing ships"
    );
    assert_eq!(ticket["contact_name"], "Marina Quayside");
    assert_eq!(ticket["company_name"], "Halcyon Freight & Co.");
    assert_eq!(ticket["sla"], "VIP SLA ⭐");
    assert_eq!(
        (&ticket["status"], &ticket["priority"], &ticket["assigned_to"]),
        (&json!("Open"), &json!(20), &Value::Null)
    );
    assert_eq!(ticket["created_on"], "2026-03-02 08:22:00");
    assert_eq!(ticket["due_date"], "2026-03-02 09:22:00");
    assert_eq!(ticket["updated_on"], "1970-01-01 00:00:00", "never updated");
    assert_eq!(ticket["completed_within_sla"], Value::Null);
    assert_eq!(ticket["attachments"], json!([]));
    assert_eq!(keys(&ticket["custom_fields"]).len(), 5);
    assert!(
        ticket["custom_fields"]
            .as_object()
            .unwrap()
            .values()
            .all(Value::is_null)
    );
    assert!(ticket["description"].as_str().unwrap().contains("<b>every</b>"));
    assert!(!ticket["description_text"].as_str().unwrap().contains('<'));
    assert!(
        ticket["description_text"]
            .as_str()
            .unwrap()
            .contains("Halcyon Freight & Co.")
    );
}

#[tokio::test]
async fn a_ticket_is_created_and_read_back() {
    let desk = Desk::new().await;
    let body = json!({
        "email": "new.person@halcyonfreight.example",
        "subject": "Größe & Farbe",
        "description": "<p>Line one</p>\n<p>Line &amp; two</p>",
        "status": "pending",
        "priority": 20,
        "type": "Feature 💡",
        "assign_to": "BASIL.counter@acme.example",
        "group": "Shipping / Logistics",
        "category": "Billing & Refunds",
        "sub_category": "Refunds",
        "form_name": "Returns + Refunds",
        "custom_fields": {"cf_Escalated ⚠️": true, "cf_Refund Amount": 12.5, "cf_Browser/OS": null},
        "watchers": ["coral.queue@acme.example"],
        "share_to": ["dot+orders@mailbox.example"],
    });
    let answer = desk.post("/v3/tickets/create", &[], body).await;
    assert_eq!(answer.status, 200);
    let ticket = answer.json();
    assert_eq!(ticket["ticket_number"], 1201);
    assert_eq!(ticket["status"], "Pending", "capitalised on return");
    assert_eq!(ticket["source"], 15);
    assert_eq!(ticket["assigned_to"], "basil.counter@acme.example");
    assert_eq!(
        (&ticket["category"], &ticket["subcategory"]),
        (&json!("Billing & Refunds"), &json!("Refunds"))
    );
    assert_eq!(ticket["created_on"], "2026-03-02 09:00:01");
    assert_eq!(
        ticket["description_text"], "Line oneLine & two",
        "line breaks are dropped"
    );
    assert_eq!(ticket["custom_fields"]["cf_Escalated ⚠️"], true);
    assert_eq!(ticket["custom_fields"]["cf_Order Number"], Value::Null);
    assert_eq!(ticket["watchers"], json!(["coral.queue@acme.example"]));
    assert_eq!(ticket["share_to"], json!(["dot+orders@mailbox.example"]));
    assert_eq!(details(&desk, "1201").await, ticket);
    // The unknown address became a contact of the company with its domain.
    let contact = desk
        .get(
            "/v3/contacts/details",
            &[("primary_email", "new.person@halcyonfreight.example")],
        )
        .await
        .ok();
    assert_eq!(contact["company_name"], "Halcyon Freight & Co.");
    assert_eq!(ticket["sla"], "VIP SLA ⭐");
}

#[tokio::test]
async fn the_least_a_ticket_needs() {
    let desk = Desk::new().await;
    let body = json!({"email": "ops+night@halcyon-depots.example", "subject": "s"});
    let ticket = desk.post("/v3/tickets/create", &[], body).await.ok();
    assert_eq!(
        ticket["contact_email"], "marina.quayside@halcyonfreight.example",
        "known by a secondary address"
    );
    assert_eq!(
        (&ticket["status"], &ticket["form_name"]),
        (&json!("Open"), &json!("Default Form"))
    );
    assert_eq!((&ticket["description"], &ticket["type"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn updates_change_what_they_name() {
    let desk = Desk::new().await;
    let before = details(&desk, "1197").await;
    let change = json!({
        "assign_to": "gale.handover@acme.example",
        "group": "Engineering",
        "category": "Product",
        "sub_category": "Bug",
        "status": "waiting on vendor",
        "priority": 10,
        "custom_fields": {"cf_Escalated ⚠️": true},
        "watchers": {"add": ["amber.desk@acme.example", "coral.queue@acme.example"]},
        "share_to": {"add": ["otto.spindle@lumenloom.example"]},
    });
    let updated = desk
        .put("/v3/tickets/update", &[("ticket_number", "1197")], change)
        .await
        .ok();
    assert!(updated.get("attachments").is_none(), "absent from the update answer");
    assert_eq!(updated["assigned_to"], "gale.handover@acme.example");
    assert_eq!(updated["status"], "Waiting on Vendor");
    assert_eq!(updated["due_date"], "2026-03-02 12:22:00", "due again by priority");
    assert_eq!(updated["first_assigned_duration"], 38);
    assert_eq!(updated["updated_on"], "2026-03-02 09:00:01");
    assert_eq!(updated["subject"], before["subject"]);
    assert_eq!(updated["custom_fields"]["cf_Escalated ⚠️"], true);

    let change = json!({
        "assign_to": "--",
        "sub_category": "--",
        "group": "--",
        "watchers": {"remove": ["AMBER.desk@acme.example"]},
        "custom_fields": {"cf_Order Number": "A-1"},
    });
    let updated = desk
        .put("/v3/tickets/update", &[("ticket_number", "1197")], change)
        .await
        .ok();
    assert_eq!(updated["assigned_to"], Value::Null);
    assert_eq!(
        (&updated["category"], &updated["subcategory"], &updated["group"]),
        (&json!("Product"), &Value::Null, &Value::Null)
    );
    assert_eq!(updated["watchers"], json!(["coral.queue@acme.example"]));
    assert_eq!(updated["share_to"], json!(["otto.spindle@lumenloom.example"]));
    assert_eq!(
        updated["custom_fields"]["cf_Escalated ⚠️"], true,
        "absent keys keep their value"
    );
    assert_eq!(updated["custom_fields"]["cf_Order Number"], "A-1");
    // A new category takes the sub category along.
    let change = json!({"category": "Billing & Refunds"});
    let updated = desk
        .put("/v3/tickets/update", &[("ticket_number", "1197")], change)
        .await
        .ok();
    assert_eq!(updated["subcategory"], Value::Null);
}

#[tokio::test]
async fn status_changes_keep_the_times() {
    let desk = Desk::new().await;
    let number = [("ticket_number", "1199")];
    let resolved = desk
        .put("/v3/tickets/update", &number, json!({"status": "RESOLVED"}))
        .await
        .ok();
    assert_eq!(resolved["resolved_on"], "2026-03-02 09:00:01");
    assert_eq!(
        (&resolved["resolved_duration"], &resolved["completed_within_sla"]),
        (&json!(24), &json!(true))
    );
    let closed = desk
        .put("/v3/tickets/update", &number, json!({"status": "closed"}))
        .await
        .ok();
    assert_eq!(
        (&closed["closed_on"], &closed["closed_duration"]),
        (&json!("2026-03-02 09:00:02"), &json!(24))
    );
    assert_eq!(
        (&closed["closed_by"], &closed["closed_by_type"]),
        (&json!("amber.desk@acme.example"), &json!(2))
    );
    let again = desk
        .put("/v3/tickets/update", &number, json!({"status": "Open"}))
        .await
        .ok();
    assert_eq!(
        (&again["resolved_on"], &again["closed_on"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_ticket_moves_to_another_contact() {
    let desk = Desk::new().await;
    let change = json!({"contact_email": "otto.spindle@lumenloom.example"});
    let moved = desk
        .put("/v3/tickets/update", &[("ticket_number", "1200")], change)
        .await
        .ok();
    assert_eq!(
        (&moved["contact_name"], &moved["company_name"]),
        (&json!("Otto Spindle"), &json!("Lumen + Loom"))
    );
}

#[tokio::test]
async fn refused_updates_leave_nothing_behind() {
    let desk = Desk::new().await;
    let before = desk.state();
    for wrong in [
        json!({"assigned_to": "amber.desk@acme.example"}),
        json!({"subcategory": "Bug"}),
        json!({"subject": null}),
        json!({"subject": ""}),
        json!({"email": "a@b.example"}),
        json!({"watchers": ["amber.desk@acme.example"]}),
        json!({"watchers": {}}),
        json!({"watchers": {"add": "amber.desk@acme.example"}}),
        json!({"watchers": {"set": []}}),
        json!({"watchers": {"add": ["nobody@acme.example"]}}),
        json!({"subject": "changed", "assign_to": "nobody@acme.example"}),
        json!({"subject": "changed", "sub_category": "Bug"}),
        json!({"category": "Shipping", "sub_category": "Bug"}),
        json!({"sla": "No SLA"}),
        json!({"contact_email": "stranger@new.example", "status": "Nope"}),
        json!({"status": "Nope"}),
        json!({"priority": 0}),
    ] {
        desk.put("/v3/tickets/update", &[("ticket_number", "1197")], wrong.clone())
            .await
            .refused(400);
    }
    desk.put("/v3/tickets/update", &[("ticket_number", "1")], json!({"priority": 1}))
        .await
        .refused(404);
    assert_eq!(desk.state(), before);
}
