//! The least HTTP/1.1 that a load generator and a fixed upstream need: kept-alive connections of the
//! loopback address, bodies with a told length, a thread each. It takes so little time itself that
//! what is measured is the program in between.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

/// Longest wait for an answer: a bench that hangs ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// Path of one ticket at the upstream.
pub(super) const ONE: &str = "/apis/v3/tickets/details?ticket_number=1000";
/// Path of a page of tickets at the upstream.
pub(super) const PAGE: &str = "/apis/v3/tickets?ticket_count=30";
/// Tickets on that page.
pub(super) const PAGE_SIZE: usize = 30;

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

    /// Sends a request as it is, waits for the answer, and gives its body. Anything but 200 is an error.
    pub(super) fn round_trip(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.buffer.clear();
        self.stream.write_all(request)?;
        let Some(message) = read(&mut self.stream, &mut self.buffer)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        if !self.buffer.starts_with(b"HTTP/1.1 200 ") {
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

/// Starts a helpdesk that always answers the same: one ticket, or a page of them. It runs until the
/// process ends.
pub(super) fn upstream() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let page = json!({"count": PAGE_SIZE, "tickets": (0..PAGE_SIZE).map(ticket).collect::<Vec<_>>()});
    let answers = Arc::new((answer(&ticket(0)), answer(&page)));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answers = Arc::clone(&answers);
            // An upstream connection that fails shows as a failed call.
            std::thread::spawn(move || answer_all(stream, &answers));
        }
    });
    Ok(address)
}

fn answer_all(mut stream: TcpStream, (one, page): &(Vec<u8>, Vec<u8>)) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if read(&mut stream, &mut buffer)?.is_none() {
            return Ok(());
        }
        let single = buffer.starts_with(b"GET /apis/v3/tickets/details?");
        stream.write_all(if single { one } else { page })?;
    }
}

fn answer(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Rate-Limit-Remaining: 49\r\nContent-Length: {length}\r\n\r\n"
    );
    (head + &body).into_bytes()
}

/// A ticket with about as much in it as real ones have.
fn ticket(number: usize) -> Value {
    json!({
        "ticket_number": 1000 + number,
        "contact_email": format!("customer{number}@example.com"),
        "contact_name": format!("Customer {number}"),
        "subject": format!("Printer {number} on the second floor does not print since the update"),
        "status": "Open",
        "priority": 5,
        "type": "Incident",
        "source": 12,
        "form_name": "Default form",
        "form_is_deleted": 0,
        "assigned_to": "agent@example.com",
        "company_name": "Example Works",
        "sla": "Default SLA policy",
        "group": "Hardware",
        "category": "Printers",
        "subcategory": "Second floor",
        "created_on": "2026-01-31 08:00:00",
        "updated_on": "2026-01-31 09:00:00",
        "resolved_on": null,
        "closed_on": null,
        "due_date": "2026-02-02 08:00:00",
        "first_response_time": "2026-01-31 08:20:00",
        "first_assigned_time": "2026-01-31 08:05:00",
        "first_assigned_duration": 5,
        "resolved_duration": 0,
        "first_replied_duration": 20,
        "closed_duration": 0,
        "custom_fields": {"cf_Asset": "PRN-17", "cf_Floor": 2, "cf_Notes": null},
        "watchers": ["a@example.com", "b@example.com"],
        "share_to": [],
        "conversation_count": 4,
    })
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
    use super::*;

    #[test]
    fn talks_to_itself() -> io::Result<()> {
        let address = upstream()?;
        let mut connection = Connection::open(address)?;
        for _ in 0..2 {
            let one: Value = serde_json::from_slice(connection.round_trip(&get(address, ONE))?)?;
            assert_eq!(one["ticket_number"], 1000);
            let page: Value = serde_json::from_slice(connection.round_trip(&get(address, PAGE))?)?;
            assert_eq!(page["tickets"].as_array().map(Vec::len), Some(PAGE_SIZE));
        }
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
