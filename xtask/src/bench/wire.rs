//! The least HTTP/1.1 that the benches need: kept-alive connections of the loopback address, bodies with a told length.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

/// Longest wait for an answer: a bench that hangs ends.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How much is read at once, in bytes.
pub(super) const CHUNK: usize = 8 * 1024;

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
        answer(&self.buffer, &message)
    }
}

/// The body of an answer. Anything but 200 and 201 is an error.
pub(super) fn answer<'a>(bytes: &'a [u8], message: &Message) -> io::Result<&'a [u8]> {
    if !bytes.starts_with(b"HTTP/1.1 20") {
        let head = String::from_utf8_lossy(&bytes[..message.body]);
        return Err(io::Error::other(head.lines().next().unwrap_or_default().to_owned()));
    }
    Ok(&bytes[message.body..message.end])
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

/// Where the parts of a message lie.
pub(super) struct Message {
    /// Where the body begins.
    pub(super) body: usize,
    /// Where the next message begins.
    pub(super) end: usize,
}

/// Reads one message, its body as long as its head says; `None` when the other side has left.
fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Message>> {
    loop {
        if let Some(message) = parse(buffer)? {
            return Ok(Some(message));
        }
        let had = buffer.len();
        buffer.resize(had + CHUNK, 0);
        let more = stream.read(&mut buffer[had..])?;
        buffer.truncate(had + more);
        match more {
            0 if had == 0 => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
}

/// The message at the start of the bytes, once they hold all of it.
pub(super) fn parse(bytes: &[u8]) -> io::Result<Option<Message>> {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..head]).map_err(io::Error::other)?;
    let header = |name: &str| {
        let value = |line: &'_ str| -> Option<usize> {
            let named = line
                .get(..name.len())
                .is_some_and(|named| named.eq_ignore_ascii_case(name));
            (named && line[name.len()..].starts_with(':')).then_some(name.len() + 1)
        };
        text.lines().find_map(|line| value(line).map(|at| line[at..].trim()))
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
    use super::*;

    #[test]
    fn waits_for_the_whole_message() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        assert!(matches!(parse(&bytes[..bytes.len() - 1]), Ok(None)));
        let message = parse(bytes).ok().flatten().expect("it is whole");
        assert_eq!(&bytes[message.body..message.end], b"abc");
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
