//! A new helpdesk: what is written can be generated as it is.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use deskhand_codegen::regenerate::regenerate;
use deskhand_codegen::scaffold::scaffold;

#[test]
fn what_is_made_is_generated_without_a_problem() {
    let many = "a2345678901234567890";
    for (slug, title, base_url, tool) in [
        ("acme", None, None, "list_all_acme_things"),
        (
            "desk7",
            Some("Desk: \"7\" #1"),
            Some("https://api.example.com"),
            "list_all_desk_7_things",
        ),
        (
            many,
            Some("Ünder"),
            Some("https://{a}.{b_2}.example.com:8443/v1/{a}"),
            "list_all_a_2345678901234567890_things",
        ),
        ("type", None, Some("https://{type}.example.com"), "list_all_type_things"),
    ] {
        let root = tempfile::tempdir().unwrap();
        scaffold(slug, title, base_url).unwrap().write(root.path()).unwrap();
        let done = regenerate(root.path(), false, &[]).unwrap();
        assert_eq!(done.report.render(&done.sources, false), "", "{slug}");
        let read = |path: &str| std::fs::read_to_string(root.path().join(path)).unwrap();
        let tools = read(&format!("generated/{slug}/README.md"));
        assert!(tools.contains(&format!("`{tool}`")), "{tools}");
        let linked = read("generated/integrations/Cargo.toml");
        assert!(linked.contains(&format!("deskhand-{slug} = {{")), "{linked}");
        let spec = read(&format!("specs/{slug}/integration.yaml"));
        assert!(spec.contains("# FILL IN: what an account gives"), "{spec}");
    }
}

#[test]
fn titles_and_addresses_stand_in_the_spec() {
    let files = scaffold("acme", Some("Acme: Desk"), Some("https://{host}.example.com/v2")).unwrap();
    let spec = files.get("specs/acme/integration.yaml").unwrap();
    assert!(spec.contains("\ntitle: \"Acme: Desk\"\n"), "{spec}");
    assert!(spec.contains("\nbase_url: https://{host}.example.com/v2\n"), "{spec}");
    assert!(spec.contains("\nvariables:\n  host:\n    title: Host\n"), "{spec}");
    let spec = scaffold("acme", None, Some("https://example.com")).unwrap();
    let spec = spec.get("specs/acme/integration.yaml").unwrap();
    assert!(
        spec.contains("\ntitle: Acme\n") && !spec.contains("variables:"),
        "{spec}"
    );
}

#[test]
fn what_cannot_be_generated_is_not_made() {
    for (slug, title, base_url, why) in [
        ("", None, None, "letters a to z"),
        ("Acme", None, None, "letters a to z"),
        ("7desk", None, None, "begins with a letter"),
        ("my-desk", None, None, "letters a to z"),
        ("../acme", None, None, "letters a to z"),
        ("a23456789012345678901", None, None, "at most 20"),
        ("integrations", None, None, "a crate of the project"),
        ("acme", Some(" "), None, "the title is empty"),
        ("acme", Some("a\nb"), None, "more than one line"),
        ("acme", None, Some("http://example.com"), "not https"),
        ("acme", None, Some("https://example.com/"), "ends with a slash"),
        ("acme", None, Some("https://{Sub}.example.com"), "in small letters"),
        (
            "acme",
            None,
            Some("https://{sub.example.com"),
            "cannot be a base address",
        ),
        (
            "acme",
            None,
            Some("https://example.com/?a=b"),
            "cannot be a base address",
        ),
    ] {
        let error = scaffold(slug, title, base_url).unwrap_err();
        assert!(error.contains(why), "{slug} {title:?} {base_url:?}: {error}");
    }
}
