//! Members that an account defines for itself: reading, showing, checking and sending them.

use std::collections::BTreeMap;

use deskhand_runtime::arguments::{CheckSettings, check};
use deskhand_runtime::operation::{
    Answer, AnswerKind, Body, Confidence, Definitions, DynamicFields, DynamicKeys, DynamicKind, Effect, Operation,
};
use deskhand_runtime::overlay::{Member, Overlay, read};
use deskhand_runtime::schema::{SchemaOptions, input_schema, lint};
use deskhand_runtime::shape::{Field, Form, Marks, Place, Presence, Shape, Style, Table, Unknown};
use serde_json::{Map, Value, json};

const fn field(name: &'static str, shape: Shape, place: Place, dynamic: Option<&'static str>) -> Field {
    Field {
        name,
        wire: name,
        doc: "What is given.",
        shape,
        presence: Presence::Optional,
        place,
        style: Style::Plain,
        form: Form::Any,
        min: None,
        max: None,
        default: None,
        example: None,
        clear: None,
        chosen_by: None,
        variable: None,
        generate: None,
        dynamic,
        marks: Marks::NONE,
    }
}

static PAIR: Table = Table {
    name: "Pair",
    doc: "",
    fields: &[
        field("id", Shape::Int, Place::Body, None),
        field("value", Shape::Any, Place::Body, None),
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};

fn pair() -> &'static Table {
    &PAIR
}

static INPUT: Table = Table {
    name: "CreateThing",
    doc: "",
    fields: &[
        field("values", Shape::List(&Shape::record(pair)), Place::Body, Some("pairs")),
        field("data", Shape::Map(&Shape::Any), Place::Body, Some("map")),
        field("id", Shape::Int, Place::Body, None),
        Field {
            chosen_by: Some("id"),
            ..field("one", Shape::Any, Place::Body, Some("pairs"))
        },
    ],
    rules: &[],
    unknown: Unknown::Refuse,
};

fn input() -> &'static Table {
    &INPUT
}

static CREATE: Operation = Operation {
    name: "create_thing",
    resource: "things",
    method: "create",
    http_method: "POST",
    path: "/things",
    input,
    body: Body::Json,
    answer: Answer {
        kind: AnswerKind::Empty,
        shape: Shape::Any,
        at: &[""],
        total: None,
        may_be_empty: true,
    },
    pages: None,
    effect: Effect::Write,
    idempotent: false,
    counts_as_read: false,
    cost: 1,
    access: &[],
    confidence: Confidence::High,
    source: "handmade",
    deprecated: false,
    tool: None,
};

const fn definitions(keys: DynamicKeys) -> Definitions {
    Definitions {
        operation: "list_fields",
        arguments: "",
        keys,
        label: Some("/label"),
        about: Some("/about"),
        kind: Some((
            "/kind",
            &[
                ("text", DynamicKind::Text),
                ("boolean", DynamicKind::Bool),
                ("number", DynamicKind::Number),
            ],
        )),
        choices: Some("/settings/choices"),
        min: Some("/settings/min"),
        max: Some("/settings/max"),
        required: Some("/required"),
        skip: &["/gone_at"],
        notes: &[("/managed", "Kept by the helpdesk.")],
    }
}

static SLOTS: &[DynamicFields] = &[
    DynamicFields {
        slot: "pairs",
        doc: "",
        definitions: Some(definitions(DynamicKeys::Of("/id"))),
        pair: Some(("id", "value")),
    },
    DynamicFields {
        slot: "map",
        doc: "",
        definitions: Some(definitions(DynamicKeys::Members("/custom"))),
        pair: None,
    },
];

fn listed() -> Vec<Value> {
    vec![
        json!({"id": 7, "label": "Return reason", "about": "Why it came back", "kind": "text", "required": true,
               "settings": {"choices": ["Too small", "Too large", "Broken"]}, "gone_at": null}),
        json!({"id": 8, "label": "Return reason", "kind": "number", "settings": {"min": 1, "max": "5"}, "managed": "x"}),
        json!({"id": 9, "label": "Größe & Farbe", "kind": "boolean"}),
        json!({"id": 10, "label": "Old", "kind": "text", "gone_at": "2026-01-01"}),
        json!({"id": 11, "label": "Odd", "kind": "a kind nobody knows"}),
        json!({"label": "Without a key"}),
    ]
}

fn overlay() -> Overlay {
    let mut overlay = Overlay::default();
    overlay.set("pairs", read(&SLOTS[0], &listed()));
    let records = [
        json!({"custom": {"cf_Order № 1": null, "plan": "gold"}}),
        json!({"custom": {"plan": "x"}}),
        json!({}),
    ];
    overlay.set("map", read(&SLOTS[1], &records));
    overlay
}

fn keys(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.key.as_str()).collect()
}

