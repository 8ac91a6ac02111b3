//! The table of clients, as `docs/clients.md` has it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use deskhand_integrations::INTEGRATIONS;

use crate::play::{MOMENTS, Outcome};
use crate::roster::{CLIENTS, Era, GivingUp, Roster};

/// The longest note; what is longer is cut.
const NOTE: usize = 240;

const HEAD: &str = "\
# AI clients

What real MCP clients make of Deskhand, in both eras of the protocol: with a handshake (`initialize`, up to 2025-11-25) and
without (`stateless`, from 2026-07-28). `cargo xtask clients` plays all of this and prints the table; a test fails when what is
written here is not what came of it.

At every helpdesk's simulator each client lists all tools, in the server's order and with the server's schemas; reads two pages and
a record; writes, which is there once afterwards; and is refused a wrong value, an unknown argument, an unknown tool and, by the
helpdesk, a call too many. It gives up a call in the middle, which gives up the request to the helpdesk. Then its MCP server is
deleted while it is connected, it opens one that has expired, and its process is ended in the middle of a call. What is said is
checked on the wire, so that a client speaks the era that it is listed with.

";

/// Where the table is kept.
pub(crate) fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/clients.md")
}

fn cell(problems: &[String]) -> String {
    match problems {
        [] => "pass".to_owned(),
        problems => escaped(&problems.join("; ")),
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= NOTE {
        return text.to_owned();
    }
    let kept: String = text.chars().take(NOTE).collect();
    format!("{kept}…")
}

/// The page about the clients that were played.
pub(crate) fn page(outcomes: &[(Roster, Era, Outcome)]) -> String {
    let mut page = HEAD.to_owned();
    let titles: Vec<&str> = INTEGRATIONS.iter().map(|integration| integration.title).collect();
    let _ = writeln!(page, "| client | version | era | {} |", titles.join(" | "));
    let _ = writeln!(page, "|---|---|---|{}", "---|".repeat(titles.len()));
    let played = |client: &&Roster| outcomes.iter().any(|(of, _, _)| of.name == client.name);
    for client in CLIENTS.iter().filter(played) {
        for era in [Era::Initialize, Era::Stateless] {
            let found = outcomes
                .iter()
                .find(|(of, in_era, _)| of.name == client.name && *in_era == era);
            let cells: Vec<String> = INTEGRATIONS
                .iter()
                .map(|integration| match found {
                    Some((_, _, outcome)) => cell(&outcome.problems[integration.slug]),
                    None => "not offered by the client".to_owned(),
                })
                .collect();
            let _ = writeln!(
                page,
                "| {} | {} | {era} | {} |",
                client.name,
                client.version(),
                cells.join(" | ")
            );
        }
    }
    let late: Vec<String> = CLIENTS
        .iter()
        .filter(played)
        .flat_map(|client| client.eras.iter().map(move |(era, giving_up)| (client, era, giving_up)))
        .filter(|(_, _, giving_up)| **giving_up == GivingUp::WhenClosed)
        .map(|(client, era, _)| format!("{} ({era})", client.name))
        .collect();
    let _ = write!(
        page,
        "\nA call that is given up ends at the helpdesk when its connection ends. Some clients keep the connection, and at most send \
         `notifications/cancelled`, which a server without sessions cannot match to a call, since ids of requests are unique within a \
         session only. Their calls end when they are closed: {}.\n",
        if late.is_empty() {
            "none of these".to_owned()
        } else {
            late.join(", ")
        }
    );
    page.push_str(
        "\n## What clients show\n\nWhat the client hands to its user or model. ‹the error› is the JSON of the error, whole: \
         `{\"error\": {\"status\", \"code\", \"message\", …}}`. Where two eras are alike, they share a line.\n",
    );
    for moment in MOMENTS {
        let _ = write!(page, "\n**{moment}**\n\n| client | era | shown |\n|---|---|---|\n");
        for client in CLIENTS {
            let told: Vec<(&Era, &str)> = outcomes
                .iter()
                .filter(|(of, _, _)| of.name == client.name)
                .map(|(_, era, outcome)| (era, outcome.shown.get(moment).map_or("nothing", String::as_str)))
                .collect();
            match &told[..] {
                [(_, one), (_, other)] if one == other => {
                    let _ = writeln!(page, "| {} | both | {} |", client.name, escaped(&cut(one)));
                }
                told => {
                    for (era, shown) in told {
                        let _ = writeln!(page, "| {} | {era} | {} |", client.name, escaped(&cut(shown)));
                    }
                }
            }
        }
    }
    page
}
