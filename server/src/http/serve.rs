//! Connections: accepting them, and ending them well.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Settings;

/// How long calls under way may go on once no more requests are taken.
const GRACE: Duration = Duration::from_secs(10);

/// How long calls that were cut off have to say so.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long a connection may be idle, or take for the head of a request. Longer than proxies keep a connection that
/// they do not use, 60 to 120 seconds mostly: one that was closed here at the moment it is used there fails a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(130);

/// The pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How often it is told that all places are taken.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(60);

/// Serves `router` until `stop` resolves, and then for the time that `settings` give load balancers to notice. Calls
/// under way then have a moment to end before they are cut off. `settings` are those the router was made with.
///
/// # Errors
/// When the listener has no address any more; single connections that fail are only logged.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(settings.max_connections));
    let mut complained = None;
    let mut stop = std::pin::pin!(async {
        stop.await;
        tracing::info!("stopping");
        settings.stopping.cancel();
        tokio::time::sleep(settings.shutdown_delay).await;
    });
    loop {
        if places.available_permits() == 0 && complained.is_none_or(|at: Instant| at.elapsed() > COMPLAINT_PAUSE) {
            complained = Some(Instant::now());
            tracing::warn!(
                connections = settings.max_connections,
                "all connections that may be open are; others wait"
            );
        }
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                listener.local_addr()?;
                // Out of file handles, mostly: wait for calls to end rather than spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Without TCP_NODELAY an answer of two segments waits for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        let open = settings.metrics.connection();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop((open, place));
        });
    }
    drop(listener);
    let mut ending = std::pin::pin!(graceful.shutdown());
    if tokio::time::timeout(GRACE, &mut ending).await.is_err() {
        settings.cut_off.cancel();
        let _ = tokio::time::timeout(LAST_WORDS, ending).await;
    }
    Ok(())
}

/// Waits for a place and then for a connection to take it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}
