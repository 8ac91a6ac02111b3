//! The account, its settings and fields, agents and teams, files and what is connected.

use super::{BY_CREATION, CURSOR, LIMIT, Operation, delete, get, post, put};
use crate::engine::Param;
use crate::engine::ParamKind::{OneOf, Repeated, Text};
use crate::gorgias::forms::{FLAG, NUMBER_PARAM, query};
use crate::gorgias::operations::{account, custom_fields, files, integrations, teams, users, widgets};
use crate::gorgias::shapes::account::{
    FIELD_BULK, FIELD_CREATE, FIELD_UPDATE, INTEGRATION_CREATE, INTEGRATION_UPDATE, SETTING_CREATE, SETTING_UPDATE,
    TEAM_CREATE, TEAM_UPDATE, USER_CREATE, USER_UPDATE, WIDGET_CREATE, WIDGET_UPDATE,
};
use crate::gorgias::words::{INTEGRATION_TYPE, OBJECT_TYPE, UPLOAD_TYPE, USER_ROLE};

pub(super) static ACCOUNT: &[Operation] = &[
    get("get_account", "/api/account")
        .scope("account:read")
        .on(account::get),
    get("list_account_settings", "/api/account/settings")
        .scope("account:read")
        .query(&[query("type", Text)])
        .on(account::list_settings),
    post("create_account_setting", "/api/account/settings")
        .scope("account:write")
        .for_admins()
        .json(&SETTING_CREATE)
        .on(account::create_setting),
    put("update_account_setting", "/api/account/settings/{id}")
        .scope("account:write")
        .for_admins()
        .status(200)
        .json(&SETTING_UPDATE)
        .on(account::update_setting),
    get("list_custom_fields", "/api/custom-fields")
        .scope("custom_fields:read")
        .query(&[
            Param::required("object_type", OneOf(OBJECT_TYPE)),
            query("search", Text),
            query("archived", FLAG),
            query("order_by", OneOf(&["priority:asc", "priority:desc"])),
            CURSOR,
            LIMIT,
        ])
        .on(custom_fields::list),
    post("create_custom_field", "/api/custom-fields")
        .scope("custom_fields:write")
        .for_admins()
        .json(&FIELD_CREATE)
        .on(custom_fields::create),
    put("bulk_update_custom_fields", "/api/custom-fields")
        .scope("custom_fields:write")
        .for_admins()
        .value(&FIELD_BULK)
        .on(custom_fields::update_many),
    get("get_custom_field", "/api/custom-fields/{id}")
        .scope("custom_fields:read")
        .on(custom_fields::get),
    put("update_custom_field", "/api/custom-fields/{id}")
        .scope("custom_fields:write")
        .for_admins()
        .json(&FIELD_UPDATE)
        .on(custom_fields::update),
    get("list_users", "/api/users")
        .scope("users:read")
        .query(&[
            query("email", Text),
            query("external_id", Text),
            query("search", Text),
            query("roles", Repeated(&OneOf(USER_ROLE), 7)),
            query("available_first", FLAG),
            query("relationships", Repeated(&OneOf(&["availability_status"]), 1)),
            query(
                "order_by",
                OneOf(&[
                    "created_datetime:asc",
                    "created_datetime:desc",
                    "name:asc",
                    "name:desc",
                    "email:asc",
                    "email:desc",
                    "role.name:asc",
                    "role.name:desc",
                ]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(users::list),
    post("create_user", "/api/users")
        .scope("users:write")
        .for_admins()
        .json(&USER_CREATE)
        .on(users::create),
    get("get_user", "/api/users/{id}").scope("users:read").on(users::get),
    put("update_user", "/api/users/{id}")
        .scope("users:write")
        .json(&USER_UPDATE)
        .on(users::update),
    delete("delete_user", "/api/users/{id}")
        .scope("users:write")
        .for_admins()
        .on(users::remove),
    get("list_teams", "/api/teams")
        .scope("users:read")
        .query(&[
            query(
                "order_by",
                OneOf(&["created_datetime:asc", "created_datetime:desc", "name:asc", "name:desc"]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(teams::list),
    post("create_team", "/api/teams")
        .scope("users:write")
        .for_admins()
        .json(&TEAM_CREATE)
        .on(teams::create),
    get("get_team", "/api/teams/{id}").scope("users:read").on(teams::get),
    put("update_team", "/api/teams/{id}")
        .scope("users:write")
        .for_admins()
        .json(&TEAM_UPDATE)
        .on(teams::update),
    delete("delete_team", "/api/teams/{id}")
        .scope("users:write")
        .for_admins()
        .on(teams::remove),
    post("upload_files", "/api/upload")
        .query(&[query("type", OneOf(UPLOAD_TYPE))])
        .files()
        .on(files::upload),
    get(
        "download_file",
        "/api/{file_type}/download/{domain_hash}/{resource_name}",
    )
    .status(307)
    .on(files::download),
    get("list_integrations", "/api/integrations")
        .scope("integrations:read")
        .query(&[query("type", OneOf(INTEGRATION_TYPE)), BY_CREATION, CURSOR, LIMIT])
        .on(integrations::list),
    post("create_integration", "/api/integrations")
        .scope("integrations:write")
        .for_admins()
        .json(&INTEGRATION_CREATE)
        .on(integrations::create),
    get("get_integration", "/api/integrations/{id}")
        .scope("integrations:read")
        .on(integrations::get),
    put("update_integration", "/api/integrations/{id}")
        .scope("integrations:write")
        .for_admins()
        .json(&INTEGRATION_UPDATE)
        .on(integrations::update),
    delete("delete_integration", "/api/integrations/{id}")
        .scope("integrations:write")
        .for_admins()
        .on(integrations::remove),
    get("list_widgets", "/api/widgets")
        .scope("integrations:read")
        .query(&[
            query("integration_id", NUMBER_PARAM),
            query("app_id", Text),
            query(
                "order_by",
                OneOf(&[
                    "created_datetime:asc",
                    "created_datetime:desc",
                    "order:asc",
                    "order:desc",
                ]),
            ),
            CURSOR,
            LIMIT,
        ])
        .on(widgets::list),
    post("create_widget", "/api/widgets")
        .scope("integrations:write")
        .for_admins()
        .json(&WIDGET_CREATE)
        .on(widgets::create),
    get("get_widget", "/api/widgets/{id}")
        .scope("integrations:read")
        .on(widgets::get),
    put("update_widget", "/api/widgets/{id}")
        .scope("integrations:write")
        .for_admins()
        .json(&WIDGET_UPDATE)
        .on(widgets::update),
    delete("delete_widget", "/api/widgets/{id}")
        .scope("integrations:write")
        .for_admins()
        .on(widgets::remove),
];
