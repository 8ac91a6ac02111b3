//! The `deskhand` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A call makes hundreds of small allocations, some on one thread that are freed on another; system allocators, above all
/// musl's, which the container image would have, take several times as long over them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    deskhand::cli::run(deskhand_integrations::INTEGRATIONS)
}
