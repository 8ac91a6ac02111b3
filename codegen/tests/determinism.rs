//! The same specs give the same files, whatever the order and the line ends they are read in.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use deskhand_codegen::generate_repository;
use deskhand_codegen::source::Sources;

#[test]
fn order_and_line_ends_make_no_difference() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let sources = Sources::collect(&specs).unwrap();
    let mut files: Vec<(String, String)> = sources
        .files()
        .map(|file| {
            (
                file.path.to_string(),
                String::from_utf8(file.bytes.clone()).unwrap().replace("\r\n", "\n"),
            )
        })
        .collect();
    assert!(!files.is_empty());
    let (expected, _) = generate_repository(&Sources::in_memory(files.clone()));
    assert_eq!(
        generate_repository(&Sources::in_memory(files.clone())).0,
        expected,
        "twice"
    );

    files.reverse();
    for (path, text) in &mut files {
        *path = path.replace('/', "\\");
        *text = text.replace('\n', "\r\n");
    }
    let (found, _) = generate_repository(&Sources::in_memory(files));
    for (path, text) in expected.iter() {
        assert_eq!(found.get(path), Some(text), "{path}");
    }
    assert_eq!(found.len(), expected.len());
}
