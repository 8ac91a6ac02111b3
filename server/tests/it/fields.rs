//! Custom fields that accounts define, from the helpdesk into the schemas of their tools.

use std::sync::Arc;

use deskhand::access::Directory as _;
use deskhand::control::accounts::NewAccount;
use deskhand::control::{ControlError, ControlPlane, FieldsInterval, Options};
use deskhand::scope::Offer;
use deskhand::store::sql::SqlStore;
use deskhand::vault::Keyring;
use deskhand_runtime::dialect::Dialect;
use deskhand_runtime::operation::Setting;
use deskhand_simulator::{Fault, Running, Simulator, Trigger};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::toy::TOY;

const TOOL: &str = "update_a_desk_365_ticket_by_id";

async fn simulator() -> Running {
    simulator_of("desk365").await
}

async fn simulator_of(slug: &str) -> Running {
    let options = deskhand_simulator::Options {
        plan: "unlimited".to_owned(),
        ..Default::default()
    };
    Simulator::serve(slug, options, ([127, 0, 0, 1], 0).into())
        .await
        .unwrap()
}

async fn control(directory: &TempDir, options: Options) -> Arc<ControlPlane> {
    let file = directory.path().join("store.db");
    let store = Arc::new(SqlStore::open(file.to_str().unwrap()).await.unwrap());
    let keyring = Arc::new(Keyring::read_or_create(&directory.path().join("master.key")).unwrap().0);
    let mut all = deskhand_integrations::INTEGRATIONS.to_vec();
    all.push(&TOY);
    ControlPlane::open(Vec::leak(all), store, keyring, options)
        .await
        .unwrap()
}

fn account(simulator: &Running, name: &str) -> NewAccount {
    account_of("desk365", simulator, name)
}

