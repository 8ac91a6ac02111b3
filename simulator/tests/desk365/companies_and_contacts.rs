//! Companies and contacts.

use serde_json::{Value, json};

use crate::harness::{Desk, column, keys};

#[tokio::test]
async fn contacts_page_by_thirty_and_sort() {
    let desk = Desk::new().await;
    let first = desk.get("/v3/contacts", &[]).await.ok();
    assert_eq!(keys(&first), ["count", "content"]);
    assert_eq!(first["count"], 60);
    assert_eq!(first["content"].as_array().unwrap().len(), 30);
    let second = desk.get("/v3/contacts", &[("offset", "30")]).await.ok();
    let mut names = column(&first["content"], "name");
    names.extend(column(&second["content"], "name"));
    let lower: Vec<String> = names.iter().map(|name| name.as_str().unwrap().to_lowercase()).collect();
    assert!(lower.is_sorted(), "by name");
    assert_eq!(names.len(), 60);
    assert_eq!(
        desk.get("/v3/contacts", &[("offset", "60")]).await.ok(),
        json!({"count": 60, "content": []})
    );
    let emails = desk
        .get("/v3/contacts", &[("order_by", "4"), ("order_type", "desc")])
        .await
        .ok();
    let emails: Vec<String> = column(&emails["content"], "primary_email")
        .iter()
        .map(Value::to_string)
        .collect();
    assert!(emails.iter().rev().is_sorted());
    let company = desk
        .get("/v3/contacts", &[("company", "Halcyon Freight & Co.")])
        .await
        .ok();
    assert!(company["count"].as_i64().unwrap() >= 1);
    assert!(
        column(&company["content"], "company_name")
            .iter()
            .all(|name| name == "Halcyon Freight & Co.")
    );
    assert!(first["content"][0].get("custom_fields").is_none());
    let custom = desk.get("/v3/contacts", &[("include_custom_fields", "1")]).await.ok();
    assert_eq!(keys(&custom["content"][0]["custom_fields"]), ["cf_Preferred Language"]);
}

#[tokio::test]
async fn contacts_are_found_by_either_address() {
    let desk = Desk::new().await;
    let primary = desk
        .get(
            "/v3/contacts/details",
            &[("primary_email", "Marina.Quayside@halcyonfreight.example")],
        )
        .await
        .ok();
    assert_eq!(
        primary["secondary_emails"],
        "marina@halcyon-depots.example,ops+night@halcyon-depots.example"
    );
    let secondary = desk
        .get(
            "/v3/contacts/details",
            &[("secondary_email", "ops+night@halcyon-depots.example")],
        )
        .await
        .ok();
    assert_eq!(primary, secondary);
    desk.get(
        "/v3/contacts/details",
        &[("primary_email", "ops+night@halcyon-depots.example")],
    )
    .await
    .refused(404);
    let gone = desk
        .get("/v3/contacts/details", &[("primary_email", "gone.away@quoted.example")])
        .await
        .ok();
    assert_eq!(
        (&gone["is_deleted"], &gone["updated_on"]),
        (&json!(1), &json!("1970-01-01 00:00:00"))
    );
}

#[tokio::test]
async fn contacts_are_written() {
    let desk = Desk::new().await;
    let body = json!({
        "name": "Zoë \"Z\" 🐝", "primary_email": "zoe@eitheror.example", "secondary_emails": "z1@x.example,z2@x.example",
        "title": "Buyer", "company_name": "Either/Or Books",
    });
    let answer = desk.post("/v3/contacts/create", &[], body.clone()).await;
    assert_eq!(answer.status, 200);
    let created = answer.json();
    let model = [
        "name",
        "primary_email",
        "secondary_emails",
        "title",
        "mobile",
        "phone",
        "company_name",
    ];
    assert_eq!(keys(&created), model, "the request model comes back");
    assert_eq!(created["secondary_emails"], "z1@x.example,z2@x.example");
    desk.post("/v3/contacts/create", &[], body).await.refused(400);
    let taken = json!({"name": "x", "primary_email": "Z1@x.example"});
    desk.post("/v3/contacts/create", &[], taken).await.refused(400);

    let query = [("primary_email", "zoe@eitheror.example")];
    let updated = desk
        .put("/v3/contacts/update", &query, json!({"title": "", "phone": "+1"}))
        .await
        .ok();
    assert_eq!(keys(&updated), ["name", "title", "mobile", "phone", "company_name"]);
    let read = desk.get("/v3/contacts/details", &query).await.ok();
    assert_eq!(
        (&read["title"], &read["phone"], &read["name"]),
        (&Value::Null, &json!("+1"), &json!("Zoë \"Z\" 🐝"))
    );
    assert_eq!(read["updated_on"], "2026-03-02 09:00:02");
    for wrong in [
        json!({"primary_email": "other@x.example"}),
        json!({"secondary_emails": "a@x.example"}),
        json!({"name": ""}),
        json!({"title": null}),
        json!({"company_name": "No Such Company"}),
        json!({"custom_fields": {}}),
    ] {
        desk.put("/v3/contacts/update", &query, wrong).await.refused(400);
    }
    for wrong in [
        json!({"name": "x"}),
        json!({"primary_email": "x@x.example"}),
        json!({"name": "x", "primary_email": "x"}),
        json!({"name": "x", "primary_email": "x@x.example", "secondary_emails": ["a@x.example"]}),
        json!({"name": "x", "primary_email": "x@x.example", "company": "Either/Or Books"}),
    ] {
        desk.post("/v3/contacts/create", &[], wrong).await.refused(400);
    }
    desk.put(
        "/v3/contacts/update",
        &[("primary_email", "no@x.example")],
        json!({"name": "x"}),
    )
    .await
    .refused(404);
}

