//! A server that was started for tests goes with the process that started it.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Starts one; gives the process and the server's host and port.
fn start(place: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deskhand-test-postgres"))
        .env("TMPDIR", place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    let host = url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    TcpStream::connect(&host).unwrap();
    assert_eq!(entries(place), 1);
    (child, host)
}

fn entries(place: &Path) -> usize {
    fs::read_dir(place).unwrap().count()
}

/// A place that the user of the server may go through.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o777)).unwrap();
    place
}

#[test]
fn it_is_gone_when_its_process_has_ended() {
    let place = place();
    let (mut child, host) = start(place.path());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(entries(place.path()), 0);
    assert!(TcpStream::connect(host).is_err());
}

#[test]
fn it_goes_when_its_process_is_killed() {
    let place = place();
    let (mut child, host) = start(place.path());
    child.kill().unwrap();
    child.wait().unwrap();
    // It has nobody to tell when it is done, so look until it is.
    for _ in 0..600 {
        if entries(place.path()) == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(entries(place.path()), 0);
    assert!(TcpStream::connect(host).is_err());
}