fn account_of(slug: &str, simulator: &Running, name: &str) -> NewAccount {
    let all = deskhand_integrations::INTEGRATIONS;
    let integration = all.iter().find(|known| known.slug == slug).unwrap();
    let given = simulator.credentials();
    let those = |settings: &[Setting]| {
        let named = settings.iter().filter_map(|setting| given.get_key_value(setting.name));
        named.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    NewAccount {
        integration: slug.to_owned(),
        name: name.to_owned(),
        credentials: those(integration.credentials),
        variables: those(integration.variables),
        base_url: Some(simulator.base_url()),
        ..NewAccount::default()
    }
}

/// The schema of the place for custom fields, as the account's tools show it.
async fn place(control: &ControlPlane, account: &str) -> Value {
    place_of(control, account, TOOL, "custom_fields").await
}

async fn place_of(control: &ControlPlane, account: &str, tool: &str, argument: &str) -> Value {
    let access = control.account_access(account, &Offer::default()).await.unwrap();
    let tools = access.scope().list(Dialect::Mcp);
    let tool = tools.iter().find(|known| known.name == tool).unwrap();
    tool.input_schema["properties"][argument].clone()
}

async fn call(control: &ControlPlane, account: &str, custom_fields: Value) -> Result<Value, String> {
    let access = control.account_access(account, &Offer::default()).await.unwrap();
    let ticket = access
        .scope()
        .call(
            "list_all_desk_365_tickets",
            Map::from_iter([("limit".to_owned(), json!(30))]),
            Dialect::Mcp,
        )
        .await
        .into_structured();
    let arguments = json!({ "ticket_number": ticket["result"][0]["ticket_number"], "custom_fields": custom_fields });
    let Value::Object(arguments) = arguments else {
        unreachable!()
    };
    let outcome = access.scope().call(TOOL, arguments, Dialect::Mcp).await;
    outcome.result.map_err(|error| error.to_string())
}

#[tokio::test]
async fn fields_that_were_read_are_in_the_schemas_of_their_account() {
    let (directory, simulator) = (TempDir::new().unwrap(), simulator().await);
    let control = control(&directory, Options::default()).await;
    let one = control.create_account(account(&simulator, "One")).await.unwrap().id;
    let other = control.create_account(account(&simulator, "Other")).await.unwrap().id;
    assert_eq!(place(&control, &one).await["properties"], Value::Null);
    assert_eq!(control.fields(&one, None).await.unwrap().number, None);

    let read = control.refresh_fields(&one).await.unwrap();
    assert_eq!((read.number, read.problems.len()), (Some(1), 0));
    let tickets = read
        .slots
        .iter()
        .find(|slot| slot.slot == "ticket_custom_fields")
        .unwrap();
    let order = tickets
        .fields
        .iter()
        .find(|field| field.id == "cf_Order Number")
        .unwrap();
    assert_eq!(order.key, "cf_Order_Number");

    let shown = place(&control, &one).await;
    assert_eq!(shown["type"], "object");
    assert!(shown["properties"]["cf_Order_Number"].is_object(), "{shown}");
    assert_eq!(place(&control, &other).await["properties"], Value::Null);
    // By the readable key, and by the helpdesk's own.
    for key in ["cf_Order_Number", "cf_Order Number"] {
        let changed = call(&control, &one, json!({ key: format!("A-{}", key.len()) }))
            .await
            .unwrap();
        assert_eq!(
            changed["custom_fields"]["cf_Order Number"],
            format!("A-{}", key.len()),
            "{changed}"
        );
    }

    // Nothing new: no new snapshot.
    assert_eq!(control.refresh_fields(&one).await.unwrap().number, Some(1));
}

/// Where the helpdesk tells keys alone, they are what is shown; others may be given, and values are not bound.
#[tokio::test]
async fn keys_that_are_in_use_are_shown_where_there_are_no_definitions() {
    const TOOL: &str = "update_a_crisp_people_datum_by_id";
    let (directory, simulator) = (TempDir::new().unwrap(), simulator_of("crisp").await);
    let control = control(&directory, Options::default()).await;
    let new = account_of("crisp", &simulator, "One");
    let id = control.create_account(new).await.unwrap().id;
    assert_eq!(place_of(&control, &id, TOOL, "data").await["properties"], Value::Null);
    let read = control.refresh_fields(&id).await.unwrap();
    assert_eq!((read.slots.len(), read.problems.len()), (1, 0));
    let known: Vec<&str> = read.slots[0].fields.iter().map(|field| field.key.as_str()).collect();
    assert!(!known.is_empty());
    let shown = place_of(&control, &id, TOOL, "data").await;
    let shown_keys: Vec<&String> = shown["properties"].as_object().unwrap().keys().collect();
    assert_eq!(shown_keys, known);
    assert_eq!(shown["additionalProperties"], true);
}

#[tokio::test]
async fn what_cannot_be_read_leaves_what_is_known() {
    let (directory, simulator) = (TempDir::new().unwrap(), simulator().await);
    let control = control(&directory, Options::default()).await;
    let id = control.create_account(account(&simulator, "One")).await.unwrap().id;
    control.refresh_fields(&id).await.unwrap();
    let before = place(&control, &id).await;
    simulator
        .control()
        .inject(Fault::HtmlGateway { status: 502 }, Trigger::Next(20));
    let read = control.refresh_fields(&id).await.unwrap();
    assert_eq!(read.number, Some(1));
    assert_eq!(read.problems.len(), 3);
    assert_eq!(read.problems[0].code, "upstream_error");
    assert_eq!(place(&control, &id).await, before);
}

#[tokio::test]
async fn helpdesks_without_such_fields_say_so() {
    let directory = TempDir::new().unwrap();
    let control = control(&directory, Options::default()).await;
    let new = crate::toy::new_account();
    let id = control.create_account(new).await.unwrap().id;
    let refused = control.refresh_fields(&id).await.unwrap_err();
    assert!(matches!(refused, ControlError::Conflict(_)), "{refused}");
    assert!(matches!(
        control.refresh_fields("acc_none").await,
        Err(ControlError::NotFound("account"))
    ));
    assert!(matches!(
        control.fields(&id, Some(7)).await,
        Err(ControlError::NotFound(_))
    ));
}

#[tokio::test]
async fn accounts_in_use_are_read_by_the_clock() {
    let (directory, simulator) = (TempDir::new().unwrap(), simulator().await);
    let shell = control(&directory, Options::default()).await;
    // Connected where nobody reads anything by themselves.
    let used = shell.create_account(account(&simulator, "Used")).await.unwrap().id;
    let idle = shell.create_account(account(&simulator, "Idle")).await.unwrap().id;
    let options = Options {
        fields_interval: "24h".parse::<FieldsInterval>().unwrap(),
        ..Options::default()
    };
    let server = control(&directory, options).await;
    assert_eq!(place(&server, &used).await["properties"], Value::Null);
    let stop = CancellationToken::new();
    let running = tokio::spawn(Arc::clone(&server).run(stop.clone()));
    while server.fields(&used, None).await.unwrap().number.is_none() {
        tokio::task::yield_now().await;
    }
    // Those who ask for its tools see them without doing anything.
    while place(&server, &used).await["properties"].is_null() {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.fields(&idle, None).await.unwrap().number, None);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_new_account_is_read_in_the_background() {
    let (directory, simulator) = (TempDir::new().unwrap(), simulator().await);
    let options = Options {
        fields_interval: "24h".parse::<FieldsInterval>().unwrap(),
        ..Options::default()
    };
    let control = control(&directory, options).await;
    let id = control.create_account(account(&simulator, "One")).await.unwrap().id;
    while control.fields(&id, None).await.unwrap().number.is_none() {
        tokio::task::yield_now().await;
    }
    // Within the day nobody asks again.
    let asked = simulator.control().requests().len();
    let again = control.store().claim_field_read(&id, deskhand::access::now(), 0).await;
    assert!(!again.unwrap());
    assert_eq!(simulator.control().requests().len(), asked);
    assert!(control.resolve("dh_none").await.unwrap().is_none());
}
