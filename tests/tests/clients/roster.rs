//! The clients: how each is started, and what is known of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;

use deskhand_tests::node::Packages;
use deskhand_tests::python::Tools;
use serde_json::Value;

/// A way of speaking the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Era {
    /// With a handshake, up to 2025-11-25.
    Initialize,
    /// Without, from 2026-07-28.
    Stateless,
}

impl Era {
    /// The word that drivers know it by.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Initialize => "initialize",
            Self::Stateless => "stateless",
        }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a client is installed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `tests/clients/javascript`.
    Npm,
    /// `tests/clients/python`, for version 2 of the SDK.
    Python,
    /// `tests/clients/python-v1`.
    PythonV1,
    /// `Cargo.lock`.
    Cargo,
}

/// When giving a call up gets to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivingUp {
    /// At once: the request is dropped.
    AtOnce,
    /// When the client is closed. Until then it sends nothing, or a notification, which a server without sessions cannot match
    /// to a call: ids of requests are unique within a session.
    WhenClosed,
}

/// A client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roster {
    /// Its name in tables.
    pub(crate) name: &'static str,
    from: Origin,
    /// The package that tells its version.
    package: &'static str,
    script: &'static str,
    /// The ways that it speaks, and when giving a call up gets to the server in each.
    pub(crate) eras: &'static [(Era, GivingUp)],
    /// The eras in which it does not hand on why a server refuses to be opened.
    pub(crate) quiet: &'static [Era],
    /// Keywords that it leaves out of schemas.
    pub(crate) leaves_out: &'static [&'static str],
}

use Era::{Initialize, Stateless};
use GivingUp::{AtOnce, WhenClosed};
use Origin::{Cargo, Npm, Python, PythonV1};

/// All of them.
pub(crate) const CLIENTS: &[Roster] = &[
    client(
        "TypeScript SDK 1",
        Npm,
        "@modelcontextprotocol/sdk",
        "sdk1.mjs",
        &[(Initialize, WhenClosed)],
    ),
    client(
        "TypeScript SDK 2",
        Npm,
        "@modelcontextprotocol/client",
        "sdk2.mjs",
        &[(Initialize, WhenClosed), (Stateless, AtOnce)],
    ),
    client(
        "Vercel AI SDK",
        Npm,
        "@ai-sdk/mcp",
        "ai.mjs",
        &[(Initialize, AtOnce), (Stateless, AtOnce)],
    ),
    client(
        "LangChain (JavaScript)",
        Npm,
        "@langchain/mcp-adapters",
        "langchain.mjs",
        &[(Initialize, WhenClosed)],
    )
    .leaving_out(&["anyOf"]),
    client(
        "mcp-remote",
        Npm,
        "mcp-remote",
        "remote.mjs",
        &[(Initialize, WhenClosed)],
    ),
    client(
        "Inspector CLI",
        Npm,
        "@modelcontextprotocol/inspector",
        "inspector.mjs",
        &[(Initialize, AtOnce), (Stateless, AtOnce)],
    )
    .quiet(&[Stateless]),
    client("Python SDK 1", PythonV1, "mcp", "sdk1.py", &[(Initialize, WhenClosed)]).quiet(&[Initialize]),
    client(
        "Python SDK 2",
        Python,
        "mcp",
        "sdk.py",
        &[(Initialize, WhenClosed), (Stateless, AtOnce)],
    ),
    client(
        "FastMCP",
        Python,
        "fastmcp",
        "fastmcp_client.py",
        &[(Initialize, WhenClosed), (Stateless, AtOnce)],
    ),
    client(
        "LangChain (Python)",
        PythonV1,
        "langchain-mcp-adapters",
        "langchain_tools.py",
        &[(Initialize, WhenClosed)],
    )
    .quiet(&[Initialize]),
    client(
        "OpenAI Agents",
        Python,
        "openai-agents",
        "openai_agents.py",
        &[(Stateless, AtOnce)],
    ),
    client(
        "Pydantic AI",
        Python,
        "pydantic-ai-slim",
        "pydantic_toolset.py",
        &[(Initialize, WhenClosed), (Stateless, AtOnce)],
    ),
    client("rmcp", Cargo, "rmcp", "", &[(Initialize, AtOnce), (Stateless, AtOnce)]),
];

const fn client(
    name: &'static str,
    from: Origin,
    package: &'static str,
    script: &'static str,
    eras: &'static [(Era, GivingUp)],
) -> Roster {
    Roster {
        name,
        from,
        package,
        script,
        eras,
        quiet: &[],
        leaves_out: &[],
    }
}

impl Roster {
    /// The same client, of which it is known that it keeps refusals to itself in these eras.
    const fn quiet(self, eras: &'static [Era]) -> Self {
        Self { quiet: eras, ..self }
    }

    /// The same client, of which it is known that it leaves these keywords out of schemas.
    const fn leaving_out(self, keywords: &'static [&'static str]) -> Self {
        Self {
            leaves_out: keywords,
            ..self
        }
    }
}

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Versions of Python packages, as a list pins them.
fn pinned(list: &str) -> BTreeMap<String, String> {
    let text = read(&format!("clients/{list}/requirements.txt"));
    let pins = text.lines().filter_map(|line| line.split_once("=="));
    pins.map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect()
}

impl Roster {
    /// Its version, as it is pinned.
    pub(crate) fn version(&self) -> String {
        match self.from {
            Origin::Npm => {
                let lock: Value = serde_json::from_str(&read("clients/javascript/package-lock.json")).unwrap();
                let package = &lock["packages"][format!("node_modules/{}", self.package)];
                package["version"].as_str().unwrap().to_owned()
            }
            Origin::Python => pinned("python")[self.package].clone(),
            Origin::PythonV1 => pinned("python-v1")[self.package].clone(),
            Origin::Cargo => {
                let lock = read("../Cargo.lock");
                let entry = lock
                    .split("[[package]]")
                    .find(|entry| entry.contains(&format!("name = \"{}\"", self.package)));
                let version = entry.unwrap().lines().find_map(|line| line.strip_prefix("version = "));
                version.unwrap().trim_matches('"').to_owned()
            }
        }
    }

    /// Installs what it needs, and starts its driver.
    pub(crate) fn command(&self) -> Command {
        let drivers = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        let python = |list: &str| {
            let mut python = Tools::of(list).command("python");
            python.arg(drivers.join(list).join(self.script));
            python
                .env("PYTHONPATH", drivers.join("python"))
                .env("PYTHONDONTWRITEBYTECODE", "1");
            python
        };
        match self.from {
            Origin::Npm => Packages::of("javascript").command(self.script),
            Origin::Python => python("python"),
            Origin::PythonV1 => python("python-v1"),
            Origin::Cargo => Command::new(env!("CARGO_BIN_EXE_rmcp_client")),
        }
    }
}
