//! The tools that the conformance suite looks for, behind the product's own handler and HTTP.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deskhand::access::{Access, Directory, DirectoryError};
use deskhand::call::Calls;
use deskhand::directory::Declared;
use deskhand::filter::Filter;
use deskhand::http::{Doors, Settings, router_with, serve};
use deskhand::mcp::handler::Handler;
use deskhand::scope::{Offer, Scope, Sender, Sending, Visible};
use deskhand_runtime::operation::{Effect, Operation};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, CompleteRequestParams, CompleteResult,
    ContentBlock, CustomRequest, CustomResult, DiscoverResult, InitializeRequestParams, InitializeResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ResourceContents, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A picture of one red pixel.
const PNG: [u8; 69] = [
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0,
    0x90, 0x77, 0x53, 0xde, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x78, 0xda, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0,
    0xf7, 3, 0x41, 0x43, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A sound of two silent samples.
const WAV: [u8; 46] = [
    b'R', b'I', b'F', b'F', 38, 0, 0, 0, b'W', b'A', b'V', b'E', b'f', b'm', b't', b' ', 16, 0, 0, 0, 1, 0, 1, 0, 0x40,
    0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0, b'd', b'a', b't', b'a', 2, 0, 0, 0, 128, 128,
];

/// The pause between two reports of progress.
const STEP: Duration = Duration::from_millis(50);

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

/// All tools, as they are listed.
fn tools() -> Vec<Tool> {
    let bare = json!({"type": "object", "properties": {}});
    let dialect = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            },
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false,
    });
    let mirrored = json!({
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
        "required": ["region"],
    });
    let tools = [
        ("test_simple_text", "Answers a text", &bare),
        ("test_image_content", "Answers a picture", &bare),
        ("test_audio_content", "Answers a sound", &bare),
        ("test_embedded_resource", "Answers a resource", &bare),
        (
            "test_multiple_content_types",
            "Answers a text, a picture and a resource",
            &bare,
        ),
        ("test_error_handling", "Fails", &bare),
        ("test_tool_with_progress", "Reports progress", &bare),
        (
            "test_missing_capability",
            "Needs a client that can be asked for samples",
            &bare,
        ),
        (
            "json_schema_2020_12_tool",
            "Has a schema that uses much of its dialect",
            &dialect,
        ),
        (
            "test_custom_header",
            "Has an argument that comes as a header, too",
            &mirrored,
        ),
        ("test_trigger_tool_change", "Has the product list other tools", &bare),
    ];
    tools
        .into_iter()
        .map(|(name, about, schema)| Tool::new(name, about, object(schema.clone())))
        .collect()
}

/// The product's handler with other tools.
#[derive(Clone)]
struct Fixtures {
    product: Handler,
    directory: Arc<Changing>,
}

/// One MCP server whose filter is edited again and again.
struct Changing {
    declared: Declared,
    /// What it opens by now, once it was edited.
    newest: Mutex<Option<Access>>,
}

impl Changing {
    /// Puts the half of the tools that are not listed now in the place of those that are.
    fn edit(&self, access: &Access) {
        let reads = access
            .scope()
            .tools()
            .iter()
            .any(|(operation, _)| operation.effect == Effect::Read);
        let others = if reads { "write" } else { "read" };
        let edited = Access::new(scope(&[others]), "fixtures").in_place_of(access);
        *self.newest.lock().unwrap() = Some(edited);
    }
}

#[async_trait]
impl Directory for Changing {
    async fn resolve(&self, token: &str) -> Result<Option<Access>, DirectoryError> {
        let declared = self.declared.resolve(token).await?;
        let newest = self.newest.lock().unwrap().clone();
        Ok(declared.map(|declared| newest.unwrap_or(declared)))
    }

    async fn reaches(&self, api_token: &str, access: &Access) -> Result<bool, DirectoryError> {
        self.declared.reaches(api_token, access).await
    }
}

fn scope(methods: &[&str]) -> Arc<Scope> {
    let methods = methods.iter().map(|&word| word.to_owned()).collect();
    let offer = Offer::from(Filter::new(methods, Vec::new()));
    let integration = &deskhand_desk365::INTEGRATION;
    let scope = Scope::new("fixtures", "Fixtures", integration, &offer, Arc::new(Nowhere));
    Arc::new(scope.unwrap())
}

