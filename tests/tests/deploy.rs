//! The files under `deploy/` and what `docs/operations.md` tells: as far as they can be judged without a container
//! engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use deskhand_tests::desk::{Desk, Served, run};
use deskhand_tests::python::Tools;
use serde_json::Value;

static TOOLS: LazyLock<Tools> = LazyLock::new(|| Tools::of("deploy"));

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The documents of a YAML file.
fn yaml(file: &str) -> Vec<Value> {
    let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let json = passes(TOOLS.command("python").args(["-c", script, file]));
    serde_json::from_str(&json).expect("JSON was printed")
}

fn passes(command: &mut Command) -> String {
    let output = command.output().expect("the tool starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{told}{complaints}");
    told
}

/// The one Kubernetes object of a kind.
fn object(kind: &str) -> Value {
    let files = ["deployment", "service", "poddisruptionbudget", "kustomization"];
    let all = files
        .iter()
        .flat_map(|file| yaml(&format!("deploy/kubernetes/{file}.yaml")));
    let mut found = all.filter(|object| object["kind"] == kind);
    let object = found.next().expect("it is there");
    assert!(found.next().is_none());
    object
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

fn version() -> String {
    let manifest = text("Cargo.toml");
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = "));
    line.expect("the workspace has a version").trim_matches('"').to_owned()
}

/// `8s` as seconds.
fn seconds(value: &Value) -> u64 {
    let text = value.as_str().expect("a text");
    text.strip_suffix('s')
        .and_then(|number| number.parse().ok())
        .expect("whole seconds")
}

#[test]
fn the_files_are_what_their_readers_take() {
    passes(TOOLS.command("hadolint").arg("deploy/Dockerfile"));
    passes(
        TOOLS
            .command("check-jsonschema")
            .args(["--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"]),
    );
    let files = ["deployment", "service", "poddisruptionbudget", "secret.example"];
    let files = files.map(|file| format!("deploy/kubernetes/{file}.yaml"));
    passes(TOOLS.command("kubernetes-validate").arg("--strict").args(files));
    let listed = object("Kustomization")["resources"].clone();
    for file in listed.as_array().expect("a list") {
        assert!(
            root()
                .join("deploy/kubernetes")
                .join(file.as_str().expect("a file"))
                .is_file(),
            "{file}"
        );
    }
}

#[test]
fn images_are_of_one_version_each_and_ours_is_this_one() {
    let own = version();
    let toolchain = text("rust-toolchain.toml");
    let toolchain = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = "))
        .expect("a toolchain");
    let toolchain = toolchain.trim_matches('"');
    let dockerfile = text("deploy/Dockerfile");
    let mut images: BTreeSet<String> = BTreeSet::new();
    for line in dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")) {
        images.extend(
            line.split(' ')
                .next()
                .filter(|image| *image != "scratch")
                .map(str::to_owned),
        );
    }
    assert!(
        images
            .iter()
            .any(|image| image.starts_with(&format!("rust:{toolchain}-alpine"))),
        "{images:?}"
    );
    assert!(dockerfile.contains(&format!("RUSTUP_TOOLCHAIN={toolchain}\n")));
    let compose = yaml("deploy/compose.yaml").remove(0);
    for service in compose["services"].as_object().expect("services").values() {
        images.insert(service["image"].as_str().expect("an image").to_owned());
    }
    images.insert(
        at(&object("Deployment"), "/spec/template/spec/containers/0/image")
            .as_str()
            .expect("a text")
            .to_owned(),
    );
    let kustomization = object("Kustomization");
    assert_eq!(at(&kustomization, "/images/0/newTag"), own.as_str());
    for image in &images {
        let (name, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{image} has no tag"));
        if name == "deskhand" {
            assert_eq!(tag, own);
        }
        let digits = tag
            .split(['.', '-'])
            .take(2)
            .filter(|part| part.parse::<u32>().is_ok())
            .count();
        assert_eq!(digits, 2, "{image} is not pinned");
    }
    assert!(images.len() > 3, "{images:?}");
}

#[test]
fn nothing_runs_as_root_or_may_become_it() {
    let dockerfile = text("deploy/Dockerfile");
    let last = dockerfile.rsplit("\nFROM ").next().expect("a stage");
    let user = last
        .lines()
        .find_map(|line| line.strip_prefix("USER "))
        .expect("a user");
    let ids: Vec<u32> = user
        .split(':')
        .map(|id| id.parse().expect("a number: Kubernetes cannot judge a name"))
        .collect();
    assert!(ids.len() == 2 && ids.iter().all(|id| *id != 0), "{user}");
    let pod = object("Deployment");
    let pod = at(&pod, "/spec/template/spec");
    assert_eq!(at(pod, "/securityContext/runAsNonRoot"), true);
    assert_eq!(at(pod, "/securityContext/runAsUser"), ids[0]);
    assert_eq!(at(pod, "/automountServiceAccountToken"), false);
    let container = at(pod, "/containers/0/securityContext");
    assert_eq!(container["allowPrivilegeEscalation"], false);
    assert_eq!(container["readOnlyRootFilesystem"], true);
    assert_eq!(at(container, "/capabilities/drop/0"), "ALL");
    let compose = yaml("deploy/compose.yaml").remove(0);
    for replica in ["deskhand-1", "deskhand-2"] {
        let service = &compose["services"][replica];
        assert_eq!(service["read_only"], true);
        assert_eq!(at(service, "/cap_drop/0"), "ALL");
        assert_eq!(at(service, "/security_opt/0"), "no-new-privileges:true");
    }
}

#[test]
fn a_replica_has_the_time_to_stop_that_it_takes() {
    /// What the server takes besides the delay, for calls under way and for those that are cut off.
    const GRACE: u64 = 11;
    let deployment = object("Deployment");
    let pod = at(&deployment, "/spec/template/spec");
    let variables = at(pod, "/containers/0/env").as_array().expect("a list");
    let delay = variables
        .iter()
        .find(|variable| variable["name"] == "DESKHAND_SHUTDOWN_DELAY");
    let delay = seconds(&delay.expect("there is a delay")["value"]);
    let probe = at(pod, "/containers/0/readinessProbe");
    let noticed = probe["periodSeconds"].as_u64().zip(probe["failureThreshold"].as_u64());
    let noticed = noticed.map(|(period, times)| period * times).expect("numbers");
    assert!(delay > noticed, "{delay} > {noticed}");
    assert!(pod["terminationGracePeriodSeconds"].as_u64().expect("a number") > delay + GRACE);
    let compose = yaml("deploy/compose.yaml").remove(0);
    let service = &compose["services"]["deskhand-1"];
    let delay = seconds(at(service, "/environment/DESKHAND_SHUTDOWN_DELAY"));
    assert!(seconds(&service["stop_grace_period"]) > delay + GRACE);
}

#[tokio::test]
async fn probes_ask_what_the_server_answers() {
    let desk = Desk::start("desk365").await;
    let served = Served::start(&desk.account()).await;
    let deployment = object("Deployment");
    let container = at(&deployment, "/spec/template/spec/containers/0");
    let mut paths = BTreeMap::new();
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert_eq!(at(container, &format!("/{probe}/httpGet/port")), "http");
        paths.insert(
            probe.to_owned(),
            at(container, &format!("/{probe}/httpGet/path"))
                .as_str()
                .expect("a path")
                .to_owned(),
        );
    }
    assert_eq!(paths["livenessProbe"], "/healthz");
    assert_eq!(paths["readinessProbe"], "/readyz");
    let caddyfile = text("deploy/Caddyfile");
    let asked = caddyfile
        .lines()
        .find_map(|line| line.trim().strip_prefix("health_uri "));
    paths.insert("proxy".to_owned(), asked.expect("the proxy asks for health").to_owned());
    let client = deskhand_tests::desk::http();
    for (who, path) in paths {
        let answered = client
            .get(format!("{}{path}", served.base()))
            .header("Host", "10.0.0.7:8787");
        let status = answered.send().await.expect("the server answers").status();
        assert_eq!(status, 200, "{who}: {path}");
    }
    let port = at(container, "/ports/0/containerPort");
    assert!(text("deploy/Dockerfile").contains(&format!("EXPOSE {port}\n")));
    assert!(text("deploy/Dockerfile").contains(&format!("DESKHAND_LISTEN=0.0.0.0:{port} ")));
    let health = text("deploy/Dockerfile");
    let health = health
        .lines()
        .find_map(|line| line.split_once(" CMD ["))
        .expect("a health check")
        .1;
    let words: Vec<String> = serde_json::from_str(&format!("[{health}")).expect("words");
    assert_eq!(words, ["/usr/local/bin/deskhand", "health"]);
    let listen = served.base().trim_start_matches("http://").to_owned();
    let asked = run(&["health"], &[("DESKHAND_LISTEN".to_owned(), listen)], "");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
}