fn checked(arguments: Value) -> Result<BTreeMap<&'static str, Value>, Vec<String>> {
    let overlay = overlay();
    let Value::Object(arguments) = arguments else {
        unreachable!()
    };
    let settings = CheckSettings {
        overlay: Some(&overlay),
        slots: SLOTS,
        ..CheckSettings::default()
    };
    match check(&CREATE, arguments, &settings) {
        Ok(checked) => Ok(checked
            .values
            .into_iter()
            .map(|(field, value)| (field.name, value))
            .collect()),
        Err(error) => Err(error
            .faults()
            .iter()
            .map(|fault| format!("{}: {}", fault.argument, fault.message))
            .collect()),
    }
}

#[test]
fn definitions_are_read() {
    let overlay = overlay();
    let pairs = overlay.slot("pairs").unwrap();
    assert_eq!(
        keys(pairs),
        ["return_reason_7", "return_reason_8", "gr_e_farbe_9", "odd_11"]
    );
    assert_eq!(pairs[0].choices, ["Too small", "Too large", "Broken"]);
    assert_eq!((pairs[0].required, pairs[0].doc.as_str()), (true, "Why it came back"));
    assert_eq!((pairs[1].min, pairs[1].max), (Some(1.0), Some(5.0)));
    assert_eq!(pairs[1].doc, "Kept by the helpdesk.");
    assert_eq!(pairs[2].kind, Some(DynamicKind::Bool));
    assert_eq!(pairs[3].kind, None);
    let map = overlay.slot("map").unwrap();
    assert_eq!(keys(map), ["cf_Order_1", "plan"]);
    assert_eq!(map[0].wire, "cf_Order № 1");
    assert_eq!(overlay.slot("other"), None);
}

#[test]
fn schemas_show_them_and_keep_to_the_rules() {
    let options = SchemaOptions {
        overlay: Some(std::sync::Arc::new(overlay())),
        ..SchemaOptions::default()
    };
    let schema = input_schema(&CREATE, &options);
    assert_eq!(lint(&schema), Vec::<String>::new());
    let values = &schema["properties"]["values"];
    assert_eq!(values["type"], "object");
    assert_eq!(values["required"], json!(["return_reason_7"]));
    assert_eq!(values["additionalProperties"], false);
    let reason = &values["properties"]["return_reason_7"];
    assert_eq!(reason["enum"], json!(["Too small", "Too large", "Broken"]));
    assert_eq!(
        reason["description"],
        "Return reason. Why it came back One of: Too small, Too large, Broken."
    );
    assert_eq!(values["properties"]["return_reason_8"]["minimum"], 1);
    assert_eq!(values["properties"]["gr_e_farbe_9"]["type"], "boolean");
    assert_eq!(schema["properties"]["data"]["additionalProperties"], true);
    assert!(schema["properties"]["data"]["properties"]["plan"].is_object());
    let plain = input_schema(&CREATE, &SchemaOptions::default());
    assert_eq!(plain["properties"]["values"]["type"], "array");
    assert_eq!(plain["properties"]["data"]["additionalProperties"], true);
}

#[test]
fn values_reach_the_wire_in_the_vendors_form() {
    let sent = checked(json!({
        "values": {"return_reason_7": "Broken", "8": 3, "gr_e_farbe_9": "true", "odd_11": ["anything"]},
        "data": {"cf_Order_1": "A-1", "cf_Order № 1x": 5, "plan": null},
    }));
    let sent = sent.unwrap();
    assert_eq!(
        sent["values"],
        json!([{"id": 7, "value": "Broken"}, {"id": 8, "value": 3}, {"id": 9, "value": true}, {"id": 11, "value": ["anything"]}])
    );
    assert_eq!(
        sent["data"],
        json!({"cf_Order № 1": "A-1", "cf_Order № 1x": 5, "plan": null})
    );
    // The vendor's own form, and JSON as text.
    let native = checked(json!({"values": [{"id": 7, "value": "Too large"}, {"id": 99, "value": 1}]})).unwrap();
    assert_eq!(
        native["values"],
        json!([{"id": 7, "value": "Too large"}, {"id": 99, "value": 1}])
    );
    let text = checked(json!({"values": "{\"return_reason_8\": 2}"})).unwrap();
    assert_eq!(text["values"], json!([{"id": 8, "value": 2}]));
}

#[test]
fn wrong_values_are_refused_with_what_is_allowed() {
    let faults = checked(json!({"values": {
        "return_reason_7": "to large", "return_reason_8": 9, "gr_e_farbe_9": "maybe", "return_reson_8": 1,
    }}));
    let faults = faults.unwrap_err();
    assert_eq!(
        faults,
        [
            "values.return_reason_7: (Return reason) must be one of: Too small, Too large, Broken. Did you mean `Too large`?",
            "values.return_reason_8: (Return reason) must be from 1 to 5, is 9",
            "values.gr_e_farbe_9: (Größe & Farbe) expected true or false, found text",
            "values.return_reson_8: is no field of this account",
        ]
    );
    let faults = checked(json!({"values": [{"id": 8, "value": "many"}]})).unwrap_err();
    assert_eq!(
        faults,
        ["values.0.value: (Return reason) expected a number, found text"]
    );
}