impl Fixtures {
    async fn answer(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let picture = || ContentBlock::image(BASE64.encode(PNG), "image/png");
        Ok(CallToolResult::success(match &*request.name {
            "test_simple_text" => vec![ContentBlock::text("This is a simple text response for testing.")],
            "test_image_content" => vec![picture()],
            "test_audio_content" => vec![ContentBlock::audio(BASE64.encode(WAV), "audio/wav")],
            "test_embedded_resource" => {
                let text = "This is an embedded resource content.";
                vec![ContentBlock::embedded_text("test://embedded-resource", text)]
            }
            "test_multiple_content_types" => {
                let resource =
                    ResourceContents::text(r#"{"test":"data","value":123}"#, "test://mixed-content-resource");
                vec![
                    ContentBlock::text("Multiple content types test:"),
                    picture(),
                    ContentBlock::resource(resource.with_mime_type("application/json")),
                ]
            }
            "test_error_handling" => {
                let text = "This tool intentionally returns an error for testing";
                return Ok(CallToolResult::error(vec![ContentBlock::text(text)]));
            }
            "test_tool_with_progress" => {
                for progress in [0.0, 50.0, 100.0] {
                    if let Some(token) = context.meta.get_progress_token() {
                        let report = ProgressNotificationParam::new(token, progress).with_total(100.0);
                        let _ = context.peer.notify_progress(report).await;
                    }
                    tokio::time::sleep(STEP).await;
                }
                vec![ContentBlock::text("done")]
            }
            "test_missing_capability" => {
                let declared = context.client_capabilities();
                if declared.is_none_or(|capabilities| capabilities.sampling.is_none()) {
                    let needed: ClientCapabilities = serde_json::from_value(json!({"sampling": {}})).unwrap();
                    return Err(ErrorData::missing_required_client_capability(needed));
                }
                vec![ContentBlock::text("could be done")]
            }
            "json_schema_2020_12_tool" | "test_custom_header" => {
                vec![ContentBlock::text(Value::from(request.arguments).to_string())]
            }
            "test_trigger_tool_change" => {
                let parts = context.extensions.get::<http::request::Parts>().unwrap();
                self.directory.edit(parts.extensions.get::<Access>().unwrap());
                vec![ContentBlock::text("changed")]
            }
            // The product answers for tools that do not exist.
            _ => {
                return match self.product.call_tool(request, context).await? {
                    CallToolResponse::Complete(result) => Ok(result),
                    other => panic!("not a result: {other:?}"),
                };
            }
        }))
    }
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        self.product.get_info()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools().into_iter().find(|tool| tool.name == name)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        self.product.initialize(request, context).await
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        self.product.discover(context).await
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut listed = self.product.list_tools(request, context).await?;
        listed.tools = tools();
        Ok(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.answer(request, context).await.map(CallToolResponse::from)
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.product.accepted_subscription_filter(requested)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.product.listen(context).await
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        self.product.complete(request, context).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.product.list_prompts(request, context).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.product.list_resources(request, context).await
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.product.list_resource_templates(request, context).await
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        self.product.on_custom_request(request, context).await
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.product.on_initialized(context).await;
    }
}

/// Sends nothing: no call of a fixture gets to an account.
struct Nowhere;

impl Sender for Nowhere {
    fn send<'a>(&'a self, operation: &'static Operation, _: Map<String, Value>, _: Visible<'a>) -> Sending<'a> {
        panic!("{} was called", operation.name)
    }
}

/// The fixtures on the product's HTTP stack; they end with this value.
pub(crate) struct Served {
    /// Address of the MCP server, token included.
    pub(crate) url: String,
    /// Dropped, it tells the server to stop.
    _stop: oneshot::Sender<()>,
}

impl Served {
    /// Serves them on a free port.
    pub(crate) async fn start() -> Self {
        let mut declared = Declared::new().unwrap();
        let token = declared.add(scope(&["read"])).unwrap();
        let directory = Arc::new(Changing {
            declared,
            newest: Mutex::default(),
        });
        let doors = Doors {
            directory: Arc::clone(&directory) as _,
            calls: Calls::default(),
            api: None,
        };
        let settings = Settings::default();
        let fixtures = Fixtures {
            product: Handler::per_request(doors.calls.clone()),
            directory,
        };
        let router = router_with(doors, &settings, move || fixtures.clone());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/mcp/{}", listener.local_addr().unwrap(), token.reveal());
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        tokio::spawn(serve(listener, router, settings, stopped));
        Self { url, _stop: stop }
    }
}
