//! A load generator and a helpdesk to stand behind what it loads. They share the machine with the program in between, so
//! each is one thread that waits for all its connections at once and wakes seldom: a thread for each of hundreds of
//! connections takes several times as long.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::fixture::Fixture;
use super::wire::{self, CHUNK, Message, PATIENCE};

/// How a block of calls went.
pub(super) struct Block {
    /// Time of each call.
    pub(super) each: Vec<Duration>,
    /// Calls a second while all connections were at work: from when the last one began until no call was left to begin.
    pub(super) rate: f64,
}

/// What is sent, and what must come back: a refusal is quicker than what is to be measured.
pub(super) struct Exchange<'a> {
    pub(super) address: SocketAddr,
    pub(super) request: &'a [u8],
    pub(super) answer: &'a [u8],
}

/// Sends one request so often, over so many connections at once. They begin one after another over `spread`, so that they
/// do not go in step, and each sends again as soon as it has its answer, as long as calls are left.
pub(super) fn block(exchange: &Exchange<'_>, connections: usize, calls: usize, spread: Duration) -> io::Result<Block> {
    let mut poll = Poll::new()?;
    let mut open = Vec::with_capacity(connections);
    for number in 0..connections {
        let stream = std::net::TcpStream::connect(exchange.address)?;
        stream.set_nonblocking(true)?;
        open.push(Stream::registered(TcpStream::from_std(stream), &poll, Token(number))?);
    }
    let mut events = Events::with_capacity(connections);
    let mut sent = vec![Instant::now(); connections];
    let mut each = Vec::with_capacity(calls);
    let start = Instant::now();
    let pause = spread / u32::try_from(connections).unwrap_or(u32::MAX);
    let mut next = start;
    let mut begun = 0;
    let mut left = calls;
    // When all had begun, and how many calls were done then; the same of when none was left.
    let (mut full, mut last) = ((start, 0), None);
    while each.len() < calls {
        while begun < connections.min(calls) && next <= Instant::now() {
            sent[begun] = Instant::now();
            open[begun].send(exchange.request)?;
            full = (sent[begun], each.len());
            left -= 1;
            begun += 1;
            next += pause;
        }
        let until_next = next.saturating_duration_since(Instant::now());
        let all = begun == connections.min(calls);
        wait(&mut poll, &mut events, Some(if all { PATIENCE } else { until_next }))?;
        if all && events.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for event in &events {
            let Token(number) = event.token();
            let stream = &mut open[number];
            let alive = stream.exchange()?;
            let Some(message) = stream.message()? else {
                if alive {
                    continue;
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            each.push(sent[number].elapsed());
            let answer = wire::answer(&stream.input, &message)?;
            if answer != exchange.answer {
                return Err(io::Error::other(difference(exchange.answer, answer)));
            }
            stream.input.drain(..message.end);
            if left > 0 {
                left -= 1;
                sent[number] = Instant::now();
                stream.send(exchange.request)?;
            } else if last.is_none() {
                last = Some((Instant::now(), each.len()));
            }
        }
    }
    let last = last.unwrap_or_else(|| (Instant::now(), each.len()));
    let rate = (last.1 - full.1) as f64 / (last.0 - full.0).as_secs_f64();
    Ok(Block { each, rate })
}

/// Where an answer begins to be another than before.
fn difference(before: &[u8], now: &[u8]) -> String {
    let same = before.iter().zip(now).take_while(|(before, now)| before == now).count();
    let shown = |bytes: &[u8]| {
        let part = bytes.get(same.saturating_sub(40)..).unwrap_or_default();
        String::from_utf8_lossy(&part[..part.len().min(200)]).into_owned()
    };
    let (before, now) = (shown(before), shown(now));
    format!("another answer than before, from byte {same} on: …{now}… instead of …{before}…")
}

/// Starts a helpdesk that always answers the same to the two calls of the fixture, and takes this long for it in the mean, give
/// or take a fifth: one that keeps time like a metronome keeps callers in step that have once come together, as no helpdesk
/// does. It runs until the process ends.
pub(super) fn upstream(fixture: &Fixture, delay: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = listener.local_addr()?;
    let mut helpdesk = Helpdesk {
        poll: Poll::new()?,
        listener,
        answers: fixture.answers(),
        delay,
        open: Vec::new(),
        due: BinaryHeap::new(),
        random: 1,
    };
    // When it fails, so do the calls that are measured.
    std::thread::spawn(move || helpdesk.run());
    Ok(address)
}

/// The token of what listens; connections have those below.
const LISTENER: Token = Token(usize::MAX);

/// What is due within so long is answered now: waiting goes by whole milliseconds, rounded up.
const EARLY: Duration = Duration::from_micros(500);

const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

struct Helpdesk {
    poll: Poll,
    listener: TcpListener,
    /// Paths, and what is answered.
    answers: [(String, Vec<u8>); 2],
    delay: Duration,
    open: Vec<Option<Stream>>,
    /// When which connection gets which answer, the next one first.
    due: BinaryHeap<Reverse<(Instant, usize, Option<usize>)>>,
    /// State of the pseudo-random numbers.
    random: u64,
}

impl Helpdesk {
    fn run(&mut self) -> io::Result<()> {
        self.poll
            .registry()
            .register(&mut self.listener, LISTENER, Interest::READABLE)?;
        let mut events = Events::with_capacity(1024);
        loop {
            let next = self.due.peek();
            let next = next.map(|Reverse((at, ..))| at.saturating_duration_since(Instant::now()));
            wait(&mut self.poll, &mut events, next)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    Token(number) => self.read(number),
                }
            }
            self.answer();
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    let stream = Stream::registered(stream, &self.poll, Token(self.open.len()))?;
                    self.open.push(Some(stream));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads what has come. A connection that fails is closed, and shows as a failed call.
    fn read(&mut self, number: usize) {
        let Some(stream) = &mut self.open[number] else { return };
        let mut alive = stream.exchange().unwrap_or(false);
        while alive {
            match stream.message() {
                Ok(None) => return,
                Ok(Some(message)) => {
                    let asked = asked_path(&stream.input);
                    let answer = self.answers.iter().position(|(path, _)| path.as_bytes() == asked);
                    let delay = self.delay * percent(&mut self.random) / 100;
                    self.due.push(Reverse((Instant::now() + delay, number, answer)));
                    stream.input.drain(..message.end);
                }
                Err(_) => alive = false,
            }
        }
        self.open[number] = None;
    }

    fn answer(&mut self) {
        let soon = Instant::now() + EARLY;
        while self.due.peek().is_some_and(|Reverse((at, ..))| *at <= soon) {
            let Some(Reverse((_, number, answer))) = self.due.pop() else {
                break;
            };
            let answer = answer.map_or(NOT_FOUND, |answer| &self.answers[answer].1);
            if let Some(stream) = &mut self.open[number]
                && stream.send(answer).is_err()
            {
                self.open[number] = None;
            }
        }
    }
}

/// From 80 to 120, each as likely, and the same ones in every run.
fn percent(random: &mut u64) -> u32 {
    *random = random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    u32::try_from((*random >> 33) % 41).unwrap_or_default() + 80
}

/// The path in a request's first line.
fn asked_path(request: &[u8]) -> &[u8] {
    let target = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    target.split(|byte| *byte == b'?').next().unwrap_or_default()
}

/// Waits for something to happen, at most so long.
fn wait(poll: &mut Poll, events: &mut Events, longest: Option<Duration>) -> io::Result<()> {
    match poll.poll(events, longest) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
        _ => Ok(()),
    }
}

/// A connection that never waits.
struct Stream {
    stream: TcpStream,
    /// What has come and was not read yet.
    input: Vec<u8>,
    /// What could not be sent yet.
    output: Vec<u8>,
}

impl Stream {
    fn registered(mut stream: TcpStream, poll: &Poll, token: Token) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, token, both)?;
        Ok(Self {
            stream,
            input: Vec::new(),
            output: Vec::new(),
        })
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.extend_from_slice(bytes);
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(sent) => drop(self.output.drain(..sent)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends and receives what can be; whether more can come.
    fn exchange(&mut self) -> io::Result<bool> {
        self.flush()?;
        loop {
            let had = self.input.len();
            self.input.resize(had + CHUNK, 0);
            let read = self.stream.read(&mut self.input[had..]);
            self.input.truncate(had + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Ok(false),
                // Less than there was room for: that is all for now, and more is told of.
                Ok(more) if more < CHUNK => return Ok(true),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    /// The message at the start of what has come, once it is whole.
    fn message(&self) -> io::Result<Option<Message>> {
        wire::parse(&self.input)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_generator_and_the_helpdesk_understand_each_other() -> io::Result<()> {
        let fixture = fixture::tests::fixture();
        let address = upstream(&fixture, Duration::from_millis(1))?;
        for (call, (_, answer)) in [&fixture.record, &fixture.page].into_iter().zip(fixture.answers()) {
            let request = wire::get(address, &call.request);
            let mut connection = wire::Connection::open(address)?;
            let body = connection.round_trip(&request)?.to_vec();
            assert!(!body.is_empty() && answer.ends_with(&body));
            let mut exchange = Exchange {
                address,
                request: &request,
                answer: &body,
            };
            let done = block(&exchange, 3, 10, Duration::from_millis(2))?;
            assert_eq!(done.each.len(), 10);
            assert!(done.rate > 0.0);
            exchange.answer = b"other";
            assert!(block(&exchange, 1, 1, Duration::ZERO).is_err());
        }
        let nowhere = Exchange {
            address,
            request: &wire::get(address, "/elsewhere"),
            answer: b"",
        };
        assert!(block(&nowhere, 1, 1, Duration::ZERO).is_err());
        Ok(())
    }
}
