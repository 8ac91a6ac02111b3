//! The tools of every helpdesk as `deskhand tools` tells them, against tables written by hand and a golden file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails may panic")]

mod crisp;
mod desk365;
mod gorgias;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use deskhand_runtime::Integration;
use deskhand_tests::desk::run;
use serde_json::{Map, Value, json};

/// What is written by hand about one helpdesk.
struct Helpdesk {
    integration: &'static Integration,
    /// How it is called in names of tools.
    prefix: &'static str,
    /// Tools that users rely on, or aliases of them: name, HTTP method, path.
    promised: &'static [(&'static str, &'static str, &'static str)],
    /// All required arguments of some tools.
    needed: &'static [(&'static str, &'static [&'static str])],
    /// Every route of the vendor's API, one a line, where such a list exists.
    routes: Option<&'static str>,
    /// Singulars that do not follow from the plural.
    singulars: &'static [(&'static str, &'static str)],
    /// Resources with one record: their tools take no identifier.
    singletons: &'static [&'static str],
    /// Effects that do not follow from HTTP method and method.
    effects: &'static [(&'static str, &'static str)],
    /// The vendor's own words that look like names of tools.
    words: &'static [&'static str],
    /// Tags that users filter by.
    tags: &'static [&'static str],
}

static HELPDESKS: [&Helpdesk; 3] = [&crisp::CRISP, &desk365::DESK365, &gorgias::GORGIAS];

type Tool = Map<String, Value>;

/// The tools of each helpdesk, told once.
static TOOLS: LazyLock<Vec<(&'static Helpdesk, Vec<Tool>)>> = LazyLock::new(|| {
    let told = |desk: &&'static Helpdesk| (*desk, tools_with(desk.integration.slug, &[]));
    HELPDESKS.iter().map(told).collect()
});

const MEMBERS: [&str; 14] = [
    "name",
    "aliases",
    "integration",
    "resource",
    "method",
    "category",
    "effect",
    "tags",
    "title",
    "description",
    "http_method",
    "path",
    "input_schema",
    "output_schema",
];

fn tools_with(slug: &str, arguments: &[&str]) -> Vec<Tool> {
    let mut all = vec!["tools", slug, "--format", "json"];
    all.extend(arguments);
    let told = run(&all, &[], "");
    assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(told.stderr.is_empty());
    serde_json::from_slice(&told.stdout).unwrap()
}

fn text<'a>(tool: &'a Tool, member: &str) -> &'a str {
    tool[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member} of {} is text", tool["name"]))
}

fn texts<'a>(tool: &'a Tool, member: &str) -> Vec<&'a str> {
    let items = tool[member].as_array().unwrap();
    items.iter().map(|item| item.as_str().unwrap()).collect()
}

/// Names and aliases.
fn known(tool: &Tool) -> Vec<&str> {
    let mut names = texts(tool, "aliases");
    names.insert(0, text(tool, "name"));
    names
}

#[test]
fn the_promised_tools_are_there_and_go_where_they_should() {
    for (desk, tools) in TOOLS.iter() {
        let by_name: BTreeMap<&str, &Tool> = tools
            .iter()
            .flat_map(|tool| known(tool).into_iter().map(move |name| (name, tool)))
            .collect();
        for (name, method, path) in desk.promised {
            let tool = by_name.get(name).unwrap_or_else(|| panic!("there is no {name}"));
            assert_eq!(
                (text(tool, "http_method"), text(tool, "path")),
                (*method, *path),
                "{name}"
            );
        }
        let once: BTreeSet<_> = desk.promised.iter().map(|(name, ..)| name).collect();
        assert_eq!(once.len(), desk.promised.len(), "the table is right");
        for (name, arguments) in desk.needed {
            let required: BTreeSet<&str> = by_name[name]["input_schema"]["required"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|name| name.as_str().unwrap())
                .collect();
            assert_eq!(required, arguments.iter().copied().collect(), "{name}");
        }
    }
}

