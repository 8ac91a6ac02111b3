//! The least HTTP/1.1 that a load generator and a fixed upstream need: kept-alive connections of the
//! loopback address, bodies with a told length, a thread each. It takes so little time itself that
//! what is measured is the program in between.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::fixture::Fixture;

/// Longest wait for an answer: a bench that hangs ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that sends one request after another.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a request as it is, waits for the answer, and gives its body. Anything but 200 and 201 is an error.
    pub(super) fn round_trip(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.buffer.clear();
        self.stream.write_all(request)?;
        let Some(message) = read(&mut self.stream, &mut self.buffer)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        if !self.buffer.starts_with(b"HTTP/1.1 20") {
            let head = String::from_utf8_lossy(&self.buffer[..message.body]);
            return Err(io::Error::other(head.lines().next().unwrap_or_default().to_owned()));
        }
        Ok(&self.buffer[message.body..message.end])
    }
}

/// A `GET` of a path.
pub(super) fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n").into_bytes()
}

/// An MCP request over HTTP.
pub(super) fn mcp(address: SocketAddr, path: &str, method: &str, params: &Value) -> Vec<u8> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    (head + &body).into_bytes()
}

/// A request to the REST API: a `POST` where there is a body, else a `GET`.
pub(super) fn rest(address: SocketAddr, token: &str, path: &str, body: Option<&Value>) -> Vec<u8> {
    let head = format!("Host: {address}\r\nAuthorization: Bearer {token}\r\n");
    match body.map(Value::to_string) {
        None => format!("GET {path} HTTP/1.1\r\n{head}\r\n").into_bytes(),
        Some(body) => format!(
            "POST {path} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    }
}

/// Starts a helpdesk that always answers the same to the two calls of the fixture, and takes this long for it. It runs
/// until the process ends.
pub(super) fn upstream(fixture: &Fixture, delay: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let answers = Arc::new(fixture.answers());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answers = Arc::clone(&answers);
            // An upstream connection that fails shows as a failed call.
            std::thread::spawn(move || answer_all(stream, &*answers, delay));
        }
    });
    Ok(address)
}

fn answer_all(mut stream: TcpStream, answers: &[(String, Vec<u8>)], delay: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if read(&mut stream, &mut buffer)?.is_none() {
            return Ok(());
        }
        let asked = asked_path(&buffer);
        let answer = answers.iter().find(|(path, _)| path.as_bytes() == asked);
        let answer = answer.map_or(NOT_FOUND, |(_, answer)| answer);
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        stream.write_all(answer)?;
    }
}

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

/// The path in a request's first line.
fn asked_path(request: &[u8]) -> &[u8] {
    let target = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    target.split(|byte| *byte == b'?').next().unwrap_or_default()
}

/// Where the parts of a message lie.
struct Message {
    body: usize,
    end: usize,
}

/// Reads one message, its body as long as its head says; `None` when the other side has left.
fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Message>> {
    let mut chunk = [0; 64 * 1024];
    loop {
        if let Some(message) = parse(buffer)? {
            return Ok(Some(message));
        }
        match stream.read(&mut chunk)? {
            0 if buffer.is_empty() => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            more => buffer.extend_from_slice(&chunk[..more]),
        }
    }
}

/// The message at the start of the bytes, once they hold all of it.
fn parse(bytes: &[u8]) -> io::Result<Option<Message>> {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes[..head]);
    let header = |name: &str| {
        let named = |line: &str| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        text.lines().find_map(named)
    };
    if header("transfer-encoding").is_some() {
        return Err(io::Error::other("a body without a told length"));
    }
    let length = header("content-length").map_or(Ok(0), |length| length.parse());
    let body = head + 4;
    let end = body + length.map_err(io::Error::other)?;
    Ok((bytes.len() >= end).then_some(Message { body, end }))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn talks_to_itself() -> io::Result<()> {
        let fixture = fixture::tests::fixture();
        let address = upstream(&fixture, Duration::ZERO)?;
        let mut connection = Connection::open(address)?;
        for _ in 0..2 {
            for (call, (_, answer)) in [&fixture.record, &fixture.page].into_iter().zip(fixture.answers()) {
                let body = connection.round_trip(&get(address, &call.request))?;
                assert!(!body.is_empty() && answer.ends_with(body));
            }
        }
        assert!(connection.round_trip(&get(address, "/elsewhere")).is_err());
        Ok(())
    }

    #[test]
    fn waits_for_the_whole_message() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        assert!(matches!(parse(&bytes[..bytes.len() - 1]), Ok(None)));
        let message = parse(bytes).ok().flatten().expect("it is whole");
        assert_eq!(&bytes[message.body..message.end], b"abc");
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