#[test]
fn the_image_is_built_from_everything_it_needs() {
    let ignore = text("deploy/Dockerfile.dockerignore");
    let let_in: BTreeSet<&str> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let manifest = text("Cargo.toml");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = "))
        .expect("members");
    let members: Vec<String> = serde_json::from_str(members).expect("a list");
    for member in &members {
        let folder = member.split('/').next().expect("a folder");
        assert!(let_in.contains(folder), "{folder} is a member of the workspace");
    }
    for needed in ["Cargo.toml", "Cargo.lock", ".cargo"] {
        assert!(let_in.contains(needed), "{needed}");
    }
}

/// Help of all commands, by the words that lead to it.
fn helps() -> BTreeMap<Vec<String>, String> {
    let mut all = BTreeMap::new();
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let arguments: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let output = run(&arguments, &[], "");
        let help = String::from_utf8(output.stdout).expect("text");
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in commands.take_while(|line| !line.is_empty()) {
            // A line that goes on about the command before begins further in.
            let Some(name) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) else {
                continue;
            };
            let name = name.split(' ').next().expect("a word");
            if name != "help" {
                open.push(words.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
        all.insert(words, help);
    }
    all
}

/// Words of a text that begin so, and go on with letters of these kinds.
fn words<'a>(text: &'a str, start: &str, letter: fn(char) -> bool) -> BTreeSet<&'a str> {
    let found = text.match_indices(start).filter(|(index, _)| {
        let before = text[..*index].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || before == '-' || before == '_')
    });
    let ends = found.map(|(index, _)| {
        let rest = &text[index..];
        let length = rest[start.len()..]
            .find(|character| !letter(character))
            .map_or(rest.len(), |end| end + start.len());
        &rest[..length]
    });
    // A rule of a table is no option.
    ends.filter(|word| word[start.len()..].starts_with(char::is_alphanumeric))
        .collect()
}