/// Every route has its typed operation, whether it is a tool or not, and there is none besides.
#[test]
fn every_route_of_the_vendor_has_its_operation() {
    for desk in HELPDESKS {
        let Some(routes) = desk.routes else { continue };
        let mut listed: Vec<(&str, String)> = routes
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split_once(' ').unwrap())
            .map(|(method, path)| (method, path.trim().to_owned()))
            .collect();
        let mut served: Vec<(&str, String)> = desk
            .integration
            .operations
            .iter()
            .map(|operation| (operation.http_method, operation.path.replace("*}", "}")))
            .collect();
        listed.sort_unstable();
        served.sort_unstable();
        let slug = desk.integration.slug;
        assert!(listed.len() > 100, "{slug}: the list is whole");
        let missing: Vec<_> = listed.iter().filter(|route| !served.contains(route)).collect();
        assert!(missing.is_empty(), "{slug}: routes without an operation: {missing:#?}");
        assert_eq!(
            served, listed,
            "{slug}: a route that takes two bodies has two operations"
        );
    }
}

#[test]
fn tools_have_all_their_members_and_names_follow_the_rules() {
    for (desk, tools) in TOOLS.iter() {
        let prefix = desk.prefix;
        let mut seen = BTreeSet::new();
        for tool in tools {
            let name = text(tool, "name");
            assert_eq!(tool.keys().map(String::as_str).collect::<Vec<_>>(), MEMBERS, "{name}");
            assert_eq!(text(tool, "integration"), desk.integration.slug);
            for member in ["resource", "method", "title"] {
                assert!(!text(tool, member).trim().is_empty(), "{name}: {member}");
            }
            let description = text(tool, "description");
            assert!(
                description.len() >= 40 && description.contains(". "),
                "{name} is explained: {description}"
            );
            for schema in ["input_schema", "output_schema"] {
                assert_eq!(tool[schema]["type"], "object", "{name}");
            }
            for known in known(tool) {
                assert!(known.len() <= 64, "{known}");
                assert!(
                    known
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                    "{known}"
                );
                assert!(seen.insert(known.to_lowercase()), "{known} is there once");
            }

            let (resource, method) = (text(tool, "resource"), text(tool, "method"));
            let singular = match desk.singulars.iter().find(|(plural, _)| *plural == resource) {
                Some((_, singular)) => (*singular).to_owned(),
                None => match resource.strip_suffix("ies") {
                    Some(stem) => format!("{stem}y"),
                    None => resource.strip_suffix('s').unwrap_or(resource).to_owned(),
                },
            };
            let by_id = if desk.singletons.contains(&resource) {
                ""
            } else {
                "_by_id"
            };
            let expected = match method {
                "list" => format!("list_all_{prefix}_{resource}"),
                "get" => format!("get_single_{prefix}_{singular}{by_id}"),
                "create" => format!("create_a_{prefix}_{singular}"),
                "update" => format!("update_a_{prefix}_{singular}{by_id}"),
                "delete" => format!("delete_a_{prefix}_{singular}{by_id}"),
                other if other == resource => format!("{prefix}_{resource}"),
                other => format!("{prefix}_{resource}_{other}"),
            };
            assert_eq!(name, expected);
            let category = match method {
                "list" | "get" => "read",
                "create" | "update" | "delete" => "write",
                // A search, which this vendor does by PUT.
                _ if name == "gorgias_views_search_items" => "read",
                _ => "custom",
            };
            assert_eq!(text(tool, "category"), category, "{name}");
            let effect = match (text(tool, "http_method"), method) {
                ("GET" | "HEAD", _) => "read",
                (_, "delete") => "destructive",
                _ => "write",
            };
            let declared = desk.effects.iter().find(|(tool, _)| *tool == name);
            assert_eq!(
                text(tool, "effect"),
                declared.map_or(effect, |(_, effect)| *effect),
                "{name}"
            );
            assert!(texts(tool, "tags").contains(&resource), "{name}: its resource is a tag");
        }
        for (name, _) in desk.effects {
            assert!(seen.contains(*name), "there is no {name}");
        }
        let tags: BTreeSet<&str> = tools.iter().flat_map(|tool| texts(tool, "tags")).collect();
        for tag in desk.tags {
            assert!(tags.contains(tag), "{tag}");
        }
    }
}