#[test]
fn differences_are_told() {
    let (before, mut after) = (overlay(), overlay());
    let mut records = listed();
    records.remove(2);
    records[0]["settings"]["choices"] = json!(["Too small"]);
    records.push(json!({"id": 12, "label": "New", "kind": "text"}));
    after.set("pairs", read(&SLOTS[0], &records));
    assert_eq!(
        after.differences(&before),
        [
            "pairs: `new_12` (New) was added",
            "pairs: `return_reason_7` (Return reason) has changed: choices gone: Too large, Broken",
            "pairs: `gr_e_farbe_9` (Größe & Farbe) is gone",
        ]
    );
    assert!(before.differences(&overlay()).is_empty());
    let text = serde_json::to_string(&after).unwrap();
    assert_eq!(serde_json::from_str::<Overlay>(&text).unwrap(), after);
}

#[test]
fn what_has_changed_of_a_member_is_told() {
    let change = |change: fn(&mut Value)| {
        let (before, mut after) = (overlay(), overlay());
        let mut records = listed();
        change(&mut records[0]);
        change(&mut records[1]);
        after.set("pairs", read(&SLOTS[0], &records));
        after.differences(&before)
    };
    assert_eq!(
        change(|record| record["settings"]["choices"] = json!(["Too small", "Broken", "Wrong colour"])),
        [
            "pairs: `return_reason_7` (Return reason) has changed: new choices: Wrong colour; choices gone: Too large",
            "pairs: `return_reason_8` (Return reason) has changed: new choices: Too small, Broken, Wrong colour",
        ]
    );
    assert_eq!(
        change(|record| record["settings"]["max"] = json!(9)),
        [
            "pairs: `return_reason_7` (Return reason) has changed: must be at most 9, was anything",
            "pairs: `return_reason_8` (Return reason) has changed: must be from 1 to 9, was from 1 to 5",
        ]
    );
    assert_eq!(
        change(|record| {
            record["label"] = json!("Why");
            record["required"] = json!(false);
        }),
        [
            "pairs: `why_7` (Why) has changed: it was called Return reason; its key was `return_reason_7`; \
             a new record does not need it any more",
            "pairs: `why_8` (Why) has changed: it was called Return reason; its key was `return_reason_8`",
        ]
    );
}

#[test]
fn a_sibling_tells_whose_value_it_is() {
    let sent = |id: Value, one: Value| checked(json!({"id": id, "one": one})).map(|sent| sent["one"].clone());
    assert_eq!(sent(json!(7), json!("Broken")), Ok(json!("Broken")));
    assert_eq!(sent(json!(8), json!("3")), Ok(json!(3)), "a number in text");
    assert_eq!(sent(json!("9"), json!(true)), Ok(json!(true)));
    assert_eq!(
        sent(json!(99), json!("free")),
        Ok(json!("free")),
        "nothing is known of it"
    );
    for (id, one, told) in [
        (
            7,
            json!("broken"),
            "one: (Return reason) must be one of: Too small, Too large, Broken. Did you mean `Broken`?",
        ),
        (8, json!(0), "one: (Return reason) must be from 1 to 5, is 0"),
        (
            9,
            json!("maybe"),
            "one: (Größe & Farbe) expected true or false, found text",
        ),
    ] {
        assert_eq!(sent(json!(id), one), Err(vec![told.to_owned()]));
    }
    let options = SchemaOptions {
        overlay: Some(std::sync::Arc::new(overlay())),
        ..SchemaOptions::default()
    };
    let shown = &input_schema(&CREATE, &options)["properties"]["one"];
    assert_eq!(
        shown["description"]
            .as_str()
            .unwrap()
            .split_once("In this account")
            .unwrap()
            .1,
        ", by `id`: 7 Return reason: one of Too small, Too large, Broken; 8 Return reason: a number from 1 to 5; \
         9 Größe & Farbe: true or false; 11 Odd: any value."
    );
    assert_eq!(shown.get("properties"), None);
}

#[test]
fn many_members_leave_the_description_short() {
    let mut overlay = Overlay::default();
    let many = (1..=200).map(|id| json!({"id": id, "label": "A field with a long name", "kind": "text"}));
    overlay.set("pairs", read(&SLOTS[0], &many.collect::<Vec<_>>()));
    let options = SchemaOptions {
        overlay: Some(std::sync::Arc::new(overlay)),
        ..SchemaOptions::default()
    };
    let schema = input_schema(&CREATE, &options);
    assert_eq!(lint(&schema), Vec::<String>::new());
    let told = schema["properties"]["one"]["description"].as_str().unwrap();
    assert!(told.ends_with(" more.") && told.contains("; 10 A field"), "{told}");
}

#[test]
fn without_definitions_the_place_is_open() {
    let arguments = Map::from_iter([("data".to_owned(), json!({"anything": 1}))]);
    assert!(check(&CREATE, arguments, &CheckSettings::default()).is_ok());
}