#[tokio::test]
async fn company_domains_are_a_list_here_and_a_string_there() {
    let desk = Desk::new().await;
    let list = desk.get("/v3/companies", &[]).await.ok();
    assert_eq!((keys(&list), &list["count"]), (vec!["count", "content"], &json!(15)));
    let name = "Halcyon Freight & Co.";
    let listed = list["content"]
        .as_array()
        .unwrap()
        .iter()
        .find(|company| company["name"] == name)
        .unwrap();
    assert_eq!(
        listed["domains"],
        json!(["halcyonfreight.example", "halcyon-depots.example"])
    );
    assert!(listed.get("custom_fields").is_none());
    assert!(listed.get("created_on").is_some() && listed.get("createdOn").is_none());
    let details = desk.get("/v3/companies/details", &[("name", name)]).await.ok();
    assert_eq!(details["domains"], "halcyonfreight.example,halcyon-depots.example");
    assert_eq!(details["custom_fields"]["cf_Account Tier"], "VIP");
    assert!(details["description"].as_str().unwrap().contains("VIP"));
    let custom = desk.get("/v3/companies", &[("include_custom_fields", "1")]).await.ok();
    assert_eq!(
        keys(&custom["content"][0]["custom_fields"]),
        ["cf_Account Tier", "cf_Seats & Licences"]
    );
    for name in [
        "Either/Or Books",
        "Lumen + Loom",
        "Bees 🐝 & Blossoms",
        "The \"Quoted\" Company",
        "Ångström Instruments",
    ] {
        assert_eq!(
            desk.get("/v3/companies/details", &[("name", name)]).await.ok()["name"],
            name
        );
    }
}

#[tokio::test]
async fn companies_are_written_and_renamed() {
    let desk = Desk::new().await;
    let body = json!({"name": "Neu & Co", "domains": "neu.example, neu.test.example", "sla": "helpdesk default", "city": "Ort"});
    let created = desk.post("/v3/companies/create", &[], body.clone()).await.ok();
    let model = [
        "name",
        "description",
        "phone",
        "address",
        "city",
        "state",
        "country",
        "zipcode",
        "sla",
        "domains",
    ];
    assert_eq!(keys(&created), model);
    assert_eq!(created["domains"], "neu.example,neu.test.example");
    desk.post("/v3/companies/create", &[], body).await.refused(400);
    let read = desk.get("/v3/companies/details", &[("name", "Neu & Co")]).await.ok();
    assert_eq!(read["updated_on"], "1970-01-01 00:00:00", "never updated");

    let change = json!({"name": "Halcyon / Renamed", "phone": "1"});
    desk.put(
        "/v3/companies/update",
        &[("company_name", "Halcyon Freight & Co.")],
        change,
    )
    .await
    .ok();
    desk.get("/v3/companies/details", &[("name", "Halcyon Freight & Co.")])
        .await
        .refused(404);
    let ticket = desk.get("/v3/tickets/details", &[("ticket_number", "1197")]).await.ok();
    assert_eq!(ticket["company_name"], "Halcyon / Renamed");
    for wrong in [
        json!({"name": "Neu & Co"}),
        json!({"name": " "}),
        json!({"domains": ["x.example"]}),
        json!({"domains": "no domain"}),
        json!({"sla": "No SLA"}),
        json!({"company_name": "x"}),
    ] {
        desk.put("/v3/companies/update", &[("company_name", "Odd Socks Ltd")], wrong)
            .await
            .refused(400);
    }
}

#[tokio::test]
async fn agents_are_listed() {
    let desk = Desk::new().await;
    let agents = desk.get("/v3/agents", &[]).await.ok();
    assert_eq!(keys(&agents), ["content"]);
    assert_eq!(
        agents["content"][0],
        json!({"name": "Amber Desk", "email": "amber.desk@acme.example"})
    );
    assert_eq!(agents["content"].as_array().unwrap().len(), 8);
}
