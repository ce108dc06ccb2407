//! A connection from which no more is read than an honest server says: an answer without end would otherwise be read for ever.

use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that a server may say while it takes one mail, certificates included.
const MOST: usize = 32 * 1024;
/// Ends of lines in them. The reader goes over an answer again with each of its lines; in what TLS hides one byte of 256 looks like one.
const LINES: usize = 250;

/// A connection with a measure.
#[derive(Debug)]
pub struct Bounded {
    stream: TcpStream,
    bytes: usize,
    lines: usize,
}

impl Bounded {
    /// Nothing has been read yet.
    pub const fn new(stream: TcpStream) -> Self {
        Self { stream, bytes: 0, lines: 0 }
    }
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.bytes > MOST || self.lines > LINES {
            return Poll::Ready(Err(io::Error::other("the server says more than it should")));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let said = buffer.filled().get(before..).unwrap_or_default();
        self.bytes += said.len();
        self.lines += said.split(|byte| *byte == b'\n').count().saturating_sub(1);
        read
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Bounded {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
