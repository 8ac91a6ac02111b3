//! `/`: the web console, a page that works with the REST API. All that it loads is part of the program.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::guard_page;
use crate::api::{Path, Refusal};

/// Scripts, styles and pictures come from here, calls go here, and nothing else may happen.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// A file of the console.
struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        Asset {
            name: $name,
            kind: $kind,
            text: include_str!(concat!("../../console/", $name)),
        }
    };
}

/// The page itself.
const PAGE: Asset = asset!("index.html", HTML);

/// What it loads.
const FILES: [Asset; 14] = [
    asset!("accounts.js", SCRIPT),
    asset!("api.js", SCRIPT),
    asset!("app.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("form.js", SCRIPT),
    asset!("icon.svg", PICTURE),
    asset!("integrations.js", SCRIPT),
    asset!("links.js", SCRIPT),
    asset!("log.js", SCRIPT),
    asset!("servers.js", SCRIPT),
    asset!("settings.js", SCRIPT),
    asset!("style.css", STYLE),
    asset!("tokens.js", SCRIPT),
    asset!("tools.js", SCRIPT),
];

/// A file with its entity tag, by which browsers tell whether they have it.
struct Tagged {
    asset: Asset,
    tag: String,
}

impl From<Asset> for Tagged {
    fn from(asset: Asset) -> Self {
        let hash = Sha256::digest(asset.text.as_bytes());
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash));
        Self { asset, tag }
    }
}

impl Tagged {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = if self.is_known(asked) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(CONTENT_TYPE, self.asset.kind)], self.asset.text).into_response()
        };
        let headers = response.headers_mut();
        // Kept, but asked for anew each time: the files of one release belong together.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(ETAG, tag);
        }
        guard_page(headers, POLICY);
        response
    }

    /// Whether a browser says that it has the file.
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let all = asked.get_all(IF_NONE_MATCH).iter();
        all.filter_map(|tags| tags.to_str().ok())
            .flat_map(|tags| tags.split(','))
            // A proxy that compresses makes tags weak.
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == self.tag || tag == "*")
    }
}

/// The files, ready to be sent.
struct Console {
    page: Tagged,
    files: Vec<Tagged>,
}

pub(super) fn routes() -> OpenApiRouter {
    let console = Console {
        page: PAGE.into(),
        files: FILES.map(Tagged::from).into(),
    };
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(file))
        .with_state(Arc::new(console))
}

/// The web console: a page for people that works with this API. It asks for an API token.
#[utoipa::path(
    get,
    path = "/",
    tag = "Operation",
    operation_id = "get_console",
    responses(
        (status = 200, description = "The page.", content_type = "text/html"),
        (status = 304, description = "The browser has it."),
    )
)]
async fn page(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    console.page.answer(&headers)
}

/// The name of a file: one of those there are.
struct FileName;

impl PartialSchema for FileName {
    fn schema() -> RefOr<Schema> {
        let names = FILES.map(|file| file.name);
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        schema.build().into()
    }
}

impl ToSchema for FileName {}

/// A file that the web console loads.
#[utoipa::path(
    get,
    path = "/console/{file}",
    tag = "Operation",
    operation_id = "get_console_file",
    params(("file" = inline(FileName), Path, description = "Its name.")),
    responses(
        (
            status = 200, description = "The file.",
            content((String = "text/javascript"), (String = "text/css"), (String = "image/svg+xml"))
        ),
        (status = 304, description = "The browser has it."),
        (status = 404, description = "The console has no such file."),
    )
)]
async fn file(State(console): State<Arc<Console>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match console.files.iter().find(|file| file.asset.name == name) {
        Some(file) => file.answer(&headers),
        None => Refusal::not_found("file of the console").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn directory() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("console")
    }

    #[test]
    fn every_file_is_served() {
        let there: BTreeSet<String> = std::fs::read_dir(directory())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let served = FILES.iter().chain([&PAGE]).map(|file| file.name.to_owned());
        assert_eq!(served.collect::<BTreeSet<_>>(), there);
    }

    #[test]
    fn a_file_that_is_known_is_not_sent() {
        let file = Tagged::from(PAGE);
        let answer = |tags: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(tags).unwrap());
            file.answer(&headers).status()
        };
        for known in [file.tag.clone(), format!("\"other\", W/{}", file.tag), "*".to_owned()] {
            assert_eq!(answer(&known), StatusCode::NOT_MODIFIED, "{known}");
        }
        for unknown in ["\"other\"", "", file.tag.trim_matches('"')] {
            assert_eq!(answer(unknown), StatusCode::OK, "{unknown}");
        }
        assert_eq!(file.answer(&HeaderMap::new()).status(), StatusCode::OK);
    }
}
