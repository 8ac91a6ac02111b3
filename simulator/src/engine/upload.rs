//! Reading bodies: `multipart/form-data` is taken apart, anything else is kept as it came.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use multer::Multipart;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Name of the form's part it came in, where that matters.
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// A body.
#[derive(Debug)]
pub(super) enum Form {
    Plain {
        /// Labelled `application/json`.
        is_json: bool,
        bytes: Bytes,
    },
    Parts {
        /// Parts without a file name: name and text.
        texts: Vec<(String, String)>,
        /// Parts with a file name: name and file.
        files: Vec<(String, Upload)>,
    },
    /// Labelled multipart, but not to be read; says why.
    Broken(String),
}

pub(super) async fn read(headers: &HeaderMap, bytes: Bytes) -> Form {
    let label = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = label.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "multipart/form-data" {
        return Form::Plain {
            is_json: essence == "application/json",
            bytes,
        };
    }
    match take_apart(label, bytes).await {
        Ok((texts, files)) => Form::Parts { texts, files },
        Err(error) => Form::Broken(format!("The form cannot be read: {error}")),
    }
}

type Parts = (Vec<(String, String)>, Vec<(String, Upload)>);

async fn take_apart(label: &str, bytes: Bytes) -> Result<Parts, multer::Error> {
    let boundary = multer::parse_boundary(label)?;
    let mut multipart = Multipart::new(Body::from(bytes).into_data_stream(), boundary);
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = multipart.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(file_name) => {
                let content_type = part
                    .content_type()
                    .map_or("application/octet-stream", |label| label.as_ref())
                    .to_owned();
                let bytes = part.bytes().await?;
                files.push((
                    name,
                    Upload {
                        label: String::new(),
                        name: file_name,
                        content_type,
                        bytes,
                    },
                ));
            }
            None => texts.push((name, part.text().await?)),
        }
    }
    Ok((texts, files))
}