#[test]
fn every_option_and_variable_that_is_named_exists() {
    let helps = helps();
    let serve = &helps[&vec!["serve".to_owned()]];
    let everything: String = helps.values().cloned().collect();
    let known_options = words(&everything, "--", |letter| letter.is_ascii_lowercase() || letter == '-');
    let variable = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let known_variables = words(&everything, "DESKHAND_", variable);
    assert!(known_options.contains("--shutdown-delay") && known_variables.contains("DESKHAND_MASTER_KEY"));
    let deploy = [
        "Dockerfile",
        "compose.yaml",
        "example.env",
        "Caddyfile",
        "kubernetes/deployment.yaml",
    ];
    for file in deploy.iter().map(|file| format!("deploy/{file}")) {
        for name in words(&text(&file), "DESKHAND_", variable) {
            let logging = helps[&Vec::new()].contains(name);
            assert!(
                serve.contains(name) || logging,
                "{file}: `deskhand serve` does not read {name}"
            );
        }
    }
    let operations = text("docs/operations.md");
    for name in words(&operations, "DESKHAND_", variable) {
        assert!(
            known_variables.contains(name),
            "docs/operations.md: nothing reads {name}"
        );
    }
    // Options of other programs.
    let foreign = [
        "--file",
        "--build",
        "--detach",
        "--tag",
        "--namespace",
        "--filename",
        "--kustomize",
        "--package",
        "--profile",
    ];
    for name in words(&operations, "--", |letter| letter.is_ascii_lowercase() || letter == '-') {
        assert!(
            known_options.contains(name) || foreign.contains(&name),
            "docs/operations.md: nothing takes {name}"
        );
    }
    // What an operator can set is told to operators.
    let own = serve
        .split("\nOperation:\n")
        .nth(1)
        .and_then(|rest| rest.split("\nExamples:\n").next());
    let own = own.expect("options of operation");
    for name in words(own, "--", |letter| letter.is_ascii_lowercase() || letter == '-') {
        assert!(operations.contains(name), "docs/operations.md does not tell of {name}");
    }
}

#[test]
fn every_metric_that_is_named_exists_and_the_other_way_round() {
    let source = text("server/src/metrics.rs");
    let letter = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let known: BTreeSet<&str> = words(source.split("#[cfg(test)]").next().expect("code"), "deskhand_", letter)
        .into_iter()
        .filter(|name| *name != "deskhand_runtime")
        .collect();
    let operations = text("docs/operations.md");
    let told = words(&operations, "deskhand_", letter);
    for name in &known {
        assert!(told.contains(name), "docs/operations.md does not tell of {name}");
    }
    for name in told {
        let base = ["_bucket", "_sum", "_count"]
            .into_iter()
            .find_map(|end| name.strip_suffix(end));
        assert!(known.contains(base.unwrap_or(name)), "there is no metric {name}");
    }
}

#[test]
fn the_proxys_log_holds_no_secrets_of_addresses() {
    let caddyfile = text("deploy/Caddyfile");
    let rule = caddyfile
        .lines()
        .find_map(|line| line.trim().strip_prefix("request>uri regexp "))
        .expect("addresses are filtered");
    let parts: Vec<&str> = rule.split('"').collect();
    let [_, pattern, _, replacement, _] = parts[..] else {
        panic!("a pattern and what stands for it: {rule}")
    };
    let pattern = fancy_regex::Regex::new(pattern).expect("a pattern");
    // In the words of Go, `$2***` is the second group and three asterisks.
    let replacement = replacement.replace("$1", "${1}").replace("$2", "${2}");
    for (address, logged) in [
        ("/mcp/dh_secret", "/mcp/***"),
        ("/mcp/dh_secret?dialect=gemini", "/mcp/***?dialect=gemini"),
        ("/base/mcp/dh_secret/", "/base/mcp/***/"),
        ("/mcp", "/mcp"),
        ("/connect/helpdesk?link=secret&variable.a=b", "/connect/helpdesk?***"),
        (
            "/connect/helpdesk/callback?state=secret&code=secret",
            "/connect/helpdesk/callback?***",
        ),
        ("/log?limit=3", "/log?limit=3"),
    ] {
        assert_eq!(pattern.replace_all(address, &*replacement), logged, "{address}");
    }
}
