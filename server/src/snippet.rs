//! What to paste into an AI client so that it uses an MCP server of ours.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

/// A client, or a framework that agents are built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum McpClient {
    /// Claude on the web, also for the mobile apps
    Claude,
    /// Claude Desktop, by its configuration file
    ClaudeDesktop,
    /// Claude Code
    ClaudeCode,
    /// ChatGPT
    Chatgpt,
    /// Cursor
    Cursor,
    /// Visual Studio Code
    Vscode,
    /// LangChain, in Python
    Langchain,
    /// Vercel's AI SDK, in JavaScript
    AiSdk,
    /// `CrewAI`, in Python
    Crewai,
    /// OpenAI's Agents SDK, in Python
    OpenaiAgents,
}

/// What a snippet is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// A configuration file.
    Json,
    /// A command line.
    Shell,
    /// A program.
    Python,
    /// A module.
    JavaScript,
    /// An address to paste into a form.
    Url,
}

/// A text for a client, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The client.
    pub client: McpClient,
    /// What the text is written in.
    pub language: Language,
    /// Where it is put.
    pub place: &'static str,
    /// The text.
    pub snippet: String,
    /// What to mind.
    pub notes: Vec<String>,
}

/// What a snippet is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Short name of the server in the client's settings.
    pub name: &'a str,
    /// Its address, with its token.
    pub url: &'a str,
    /// Whether callers must also present an API token; it is taken from `DESKHAND_API_TOKEN`.
    pub api_token: bool,
}

/// The environment variable that an API token is taken from.
const API_TOKEN: &str = "DESKHAND_API_TOKEN";

