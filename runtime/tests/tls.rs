//! Encrypted connections. Which certificates are trusted is settled once for a process, so the client
//! of each case is this test program again, told by its environment whom to trust.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod vendor;

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deskhand_runtime::error::Code;
use serde_json::Map;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto::ring};
use vendor::{SECRET, account};

operation!(GET, [], {});

const URL: &str = "DESKHAND_TEST_URL";
const TRUSTED: &str = "DESKHAND_TEST_TRUSTED";

/// The client; run by the tests below.
#[tokio::test]
#[ignore = "run by the other tests"]
async fn client() {
    let Ok(url) = std::env::var(URL) else { return };
    let connection = account(&url).build().unwrap();
    let answered = connection.run(&GET, Map::new(), None).await;
    if std::env::var_os(TRUSTED).is_some() {
        assert_eq!(answered.unwrap().outcome.status, 200);
        // A second call uses the same connection.
        assert_eq!(
            connection.run(&GET, Map::new(), None).await.unwrap().outcome.status,
            200
        );
        return;
    }
    let error = answered.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnreachable, "{error}");
    assert!(error.message().contains("TLS handshake failed"), "{error}");
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

struct Encrypted {
    address: std::net::SocketAddr,
    certificate: String,
    handshakes: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

/// A server whose certificate is for `127.0.0.1`.
async fn encrypted() -> Encrypted {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Encrypted {
        address: listener.local_addr().unwrap(),
        certificate: made.cert.pem(),
        handshakes: Arc::default(),
        requests: Arc::default(),
    };
    let (handshakes, requests) = (server.handshakes.clone(), server.requests.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            handshakes.fetch_add(1, Ordering::SeqCst);
            let mut heard = Vec::new();
            while stream.read_buf(&mut heard).await.is_ok_and(|length| length > 0) {
                if heard.ends_with(b"\r\n\r\n") {
                    requests.fetch_add(1, Ordering::SeqCst);
                    heard.clear();
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                    stream.write_all(answer).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
        }
    });
    server
}

/// Runs the client against a server, trusting the owner of one certificate only.
async fn client_of(url: String, certificate: &str, trusted: bool) -> Output {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let file = std::env::temp_dir().join(format!("deskhand-tls-{}-{number}.pem", std::process::id()));
    std::fs::write(&file, certificate).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "client"])
        .env("SSL_CERT_FILE", &file)
        .env_remove("SSL_CERT_DIR")
        .env(URL, url);
    if trusted {
        command.env(TRUSTED, "1");
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    std::fs::remove_file(file).unwrap();
    output
}

fn assert_passed(output: &Output) {
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[tokio::test]
async fn a_trusted_vendor_is_called_over_one_connection() {
    let server = encrypted().await;
    let url = format!("https://{}", server.address);
    assert_passed(&client_of(url, &server.certificate, true).await);
    assert_eq!(server.handshakes.load(Ordering::SeqCst), 1);
    assert_eq!(server.requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_vendor_that_nobody_vouches_for_gets_nothing() {
    let (server, stranger) = (encrypted().await, encrypted().await);
    let url = format!("https://{}", server.address);
    assert_passed(&client_of(url, &stranger.certificate, false).await);
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = encrypted().await;
    let url = format!("https://localhost:{}", server.address.port());
    assert_passed(&client_of(url, &server.certificate, false).await);
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}
