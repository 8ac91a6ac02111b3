//! Starts a PostgreSQL server, prints its URL, and stops it when the input ends or this process does.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks")]

use std::io::Read as _;
use std::process::ExitCode;

use deskhand_test_postgres::Server;

fn main() -> ExitCode {
    let server = match Server::start() {
        Ok(server) => server,
        Err(failure) => {
            eprintln!("error: {failure}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", server.url());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    ExitCode::SUCCESS
}
