//! Customers and the values of their fields.

use super::{CURSOR, LIMIT, Operation, delete, get, post, put};
use crate::engine::Param;
use crate::engine::ParamKind::{Form, OneOf, Repeated, Text};
use crate::gorgias::forms::{NUMBER_PARAM, SLUG, query};
use crate::gorgias::operations::{customer_merges, customers, field_values};
use crate::gorgias::shapes::customers::{
    CUSTOMER_CREATE, CUSTOMER_DATA, CUSTOMER_MERGE, CUSTOMER_UPDATE, FIELD_VALUE, FIELD_VALUES, IDS_BODY,
};

pub(super) static CUSTOMERS: &[Operation] = &[
    get("list_customers", "/api/customers")
        .scope("customers:read")
        .query(&[
            query("email", Text),
            query("external_id", Text),
            query("name", Text),
            query("language", Text),
            query("timezone", Text),
            query("view_id", NUMBER_PARAM),
            query("channel_type", Form(&SLUG)),
            query("channel_address", Text),
            query(
                "order_by",
                OneOf(&[
                    "created_datetime:asc",
                    "created_datetime:desc",
                    "updated_datetime:asc",
                    "updated_datetime:desc",
                ]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(customers::list),
    post("create_customer", "/api/customers")
        .scope("customers:write")
        .json(&CUSTOMER_CREATE)
        .on(customers::create),
    delete("delete_customers", "/api/customers")
        .scope("customers:write")
        .json(&IDS_BODY)
        .on(customers::remove_many),
    put("merge_customers", "/api/customers/merge")
        .scope("customers:write")
        .query(&[
            Param::required("source_id", NUMBER_PARAM),
            Param::required("target_id", NUMBER_PARAM),
        ])
        .json(&CUSTOMER_MERGE)
        .on(customer_merges::merge),
    get("get_customer", "/api/customers/{id}")
        .scope("customers:read")
        .query(&[query("relationships", Repeated(&OneOf(&["custom_fields"]), 1))])
        .on(customers::get),
    put("update_customer", "/api/customers/{id}")
        .scope("customers:write")
        .json(&CUSTOMER_UPDATE)
        .on(customers::update),
    delete("delete_customer", "/api/customers/{id}")
        .scope("customers:write")
        .on(customers::remove),
    put("set_customer_data", "/api/customers/{customer_id}/data")
        .scope("customers:write")
        .json(&CUSTOMER_DATA)
        .on(customer_merges::set_data),
    get(
        "list_customer_field_values",
        "/api/customers/{customer_id}/custom-fields",
    )
    .scope("customers:read")
    .on(field_values::list_of_customer),
    put(
        "update_customer_field_values",
        "/api/customers/{customer_id}/custom-fields",
    )
    .scope("customers:write")
    .status(200)
    .value(&FIELD_VALUES)
    .on(field_values::replace_of_customer),
    put(
        "update_customer_field_value",
        "/api/customers/{customer_id}/custom-fields/{id}",
    )
    .scope("customers:write")
    .status(200)
    .value(&FIELD_VALUE)
    .on(field_values::set_of_customer),
    delete(
        "delete_customer_field_value",
        "/api/customers/{customer_id}/custom-fields/{id}",
    )
    .scope("customers:write")
    .on(field_values::clear_of_customer),
];
