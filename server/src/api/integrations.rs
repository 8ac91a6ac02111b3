//! `/integration`: the helpdesks compiled in.

use axum::extract::State;
use axum::response::Response;
use deskhand_runtime::operation::{Integration, Setting};
use http::StatusCode;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::answer;
use super::{Api, ApiCaller, Listing, Path, Refusal};
use crate::accounts::variable;
use crate::control::ControlError;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// A helpdesk in the list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntegrationSummary {
    /// Short name, which accounts name as their `integration`.
    slug: &'static str,
    /// Name for people.
    title: &'static str,
    /// What it is and what its tools reach.
    description: &'static str,
    /// Address of the vendor's documentation.
    documentation: &'static str,
    /// How many tools it has.
    tools_count: usize,
}

/// A helpdesk: what an account of it is asked for, and its tools.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntegrationDetails {
    /// The helpdesk.
    #[serde(flatten)]
    summary: IntegrationSummary,
    /// Address of its API, with the variables' places.
    base_url: &'static str,
    /// What an account gives under `variables`.
    variables: Vec<SettingView>,
    /// What an account gives under `credentials`.
    credentials: Vec<SettingView>,
    /// Ways to authenticate: the first whose credentials are all given is used.
    authentication: Vec<SchemeView>,
    /// Its limits, in words.
    limits: &'static str,
    /// Tags that tools bear, besides that each resource is one.
    tags: Vec<TagView>,
    /// The tools.
    tools: Vec<ToolView>,
}

/// A variable or credential that an account gives.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SettingView {
    /// Its field.
    name: &'static str,
    /// Label for forms.
    title: &'static str,
    /// Where to find it, and traps.
    help: &'static str,
    /// What it looks like, in words.
    form: String,
    /// The only values allowed; empty when free.
    one_of: &'static [&'static str],
    /// Whether forms hide what is typed.
    secret: bool,
    /// Whether an account works without it.
    optional: bool,
    /// A plausible value.
    example: &'static str,
    /// The value assumed when none is given.
    #[schema(value_type = Option<String>)]
    default: Option<&'static str>,
    /// Its environment variable, for commands that read accounts there.
    environment: String,
}

/// A way to authenticate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SchemeView {
    /// Its name.
    name: &'static str,
    /// The credentials that it needs.
    needs: &'static [&'static str],
    /// Whether what it needs comes of an OAuth2 flow: then `POST /connect-link` makes links for it.
    oauth2: bool,
}

/// A tag.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TagView {
    /// The tag.
    name: &'static str,
    /// What it groups.
    description: &'static str,
}

/// A tool in the list of a helpdesk.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ToolView {
    /// Its name.
    name: &'static str,
    /// Its name for people.
    title: &'static str,
    /// What it is about.
    resource: &'static str,
    /// What it does.
    method: &'static str,
    /// `read`, `write` or `custom`.
    category: &'static str,
    /// `read`, `write` or `destructive`.
    effect: &'static str,
    /// Its tags.
    tags: &'static [&'static str],
}

/// List the helpdesks compiled in.
#[utoipa::path(
    get,
    path = "/integration",
    tag = "Integrations",
    operation_id = "list_integrations",
    responses(
        (status = 200, description = "All of them, on one page.", body = Listing<IntegrationSummary>),
        (status = 401, description = "No live API token."),
    ),
    security(("api_token" = []))
)]
pub async fn list(State(api): State<Api>, _caller: ApiCaller) -> Listing<IntegrationSummary> {
    let all = api.control.integrations().iter();
    Listing::whole(all.map(|integration| summary(integration)).collect())
}

/// Read what an account of a helpdesk is asked for, and its tools.
#[utoipa::path(
    get,
    path = "/integration/{slug}",
    tag = "Integrations",
    operation_id = "get_integration",
    params(("slug" = String, Path, description = "The helpdesk's short name.")),
    responses(
        (status = 200, description = "The helpdesk.", body = IntegrationDetails),
        (status = 401, description = "No live API token."),
        (status = 404, description = "No helpdesk of this name is compiled in."),
    ),
    security(("api_token" = []))
)]
pub async fn read(State(api): State<Api>, _caller: ApiCaller, Path(slug): Path<String>) -> Result<Response, Refusal> {
    let integration = match api.control.integration(&slug) {
        Ok(integration) => integration,
        Err(ControlError::Invalid(problems)) => {
            let told: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            return Err(Refusal::new(StatusCode::NOT_FOUND, told.join("; ")));
        }
        Err(error) => return Err(error.into()),
    };
    let settings = |settings: &'static [Setting]| {
        let views = settings.iter().map(|setting| SettingView {
            name: setting.name,
            title: setting.title,
            help: setting.help,
            form: setting.form.words(),
            one_of: setting.one_of,
            secret: setting.secret,
            optional: setting.optional,
            example: setting.example,
            default: Some(setting.default).filter(|default| !default.is_empty()),
            environment: variable(integration, setting.name),
        });
        views.collect()
    };
    let details = IntegrationDetails {
        summary: summary(integration),
        base_url: integration.base_url,
        variables: settings(integration.variables),
        credentials: settings(integration.credentials),
        authentication: integration
            .schemes
            .iter()
            .map(|scheme| SchemeView {
                name: scheme.name,
                needs: scheme.needs,
                oauth2: scheme.oauth2.is_some(),
            })
            .collect(),
        limits: integration.limits.doc,
        tags: integration
            .tags
            .iter()
            .map(|&(name, description)| TagView { name, description })
            .collect(),
        tools: integration
            .tools()
            .map(|(operation, tool)| ToolView {
                name: tool.name,
                title: tool.title,
                resource: operation.resource,
                method: operation.method,
                category: operation.category(),
                effect: operation.effect.word(),
                tags: tool.tags,
            })
            .collect(),
    };
    answer(StatusCode::OK, &details)
}

fn summary(integration: &'static Integration) -> IntegrationSummary {
    IntegrationSummary {
        slug: integration.slug,
        title: integration.title,
        description: integration.doc,
        documentation: integration.documentation,
        tools_count: integration.tools().count(),
    }
}
