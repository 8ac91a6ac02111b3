//! A made-up vendor: tables for its operations, and a server that answers as a test says and
//! remembers all it was asked.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its share")]

use std::sync::{Arc, Mutex};

use deskhand_runtime::client::{Connection, ConnectionBuilder};
use deskhand_runtime::operation::{
    Answer, AnswerKind, AuthPart, Body, Confidence, Effect, ErrorRules, Hint, Integration, LimitRules, Operation,
    ResetUnit, Scheme, Setting,
};
use deskhand_runtime::shape::{Field, Form, Marks, Place, Presence, Shape, Style, Table, Unknown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The secret of every test account; no error may contain it.
pub const SECRET: &str = "s3cr3t-k3y-0123456789";

pub const FIELD: Field = Field {
    name: "",
    wire: "",
    doc: "",
    shape: Shape::Text,
    presence: Presence::Optional,
    place: Place::Body,
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
    dynamic: None,
    marks: Marks::NONE,
};

pub const fn field(name: &'static str, place: Place, shape: Shape) -> Field {
    Field {
        name,
        wire: name,
        place,
        shape,
        ..FIELD
    }
}

pub const ANSWER: Answer = Answer {
    kind: AnswerKind::Record,
    shape: Shape::Any,
    at: &[""],
    total: None,
    may_be_empty: false,
};

pub const OPERATION: Operation = Operation {
    name: "",
    resource: "things",
    method: "get",
    http_method: "GET",
    path: "/things",
    input: || &EMPTY,
    body: Body::None,
    answer: ANSWER,
    pages: None,
    effect: Effect::Read,
    idempotent: true,
    counts_as_read: false,
    cost: 1,
    access: &[],
    confidence: Confidence::High,
    source: "",
    deprecated: false,
    tool: None,
};

/// The arguments of an operation.
pub const fn table(name: &'static str, fields: &'static [Field]) -> Table {
    Table {
        name,
        doc: "",
        fields,
        rules: &[],
        unknown: Unknown::Refuse,
    }
}

pub static EMPTY: Table = table("Empty", &[]);

/// `operation!(NAME, [fields], { members })`: an operation as a static.
#[macro_export]
macro_rules! operation {
    ($name:ident, [$($field:expr),* $(,)?], { $($member:ident: $value:expr),* $(,)? }) => {
        static $name: deskhand_runtime::Operation = deskhand_runtime::Operation {
            name: stringify!($name),
            input: || {
                static TABLE: deskhand_runtime::shape::Table =
                    $crate::vendor::table(stringify!($name), &[$($field),*]);
                &TABLE
            },
            $($member: $value,)*
            ..$crate::vendor::OPERATION
        };
    };
}

const SETTING: Setting = Setting {
    name: "",
    title: "",
    help: "",
    form: Form::Any,
    one_of: &[],
    secret: false,
    optional: false,
    example: "",
    default: "",
    strip: &[],
};

pub static INTEGRATION: Integration = Integration {
    slug: "acme",
    title: "Acme",
    doc: "",
    documentation: "",
    base_url: "https://{subdomain}.acme.example/api",
    variables: &[Setting {
        name: "subdomain",
        title: "Subdomain",
        help: "First part of the address.",
        form: Form::Label,
        strip: &["https://", ".acme.example"],
        ..SETTING
    }],
    credentials: &[
        Setting {
            name: "token",
            title: "Access token",
            help: "Made by the authorization page.",
            secret: true,
            optional: true,
            ..SETTING
        },
        Setting {
            name: "email",
            title: "E-mail",
            help: "Address of the key's owner.",
            form: Form::Email,
            optional: true,
            ..SETTING
        },
        Setting {
            name: "api_key",
            title: "API key",
            help: "Settings, then API.",
            secret: true,
            optional: true,
            ..SETTING
        },
        Setting {
            name: "tier",
            title: "Tier",
            help: "Kind of the key.",
            one_of: &["plugin", "website"],
            default: "plugin",
            ..SETTING
        },
    ],
    schemes: &[
        Scheme {
            name: "oauth",
            needs: &["token"],
            parts: &[AuthPart::Bearer("{token}")],
            oauth2: None,
        },
        Scheme {
            name: "api_key",
            needs: &["email", "api_key"],
            parts: &[
                AuthPart::Basic {
                    username: "{email}",
                    password: "{api_key}",
                },
                AuthPart::Header {
                    name: "X-Acme-Tier",
                    value: "{tier}",
                },
                AuthPart::Query {
                    name: "key",
                    value: "{api_key}",
                },
            ],
            oauth2: None,
        },
    ],
    headers: &[("X-Acme-Account", "{subdomain}")],
    limits: LimitRules {
        remaining: Some("X-Left"),
        limit: Some("X-Limit"),
        reset: Some(("X-Reset", ResetUnit::Seconds)),
        used_of_limit: Some("X-Acme-Call-Limit"),
        retry_after: Some("Retry-After"),
        throttle_statuses: &[420, 429],
        quota_statuses: &[423],
        doc: "",
    },
    errors: ErrorRules {
        code: &["/reason", "/error/code"],
        message: &["/data/message", "/error/msg", "/message"],
        failure_flag: Some("/error"),
        hints: &[
            Hint {
                status: 404,
                code: "not_subscribed",
                kind: "forbidden",
                advice: "Install the plugin.",
            },
            Hint {
                status: 422,
                code: "",
                kind: "",
                advice: "Look at the field names.",
            },
        ],
    },
    probe: None,
    dynamic_fields: &[],
    tags: &[],
    operations: &[],
};

/// An account at a server of this machine, with basic authentication.
pub fn account(base_url: &str) -> ConnectionBuilder {
    Connection::builder(&INTEGRATION)
        .variable("subdomain", "north")
        .credential("email", "ann@example.com")
        .credential("api_key", SECRET)
        .base_url(Some(base_url))
}

pub fn connect(server: &Server) -> Connection {
    account(&server.url).build().expect("a good account")
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} was sent twice");
        value
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a textual body")
    }
}