/// What tools say of other tools, in their descriptions and those of their arguments, names tools that exist.
#[test]
fn tools_speak_of_tools_that_exist() {
    let starts = ["list_all_", "get_single_", "create_a_", "update_a_", "delete_a_"];
    let mut spoken_of = 0;
    for (desk, tools) in TOOLS.iter() {
        let names: BTreeSet<&str> = tools.iter().flat_map(known).collect();
        let own = format!("{}_", desk.prefix);
        for tool in tools {
            let said = format!("{} {}", text(tool, "description"), tool["input_schema"]);
            for word in said.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
                let rest = starts.iter().find_map(|start| word.strip_prefix(start)).unwrap_or(word);
                if rest.starts_with(&own) && !desk.words.contains(&word) {
                    spoken_of += 1;
                    assert!(names.contains(word), "{} speaks of {word}", text(tool, "name"));
                }
            }
        }
    }
    assert!(spoken_of > 500, "{spoken_of}");
}

#[test]
fn tools_can_be_filtered() {
    let names = |arguments: &[&str]| -> BTreeSet<String> {
        tools_with("desk365", arguments)
            .iter()
            .map(|tool| text(tool, "name").to_owned())
            .collect()
    };
    let set = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    assert_eq!(
        names(&["--tags", "surveys"]),
        set(&[
            "list_all_desk_365_surveys",
            "get_single_desk_365_survey_by_id",
            "list_all_desk_365_survey_ratings"
        ])
    );
    assert_eq!(
        names(&["--methods", "delete"]),
        set(&[
            "delete_a_desk_365_kb_category_by_id",
            "delete_a_desk_365_kb_folder_by_id",
            "delete_a_desk_365_kb_article_by_id",
        ])
    );
    // Any of the tags, and any of the methods.
    assert_eq!(
        names(&["--tags", "time,contracts", "--methods", "get,create"]),
        set(&[
            "get_single_desk_365_time_entry_by_id",
            "create_a_desk_365_time_entry",
            "get_single_desk_365_contract_by_id",
            "create_a_desk_365_contract",
        ])
    );
    let (read, write, custom) = (
        names(&["--methods", "read"]),
        names(&["--methods", "write"]),
        names(&["--methods", "custom"]),
    );
    assert_eq!(read.len() + write.len() + custom.len(), names(&[]).len());
    assert!(
        read.iter()
            .all(|name| name.starts_with("list_all_") || name.starts_with("get_single_"))
    );
    assert!(custom.iter().all(|name| name.starts_with("desk_365_")));

    for (wrong, near) in [(["--methods", "raed"], "read"), (["--tags", "ticket"], "tickets")] {
        let told = run(&[&["tools", "desk365"], &wrong[..]].concat(), &[], "");
        assert_eq!(told.status.code(), Some(2));
        assert!(told.stdout.is_empty());
        assert!(String::from_utf8_lossy(&told.stderr).contains(&format!("`{near}`")));
    }
}

/// One line a tool, so that a change reads as one.
fn surface(tools: &[Tool]) -> String {
    let line = |tool: &Tool| {
        let schema = &tool["input_schema"];
        let arguments: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        json!({
            "name": tool["name"],
            "method": tool["http_method"],
            "path": tool["path"],
            "effect": tool["effect"],
            "tags": tool["tags"],
            "arguments": arguments,
            "required": schema.get("required").cloned().unwrap_or_else(|| json!([])),
        })
        .to_string()
    };
    let lines: Vec<String> = tools.iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[test]
fn the_surface_is_the_accepted_one() {
    let mut differences = Vec::new();
    for (desk, tools) in TOOLS.iter() {
        let slug = desk.integration.slug;
        let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/golden/{}.json"), slug);
        let now = surface(tools);
        serde_json::from_str::<Value>(&now).expect("the golden file is JSON");
        if std::env::var_os("DESKHAND_ACCEPT").is_some_and(|accept| accept == "1") {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/golden")).unwrap();
            std::fs::write(&path, &now).unwrap();
            continue;
        }
        let accepted = std::fs::read_to_string(&path).unwrap_or_default();
        if accepted == now {
            continue;
        }
        let lines = |text: &str| -> BTreeSet<String> {
            text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect()
        };
        let (old, new) = (lines(&accepted), lines(&now));
        differences.push(format!("tests/golden/{slug}.json"));
        differences.extend(old.difference(&new).map(|line| format!("- {line}")));
        differences.extend(new.difference(&old).map(|line| format!("+ {line}")));
    }
    assert!(
        differences.is_empty(),
        "the tools have changed; if that is meant, run this test with DESKHAND_ACCEPT=1 and commit the golden files:\n{}",
        differences.join("\n")
    );
}
