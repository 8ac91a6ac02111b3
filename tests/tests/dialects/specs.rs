//! What generating finds out before anything is compiled is what the compiled tools are.

use std::collections::BTreeSet;
use std::path::Path;

use deskhand_codegen::lowering::described;
use deskhand_codegen::model::{Api, NotedLoss};
use deskhand_codegen::plan::plan;
use deskhand_codegen::report::Report;
use deskhand_codegen::source::Sources;
use deskhand_codegen::{generate, resolve_helpdesk};
use deskhand_integrations::INTEGRATIONS;
use deskhand_runtime::Integration;
use deskhand_runtime::dialect::Dialect;
use serde_json::Value;

use crate::{Described, of};

const SPECS: &str = "specs";
const SAMPLES: &str = "codegen/tests/samples/specs";

fn read(specs: &str) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Sources::collect(&root.join(specs)).unwrap()
}

fn model(specs: &str, slug: &str) -> Api {
    resolve_helpdesk(&read(specs), slug, &Report::new()).unwrap()
}

/// What the spec of a helpdesk notes: for all of its tools, and for the tool with this name.
pub(crate) fn noted(integration: &Integration) -> (Vec<NotedLoss>, Vec<(String, Vec<NotedLoss>)>) {
    let api = model(SPECS, integration.slug);
    let tools: Vec<(String, String)> = {
        let plan = plan(&api, &Report::new());
        let tools = plan.operations.iter().filter_map(|planned| {
            let tool = planned.tool.as_ref()?;
            Some((planned.operation.name.clone(), tool.name.clone()))
        });
        tools.collect()
    };
    let operations = api.operations.into_iter().filter_map(|operation| {
        let (_, tool) = tools.iter().find(|(name, _)| *name == operation.name)?;
        Some((tool.clone(), operation.noted_losses))
    });
    let own = operations.filter(|(_, notes)| !notes.is_empty()).collect();
    (api.noted_losses, own)
}

#[test]
fn generating_sees_the_schemas_of_the_compiled_tools() {
    let samples: [&'static Integration; 4] = [
        &deskhand_sample_crisp::INTEGRATION,
        &deskhand_sample_gorgias::INTEGRATION,
        &deskhand_sample_lantern::INTEGRATION,
        &deskhand_sample_obstacles::INTEGRATION,
    ];
    let samples = samples.iter().map(|integration| (SAMPLES, *integration));
    let helpdesks = INTEGRATIONS.iter().map(|integration| (SPECS, *integration));
    let mut seen = 0;
    for (specs, integration) in helpdesks.chain(samples) {
        let (api, report) = (model(specs, integration.slug), Report::new());
        let planned = described(&plan(&api, &report));
        let compiled: Vec<Described> = of(integration).collect();
        let names = |tools: &mut dyn Iterator<Item = &str>| tools.map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            names(&mut planned.iter().map(|tool| tool.tool.as_str())),
            names(&mut compiled.iter().map(|tool| tool.tool.name)),
        );
        for (planned, compiled) in planned.into_iter().zip(compiled) {
            // As text, in which the order of members counts.
            let planned = (planned.tool, Value::Object(planned.schema).to_string());
            let compiled = (
                compiled.tool.name.to_owned(),
                Value::Object(compiled.schema).to_string(),
            );
            assert_eq!(planned, compiled);
            seen += 1;
        }
    }
    assert!(seen > 300, "only {seen} tools");
}

/// Tool and place of everything that is lost in some dialect.
fn lost(integration: &'static Integration) -> BTreeSet<(String, String)> {
    let mut lost = BTreeSet::new();
    for tool in of(integration) {
        for dialect in Dialect::ALL {
            let changes = tool.lowered(dialect).changes.into_iter();
            let changes = changes.filter(|change| change.what.loses().is_some());
            lost.extend(changes.map(|change| (tool.tool.name.to_owned(), change.path)));
        }
    }
    lost
}

#[test]
fn what_compiled_tools_lose_is_noted() {
    for integration in INTEGRATIONS {
        let (shared, own) = noted(integration);
        for tool in of(integration) {
            let own = own.iter().filter(|(name, _)| name == tool.tool.name);
            let notes: Vec<&NotedLoss> = shared.iter().chain(own.flat_map(|(_, notes)| notes)).collect();
            for dialect in Dialect::ALL {
                for change in tool.lowered(dialect).changes {
                    let noted = notes.iter().any(|note| note.covers(change.what, dialect, &change.path));
                    assert!(
                        noted || change.what.loses().is_none(),
                        "{}, {}: {change:?}",
                        tool.tool.name,
                        dialect.word()
                    );
                }
            }
        }
    }
}

/// A spec file without its notes.
fn without_notes(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut kept = String::new();
    let mut notes_at = None;
    for line in text.lines() {
        if notes_at.is_some_and(|notes| indent(line) > notes && !line.is_empty()) {
            continue;
        }
        notes_at = (line.trim() == "noted_losses:").then(|| indent(line));
        if notes_at.is_none() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn without_its_notes_no_helpdesk_that_loses_something_is_generated() {
    let sources = read(SPECS);
    let files = sources.files();
    let files = files.map(|file| {
        (
            file.path.to_string(),
            without_notes(&String::from_utf8_lossy(&file.bytes)),
        )
    });
    let (generated, report) = generate(&Sources::in_memory(files), "generated");
    let problems = report.problems();
    for integration in INTEGRATIONS {
        let lost = lost(integration);
        let missing = generated
            .get(&format!("generated/{}/src/lib.rs", integration.slug))
            .is_none();
        assert_eq!(missing, !lost.is_empty(), "{}", integration.slug);
        let told = problems.iter().filter(|problem| {
            assert_eq!(problem.rule, "dialect-loss", "{}", problem.message);
            problem.span.file.starts_with(integration.slug)
        });
        // The words in backticks: the tool, then the places.
        let told = told.flat_map(|problem| {
            let mut words = problem.message.split('`').skip(1).step_by(2).map(str::to_owned);
            let tool = words.next().unwrap();
            words.map(move |place| (tool.clone(), place)).collect::<Vec<_>>()
        });
        assert_eq!(told.collect::<BTreeSet<_>>(), lost, "{}", integration.slug);
    }
}
