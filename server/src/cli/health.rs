//! `deskhand health`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Failure;
use crate::output;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ask a running server on this machine whether it is ready.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  deskhand health
  deskhand health --listen 0.0.0.0:8787
  deskhand health --live                     that the process lives is enough

Ends with status 0 when it is, and 1 when it is not: for container engines that check health by a
command, in images that have no other.")]
pub(super) struct Health {
    /// Where the server was told to listen
    #[arg(
        long,
        default_value = "127.0.0.1:8787",
        env = "DESKHAND_LISTEN",
        value_name = "ADDRESS:PORT"
    )]
    listen: SocketAddr,

    /// Ask only whether it lives
    #[arg(long)]
    live: bool,
}

impl Health {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let address = match self.listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, self.listen.port()).into(),
            IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, self.listen.port()).into(),
            _ => self.listen,
        };
        let path = if self.live { "/healthz" } else { "/readyz" };
        let answered = tokio::time::timeout(PATIENCE, ask(address, path)).await;
        let failed = |why: String| Failure::Failed(format!("the server on {address} is not well: {why}"));
        let (status, body) = answered
            .map_err(|_| failed("it does not answer".to_owned()))?
            .map_err(failed)?;
        if status == StatusCode::OK {
            output::line(body)?;
            Ok(())
        } else {
            Err(failed(body))
        }
    }
}

async fn ask(address: SocketAddr, path: &str) -> Result<(StatusCode, String), String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let told = |error: hyper::Error| error.to_string();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(told)?;
    let request = Request::get(path)
        .header(http::header::HOST, address.to_string())
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let asking = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        Ok::<_, hyper::Error>((status, response.into_body().collect().await?.to_bytes()))
    };
    let (status, body) = tokio::select! {
        answered = asking => answered.map_err(told)?,
        Err(error) = connection => return Err(error.to_string()),
    };
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
