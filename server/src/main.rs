//! The `deskhand` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A call makes hundreds of allocations, many of them freed on another thread. With glibc's allocator it takes a quarter more
/// processor time, and the container image would have musl's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    deskhand::cli::run(deskhand_integrations::INTEGRATIONS)
}
