//! Serving until told to stop: one loop for plain connections and for TLS, which cuts whoever takes too long and lets nobody take
//! all the room.

mod patience;
pub mod tls;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use patience::Patient;
use poterne_idp::Idp;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tls::Certificate;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Service;

/// How long a client may take for the head of a request, or be silent between two; and for its part of beginning TLS.
const HEAD: Duration = Duration::from_secs(10);
/// How long a client may refuse to take the next bytes of an answer.
const STALL: Duration = Duration::from_secs(30);
/// Bytes of a request's head at most.
const HEAD_BYTES: usize = 64 * 1024;
/// How long to rest when no connection can be accepted, as when no file descriptor is free.
const REST: Duration = Duration::from_millis(100);
/// Connections that the system may have queued.
const QUEUED: usize = 1_024;
/// How long a connection goes on when it is told to end.
const ON_ITS_WAY: Duration = Duration::from_millis(50);
/// Connections of a listener at once, unless the settings say otherwise.
pub const MOST: usize = 10_000;

/// What answers requests.
pub trait Answer: Clone + Send + Sync + 'static {
    /// Answers one.
    fn answer(&self, request: Request) -> impl Future<Output = Response> + Send;
}

impl Answer for Router {
    async fn answer(&self, request: Request) -> Response {
        self.clone().call(request).await.unwrap_or_else(|never| match never {})
    }
}

impl Answer for Idp {
    async fn answer(&self, request: Request) -> Response {
        Self::answer(self, request).await
    }
}

/// Notes something on a request, by where it comes from, before it is answered.
pub type Note = Arc<dyn Fn(SocketAddr, &mut Request) + Send + Sync>;

/// A listener and how it is served.
pub struct Door {
    listener: TcpListener,
    certificate: Option<Certificate>,
    note: Option<Note>,
    most: u32,
    open: Open,
}

/// How many connections are open.
#[derive(Debug, Clone, Default)]
pub struct Open(Arc<AtomicUsize>);

impl Open {
    /// Now.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A connection, as long as it is open.
struct Place {
    open: Open,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Door {
    /// A listener without TLS.
    pub fn plain(listener: TcpListener) -> Self {
        Self { listener, certificate: None, note: None, most: u32::try_from(MOST).unwrap_or(u32::MAX), open: Open::default() }
    }

    /// The same with TLS, where there is a certificate.
    pub fn with_tls(self, certificate: Option<Certificate>) -> Self {
        Self { certificate, ..self }
    }

    /// The same, and this is noted on each request.
    pub fn noting(self, note: impl Fn(SocketAddr, &mut Request) + Send + Sync + 'static) -> Self {
        Self { note: Some(Arc::new(note)), ..self }
    }

    /// The same with so many connections at most.
    pub fn at_most(self, most: usize) -> Self {
        Self { most: u32::try_from(most).unwrap_or(u32::MAX).max(1), ..self }
    }

    /// How many connections are open.
    pub fn open(&self) -> Open {
        self.open.clone()
    }
}

/// Serves an application at all doors until `stop` turns true; requests under way are finished.
///
/// # Errors
/// In words: which part broke off.
#[cfg(feature = "demo")]
pub async fn serve_all(doors: Vec<Door>, pages: impl Answer, stop: watch::Receiver<bool>) -> Result<(), String> {
    let mut servers = tokio::task::JoinSet::new();
    for door in doors {
        servers.spawn(serve(door, pages.clone(), stop.clone()));
    }
    while let Some(ended) = servers.join_next().await {
        ended.map_err(|error| error.to_string())??;
    }
    Ok(())
}

/// Serves an application until `stop` turns true, then finishes the requests under way.
///
/// # Errors
/// In words; as it is, it ends well.
pub async fn serve(door: Door, pages: impl Answer, mut stop: watch::Receiver<bool>) -> Result<(), String> {
    let Door { listener, certificate, note, most, open } = door;
    // A semaphore has its own limit, far above any machine's.
    let most = most.min(u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX));
    let permits = Arc::new(Semaphore::new(most as usize));
    let told = stop.clone();
    let welcome = |(stream, peer), permit| {
        open.0.fetch_add(1, Ordering::Relaxed);
        let place = Place { open: open.clone(), _permit: permit };
        let answers = Answers { peer, note: note.clone(), pages: pages.clone() };
        tokio::spawn(connection(stream, certificate.clone(), answers, told.clone(), place));
    };
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok(accepted) => welcome(accepted, permit),
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
    // Who stands in the queue by now came before the door was closed.
    for _ in 0..QUEUED {
        let next = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        let (Ok(Ok(accepted)), Ok(permit)) = (next, permits.clone().try_acquire_owned()) else { break };
        welcome(accepted, permit);
    }
    drop(listener);
    // All places are free when every connection has ended; the semaphore is never closed.
    drop(permits.acquire_many(most).await);
    Ok(())
}

/// What answers the requests of a connection.
struct Answers<A> {
    peer: SocketAddr,
    note: Option<Note>,
    pages: A,
}

async fn connection(
    stream: TcpStream,
    certificate: Option<Certificate>,
    answers: Answers<impl Answer>,
    stop: watch::Receiver<bool>,
    place: Place,
) {
    // An answer is written whole: waiting for more to send with it only delays it. Failing at that costs time, nothing else.
    drop(stream.set_nodelay(true));
    match certificate {
        None => http(Patient::new(stream, STALL), answers, stop).await,
        Some(certificate) => match tokio::time::timeout(HEAD, certificate.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => http(Patient::new(stream, STALL), answers, stop).await,
            Ok(Err(error)) => tracing::debug!(%error, "TLS did not begin"),
            Err(_) => tracing::debug!("TLS did not begin in time"),
        },
    }
    drop(place);
}

async fn http<S, A>(stream: S, answers: Answers<A>, stop: watch::Receiver<bool>)
where
    A: Answer,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        if let Some(note) = &answers.note {
            note(answers.peer, &mut request);
        }
        let pages = answers.pages.clone();
        async move { Ok::<_, Infallible>(pages.answer(request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let told = async {
        stopped(stop).await;
        // What was sent before the client could know is read first.
        tokio::time::sleep(ON_ITS_WAY).await;
    };
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = told => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Waits for the signal to stop, or for a part that ends before.
///
/// # Errors
/// In words: why a part failed.
pub async fn told_to_stop(running: &mut tokio::task::JoinSet<Result<(), String>>) -> Result<(), String> {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(|error| error.to_string())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        _ = terminate.recv() => Ok(()),
        Some(ended) = running.join_next() => ended.map_err(|error| error.to_string())?,
    }
}

/// Takes the signal that the kernel sends with a write beyond the largest file allowed, so that the write fails and not the program.
///
/// # Errors
/// In words: the signal cannot be taken.
pub fn outlive_full_files() -> Result<(), String> {
    /// SIGXFSZ: the same number on Linux and macOS.
    const FILE_TOO_LARGE: i32 = 25;
    let kind = tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE);
    // Once a handler is there it stays, whether or not anybody listens.
    tokio::signal::unix::signal(kind).map(drop).map_err(|error| error.to_string())
}

/// Done when `stop` turns true, or whoever could turn it is gone.
pub async fn stopped(mut stop: watch::Receiver<bool>) {
    // The error means that the sender is gone, which also means stop.
    drop(stop.wait_for(|stop| *stop).await);
}
