//! MCP on stdin and stdout, for clients that start the server themselves.

use std::sync::Arc;

use rmcp::service::{QuitReason, ServerInitializeError};

use super::handler::Handler;
use crate::scope::Scope;

/// Serves `scope` until stdin ends.
///
/// # Errors
/// When the client's first messages are no MCP, or the serving task failed.
pub async fn serve(scope: Arc<Scope>) -> Result<(), String> {
    let transport = rmcp::transport::io::stdio_pipes();
    match rmcp::serve_server(Handler::fixed(scope), transport).await {
        Ok(running) => match running.waiting().await {
            Ok(QuitReason::JoinError(error)) | Err(error) => Err(error.to_string()),
            Ok(_) => Ok(()),
        },
        // A client that connects and leaves without a word is no failure.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
