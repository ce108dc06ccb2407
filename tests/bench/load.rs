//! Load over connections that are kept: the least that speaks HTTP/1.1, so that it costs less than what it measures.

use super::provider::processor_time;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections that ask at once, each its next question when it has its answer.
pub const CONNECTIONS: usize = 16;

/// One connection, asked one thing at a time.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer, as it lies in the connection's memory.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The value of a header; its name in small letters, as hyper writes it.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

impl Connection {
    /// Connects.
    pub async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, read: Vec::with_capacity(16 * 1024) }
    }

    /// Asks, and waits for the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Answer<'_> {
        self.stream.write_all(request).await.expect("the server takes the request");
        self.read.clear();
        let (head, whole) = loop {
            let count = self.stream.read_buf(&mut self.read).await.expect("the server answers");
            assert!(count > 0, "the server closed the connection");
            if let Some((head, length)) = measured(&self.read) {
                break (head, head + length);
            }
        };
        while self.read.len() < whole {
            let count = self.stream.read_buf(&mut self.read).await.expect("the server answers");
            assert!(count > 0, "the server closed the connection");
        }
        let (head, body) = self.read.split_at(head);
        let head = std::str::from_utf8(head).expect("headers are text");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head, body }
    }
}

/// Where the body begins and how long it is, once the headers are there.
fn measured(read: &[u8]) -> Option<(usize, usize)> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let name = b"content-length: ";
    let Some(at) = read[..end].windows(name.len()).position(|window| window == name) else { return Some((end, 0)) };
    let digits = read[at + name.len()..end].iter().take_while(|byte| byte.is_ascii_digit());
    Some((end, digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'))))
}

/// What one connection does over and over.
pub trait Work: Send + 'static {
    /// Writes the next request; `false` when there is nothing left to ask.
    fn next(&mut self, request: &mut Vec<u8>) -> bool;
    /// Takes the answer; whether it completes what is counted.
    fn took(&mut self, answer: &Answer<'_>) -> bool;
}

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub struct Ran {
    /// How many a second.
    pub rate: f64,
    /// How many.
    pub count: u32,
    /// The share of its time for which the process that asks was busy: near one, it was the limit itself.
    pub busy: f64,
}

/// What several turns of a run came to, and what they cost the server.
#[derive(Debug, Default)]
pub struct Sum {
    count: f64,
    seconds: f64,
    /// Seconds of the server's processor, and of that of the process that asks.
    cpu: f64,
    busy: f64,
}

impl Sum {
    /// Adds a turn, and the seconds of the processor that the server used meanwhile.
    pub fn add(&mut self, ran: Ran, cpu: f64) {
        let seconds = f64::from(ran.count) / ran.rate.max(f64::MIN_POSITIVE);
        self.join(&Self { count: f64::from(ran.count), seconds, cpu, busy: ran.busy * seconds });
    }

    /// Adds what other turns came to.
    pub fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.seconds += other.seconds;
        self.cpu += other.cpu;
        self.busy += other.busy;
    }

    /// How many a second.
    pub fn rate(&self) -> f64 {
        self.count / self.seconds
    }

    /// Says what it came to, and what one answer cost of the processor, which a busy machine blurs less than answers a second.
    pub fn tell(&self, what: &str) {
        let (each, busy) = (self.cpu / self.count.max(1.0) * 1e6, self.busy / self.seconds * 100.0);
        eprintln!("  {what}: {:.0}/s, {each:.1} µs of the processor each; the asking core {busy:.0} % busy", self.rate());
    }
}

/// Lets every work ask over its own connection for this long, or until it has nothing left.
pub async fn run<W: Work>(address: SocketAddr, works: Vec<W>, span: Duration) -> (Ran, Vec<W>) {
    let mut connections = Vec::new();
    for work in works {
        connections.push((Connection::to(address).await, work));
    }
    let (began, busy) = (Instant::now(), processor_time("self"));
    let until = began + span;
    let tasks: Vec<_> = connections.into_iter().map(|(connection, work)| tokio::spawn(ask_on(connection, work, until))).collect();
    let (mut count, mut ended, mut works) = (0_u32, began, Vec::new());
    for task in tasks {
        let (asked, last, work) = task.await.expect("no task panics");
        count += asked;
        ended = ended.max(last);
        works.push(work);
    }
    let took = (ended - began).as_secs_f64();
    (Ran { rate: f64::from(count) / took, count, busy: processor_time("self").saturating_sub(busy).as_secs_f64() / took }, works)
}

async fn ask_on<W: Work>(mut connection: Connection, mut work: W, until: Instant) -> (u32, Instant, W) {
    let (mut count, mut request, mut last) = (0, Vec::with_capacity(4096), Instant::now());
    while last < until {
        request.clear();
        if !work.next(&mut request) {
            break;
        }
        count += u32::from(work.took(&connection.ask(&request).await));
        last = Instant::now();
    }
    (count, last, work)
}
