//! MCP on stdin and stdout, for clients that start the server themselves.

use std::sync::Arc;

use deskhand_runtime::dialect::Dialect;
use rmcp::service::{QuitReason, ServerInitializeError};
use tokio::io::{AsyncRead, AsyncWrite};

use super::handler::Handler;
use crate::access::Access;
use crate::scope::Scope;

/// Serves `scope` on the process's own stdin and stdout until stdin ends; in `dialect`, or else in what the client is known
/// to take.
///
/// # Errors
/// When the client's first messages are no MCP, or the serving task failed.
pub async fn serve(scope: Arc<Scope>, dialect: Option<Dialect>) -> Result<(), String> {
    let (stdin, stdout) = rmcp::transport::io::stdio_pipes();
    serve_on(scope, dialect, stdin, stdout).await
}

/// Serves `scope` on a pair of streams, one message a line, until `read` ends. Calls under way
/// then have a moment to be answered.
///
/// # Errors
/// When the client's first messages are no MCP, or the serving task failed.
pub async fn serve_on(
    scope: Arc<Scope>,
    dialect: Option<Dialect>,
    read: impl AsyncRead + Send + Unpin + 'static,
    write: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), String> {
    let handler = Handler::fixed(Access::new(scope, "environment"), dialect);
    match rmcp::serve_server(handler, (read, write)).await {
        Ok(running) => match running.waiting().await {
            Ok(QuitReason::JoinError(error)) | Err(error) => Err(error.to_string()),
            Ok(_) => Ok(()),
        },
        // A client that connects and leaves without a word is no failure.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
