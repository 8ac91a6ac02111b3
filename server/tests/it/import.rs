//! The description of this API, imported as any vendor's would be.

use deskhand_codegen::import::{Failure, Request, import};
use deskhand_codegen::lowering::described;
use deskhand_codegen::plan::plan;
use deskhand_codegen::report::Report;
use deskhand_codegen::resolve_helpdesk;
use deskhand_codegen::source::Sources;

use crate::installation::Installation;

/// Tool, method and path, of every operation.
const EXPECTED: &[&str] = &[
    "create_a_own_api_token: POST /api-token",
    "create_a_own_connect_link: POST /connect-link",
    "create_a_own_integrated_account: POST /integrated-account",
    "create_a_own_integrated_account_mcp: POST /integrated-account/{id}/mcp",
    "delete_a_own_api_token_by_id: DELETE /api-token/{id}",
    "delete_a_own_connect_link_by_id: DELETE /connect-link/{id}",
    "delete_a_own_integrated_account_by_id: DELETE /integrated-account/{id}",
    "delete_a_own_integrated_account_mcp_by_id: DELETE /integrated-account/{id}/mcp/{mcp_id}",
    "delete_a_own_proxy_by_id: DELETE /proxy/{resource}",
    "get_single_own_connect_by_id: GET /connect/{integration}",
    "get_single_own_connect_callback: GET /connect/{integration}/callback",
    "get_single_own_console_by_id: GET /console/{file}",
    "get_single_own_healthz: GET /healthz",
    "get_single_own_integrated_account_by_id: GET /integrated-account/{id}",
    "get_single_own_integrated_account_field: GET /integrated-account/{id}/fields",
    "get_single_own_integrated_account_mcp_by_id: GET /integrated-account/{id}/mcp/{mcp_id}",
    "get_single_own_integration_by_id: GET /integration/{slug}",
    "get_single_own_metric: GET /metrics",
    "get_single_own_openapi: GET /openapi.json",
    "get_single_own_proxy_by_id: GET /proxy/{resource}",
    "get_single_own_readyz: GET /readyz",
    "list_all_own_api_token: GET /api-token",
    "list_all_own_connect_link: GET /connect-link",
    "list_all_own_integrated_account: GET /integrated-account",
    "list_all_own_integrated_account_mcp: GET /integrated-account/{id}/mcp",
    "list_all_own_integrated_account_tools: GET /integrated-account/{id}/tools",
    "list_all_own_integration: GET /integration",
    "list_all_own_log: GET /log",
    "own_integrated_account_mcp_rotate: POST /integrated-account/{id}/mcp/{mcp_id}/rotate",
    "own_integrated_account_refresh: POST /integrated-account/{id}/refresh",
    "own_integrated_account_test: POST /integrated-account/{id}/test",
    "own_proxy_custom: POST /proxy/{resource}/{id_or_method}",
    "own_proxy_delete_one: DELETE /proxy/{resource}/{id_or_method}",
    "own_proxy_get_other: GET /proxy/{resource}/{id_or_method}",
    "own_proxy_post: POST /proxy/{resource}",
    "own_proxy_update_one: PATCH /proxy/{resource}/{id_or_method}",
    "own_service_read: GET /",
    "update_a_own_integrated_account_by_id: PATCH /integrated-account/{id}",
    "update_a_own_integrated_account_mcp_by_id: PATCH /integrated-account/{id}/mcp/{mcp_id}",
    "update_a_own_integrated_account_tool_by_id: POST /integrated-account/{id}/tools/{name}",
    "update_a_own_proxy_by_id: PATCH /proxy/{resource}",
];

#[tokio::test]
async fn the_own_description_makes_a_spec() {
    let installation = Installation::start().await;
    let (_, document) = installation.get("/openapi.json", "dh_nobody").await;
    let imported = import(&Request {
        name: "openapi.json",
        bytes: document.to_string().as_bytes(),
        slug: "own",
        tags: &[],
    });
    let imported = match imported {
        Ok(imported) => imported,
        Err(Failure::Document(why)) => panic!("{why}"),
        Err(Failure::Spec { report, sources }) => panic!("{}", report.render(&sources, false)),
    };
    let files = imported.files.iter();
    let files = files.map(|(path, text)| (path.trim_start_matches("specs/").to_owned(), text));
    let sources = Sources::in_memory(files);
    let (generated, report) = deskhand_codegen::generate(&sources, "generated");
    assert_eq!(report.render(&sources, false), "");
    assert!(generated.get("generated/own/src/lib.rs").is_some());
    let api = resolve_helpdesk(&sources, "own", &Report::new()).unwrap();
    let tools: Vec<String> = described(&plan(&api, &Report::new()))
        .into_iter()
        .map(|tool| tool.tool)
        .collect();
    let lines = api.operations.iter().zip(&tools);
    let lines = lines.map(|(operation, tool)| format!("{tool}: {} {}", operation.http_method, operation.path.value));
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    assert_eq!(lines, EXPECTED);
}