/// What the server does after it has read a request.
pub enum Reply {
    /// Sends these bytes and keeps the connection.
    Raw(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Says nothing until the client goes away.
    Silence,
    /// Sends a head, then so many blocks of 64 KiB, as long as somebody reads.
    Flood(&'static str, usize),
}

/// An answer with status, headers and body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut head = format!("HTTP/1.1 {status} Told\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    Reply::Raw(format!("{head}\r\n{body}").into_bytes())
}

pub fn ok(body: &serde_json::Value) -> Reply {
    answer(200, &[("Content-Type", "application/json")], &body.to_string())
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Told when a client goes away while the server is silent or flooding.
    pub gone: Arc<Notify>,
    /// Told when a request has been read.
    pub came: Arc<Notify>,
    pub blocks: Arc<Mutex<usize>>,
}

impl Server {
    /// Starts a server; `reply` gets the number of the request, from 0, and the request.
    pub async fn start(reply: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self {
            url,
            seen: Arc::default(),
            gone: Arc::default(),
            came: Arc::default(),
            blocks: Arc::default(),
        };
        let (seen, gone, came, blocks) = (
            server.seen.clone(),
            server.gone.clone(),
            server.came.clone(),
            server.blocks.clone(),
        );
        let reply = Arc::new(reply);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, gone, came, blocks, reply) =
                    (seen.clone(), gone.clone(), came.clone(), blocks.clone(), reply.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    while let Some(request) = read_request(&mut stream).await {
                        let number = {
                            let mut seen = seen.lock().expect("no panic");
                            seen.push(request.clone());
                            seen.len() - 1
                        };
                        came.notify_one();
                        match reply(number, &request) {
                            Reply::Raw(bytes) => {
                                if stream.write_all(&bytes).await.is_err() {
                                    return;
                                }
                            }
                            Reply::Close(bytes) => {
                                let _ = stream.write_all(&bytes).await;
                                return;
                            }
                            Reply::Reset => {
                                stream.set_zero_linger().expect("linger");
                                return;
                            }
                            Reply::Silence => {
                                let mut byte = [0];
                                while !matches!(stream.read(&mut byte).await, Ok(0) | Err(_)) {}
                                gone.notify_one();
                                return;
                            }
                            Reply::Flood(head, count) => {
                                let _ = stream.write_all(head.as_bytes()).await;
                                let block = vec![b' '; 64 * 1024];
                                for _ in 0..count {
                                    if stream.write_all(&block).await.is_err() {
                                        gone.notify_one();
                                        return;
                                    }
                                    *blocks.lock().expect("no panic") += 1;
                                }
                                return;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// A server that gives the same answer to everybody.
    pub async fn always(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |_, _| reply()).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }

    pub fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "exactly one request");
        seen.remove(0)
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().expect("a length"));
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    assert_eq!(body.len(), length, "nothing is sent ahead of an answer");
    Some(Seen {
        method,
        target,
        headers,
        body,
    })
}