impl McpClient {
    /// What to paste.
    ///
    /// # Errors
    /// The client cannot use this server; a sentence says why and what helps.
    pub fn snippet(self, about: Subject<'_>) -> Result<Snippet, String> {
        let hosted = matches!(self, Self::Claude | Self::Chatgpt);
        if hosted && about.api_token {
            return Err(format!(
                "{} cannot send an API token beside the address; change the MCP server to `--require-api-token=false`, or make \
                 another one for it",
                self.title()
            ));
        }
        let mut notes = Vec::new();
        if hosted && !about.url.starts_with("https://") {
            notes.push(format!(
                "{} calls from its maker's machines: the address has to be reachable from the internet, over https. Set \
                 DESKHAND_PUBLIC_URL.",
                self.title()
            ));
        }
        if about.api_token {
            notes.push(format!("Set {API_TOKEN} to an API token of the account."));
        }
        let (language, place, snippet) = self.text(about);
        if self == Self::ClaudeDesktop {
            notes.push(
                "The file takes servers that Claude Desktop starts itself, so mcp-remote stands between; it needs Node.js. With \
                 an https address, Settings > Connectors takes it without a bridge."
                    .to_owned(),
            );
        }
        Ok(Snippet {
            client: self,
            language,
            place,
            snippet,
            notes,
        })
    }

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Claude => "Claude",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::Chatgpt => "ChatGPT",
            Self::Cursor => "Cursor",
            Self::Vscode => "Visual Studio Code",
            Self::Langchain => "LangChain",
            Self::AiSdk => "the AI SDK",
            Self::Crewai => "CrewAI",
            Self::OpenaiAgents => "the Agents SDK",
        }
    }

    fn text(self, Subject { name, url, api_token }: Subject<'_>) -> (Language, &'static str, String) {
        let headers = |value: String| json!({ "Authorization": value });
        let settings = |key: &str, server: Value| pretty(&json!({ key: { name: server } }));
        match self {
            Self::Claude => (
                Language::Url,
                "Settings > Connectors > Add custom connector, as the address of the server; no OAuth fields",
                url.to_owned(),
            ),
            Self::Chatgpt => (
                Language::Url,
                "Settings > Apps & Connectors > Advanced settings > Developer mode, then Create: as the address of the MCP \
                 server, with no authentication",
                url.to_owned(),
            ),
            Self::ClaudeDesktop => {
                let mut arguments = vec!["-y", "mcp-remote", url, "--transport", "http-only"];
                let mut server = json!({ "command": "npx" });
                if api_token {
                    // A space in an argument is lost on Windows, so it stands in the variable.
                    arguments.extend(["--header", "Authorization:${AUTHORIZATION}"]);
                    server["env"] = json!({ "AUTHORIZATION": format!("Bearer {API_TOKEN}") });
                }
                server["args"] = json!(arguments);
                (
                    Language::Json,
                    "claude_desktop_config.json, which Settings > Developer > Edit Config opens",
                    settings("mcpServers", server),
                )
            }
            Self::ClaudeCode => {
                let header = if api_token {
                    format!(" \\\n  --header \"Authorization: Bearer ${API_TOKEN}\"")
                } else {
                    String::new()
                };
                (
                    Language::Shell,
                    "a terminal",
                    format!("claude mcp add --transport http {name} '{url}'{header}"),
                )
            }
            Self::Cursor => {
                let mut server = json!({ "url": url });
                if api_token {
                    server["headers"] = headers(format!("Bearer ${{env:{API_TOKEN}}}"));
                }
                (
                    Language::Json,
                    ".cursor/mcp.json of the project, or ~/.cursor/mcp.json",
                    settings("mcpServers", server),
                )
            }
            Self::Vscode => {
                let mut server = json!({ "type": "http", "url": url });
                if api_token {
                    server["headers"] = headers(format!("Bearer ${{env:{API_TOKEN}}}"));
                }
                (
                    Language::Json,
                    ".vscode/mcp.json of the workspace",
                    settings("servers", server),
                )
            }
            Self::Langchain => (
                Language::Python,
                "a program, with the package langchain-mcp-adapters",
                python(
                    api_token,
                    &format!(
                        "\
import asyncio

from langchain_mcp_adapters.client import MultiServerMCPClient

client = MultiServerMCPClient({{
    \"{name}\": {{
        \"transport\": \"streamable_http\",
        \"url\": \"{url}\",{headers}
    }},
}})
tools = asyncio.run(client.get_tools())
",
                        headers = if api_token {
                            "\n        \"headers\": HEADERS,"
                        } else {
                            ""
                        }
                    ),
                ),
            ),
            Self::Crewai => (
                Language::Python,
                "a program, with the package crewai-tools[mcp]",
                python(
                    api_token,
                    &format!(
                        "\
from crewai_tools import MCPServerAdapter

server = {{
    \"url\": \"{url}\",
    \"transport\": \"streamable-http\",{headers}
}}
with MCPServerAdapter(server) as tools:
    print([tool.name for tool in tools])  # Agent(..., tools=tools)
",
                        headers = if api_token { "\n    \"headers\": HEADERS," } else { "" }
                    ),
                ),
            ),
            Self::OpenaiAgents => (
                Language::Python,
                "a program, with the package openai-agents",
                python(
                    api_token,
                    &format!(
                        "\
import asyncio

from agents import Agent, Runner
from agents.mcp import MCPServerStreamableHttp


async def main():
    params = {{\"url\": \"{url}\"{headers}}}
    async with MCPServerStreamableHttp(name=\"{name}\", params=params) as server:
        agent = Agent(name=\"Support\", mcp_servers=[server])
        print((await Runner.run(agent, \"Which requests are open?\")).final_output)


asyncio.run(main())
",
                        headers = if api_token { ", \"headers\": HEADERS" } else { "" }
                    ),
                ),
            ),
            Self::AiSdk => {
                let headers = if api_token {
                    format!(",\n    headers: {{ Authorization: `Bearer ${{process.env.{API_TOKEN}}}` }}")
                } else {
                    String::new()
                };
                (
                    Language::JavaScript,
                    "a module, with the packages ai and @ai-sdk/mcp",
                    format!(
                        "\
import {{ createMCPClient }} from '@ai-sdk/mcp';

const client = await createMCPClient({{
  transport: {{
    type: 'http',
    url: '{url}'{headers},
  }},
}});
const tools = await client.tools(); // generateText({{ …, tools }})
"
                    ),
                )
            }
        }
    }
}

fn python(api_token: bool, program: &str) -> String {
    if api_token {
        format!("import os\n\nHEADERS = {{\"Authorization\": \"Bearer \" + os.environ[\"{API_TOKEN}\"]}}\n\n{program}")
    } else {
        program.to_owned()
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
