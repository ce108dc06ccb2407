//! A mail server and an SMS gateway as small as can be, which misbehave as they are told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// Longer than any test waits.
const FOREVER: Duration = Duration::from_secs(600);
const GREETING: &str = "220 mail.test\r\n";
const CAN: &str = "250-mail.test\r\n250 8BITMIME\r\n";
const CAN_BEGIN_TLS: &str = "250-mail.test\r\n250 STARTTLS\r\n";

/// What a gateway does with the next connection (mail) or request (SMS). Without an order it takes the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Takes the message.
    Take,
    /// Takes it, and says so twice.
    TakeTwice,
    /// Says nothing at all.
    Stall,
    /// Takes the message and never says so.
    StallAfter,
    /// Takes the message and closes the connection without an answer.
    CutAfter,
    /// Answers this where the message should be taken: a line of SMTP, or a status line with headers of HTTP.
    Say(&'static str),
    /// Answers this to the recipient (SMTP).
    SayToRecipient(&'static str),
    /// An answer that never ends.
    Endless,
}

/// What a played gateway saw, and what it is to do.
#[derive(Clone, Default)]
pub struct Played {
    orders: Arc<Mutex<VecDeque<Order>>>,
    taken: Arc<Mutex<Vec<String>>>,
    /// How many connections (mail) or requests (SMS) came.
    asked: Arc<Mutex<u32>>,
}

impl Played {
    /// A gateway that begins with these orders.
    pub fn told(orders: &[Order]) -> Self {
        let played = Self::default();
        played.tell(orders);
        played
    }

    /// More orders.
    pub fn tell(&self, orders: &[Order]) {
        self.orders.lock().expect("no panic").extend(orders.iter().cloned());
    }

    /// The messages that were taken, whether or not it was said.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("no panic").clone()
    }

    /// How often it was asked.
    pub fn asked(&self) -> u32 {
        *self.asked.lock().expect("no panic")
    }

    fn next(&self) -> Order {
        *self.asked.lock().expect("no panic") += 1;
        self.orders.lock().expect("no panic").pop_front().unwrap_or(Order::Take)
    }

    fn take(&self, message: String) {
        self.taken.lock().expect("no panic").push(message);
    }
}

/// How a played mail server protects its connections.
#[derive(Clone)]
pub enum Protection {
    /// Not at all.
    None,
    /// By STARTTLS.
    Starttls(TlsAcceptor),
    /// From the first byte.
    Tls(TlsAcceptor),
}

/// Begins a mail server (RFC 5321, the least of it): its port.
pub async fn mail_server(played: Played, protection: Protection) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (played, protection) = (played.clone(), protection.clone());
            tokio::spawn(async move {
                let order = played.next();
                // What breaks off is what the test is about.
                match protection {
                    Protection::Tls(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            drop(take_mails(stream, &played, &order, GREETING, CAN).await);
                        }
                    }
                    Protection::None => drop(take_mails(stream, &played, &order, GREETING, CAN).await),
                    Protection::Starttls(tls) => {
                        if let Ok(Some(stream)) = take_mails(stream, &played, &order, GREETING, CAN_BEGIN_TLS).await
                            && let Ok(stream) = tls.accept(stream).await
                        {
                            // The greeting is not said again (RFC 3207 section 4.2).
                            drop(take_mails(stream, &played, &order, "", CAN).await);
                        }
                    }
                }
            });
        }
    });
    port
}

/// Speaks SMTP until the end, or until TLS shall begin: then the stream.
async fn take_mails<S>(stream: S, played: &Played, order: &Order, greeting: &str, can: &str) -> std::io::Result<Option<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    if *order == Order::Stall {
        tokio::time::sleep(FOREVER).await;
    }
    stream.write_all(greeting.as_bytes()).await?;
    let (mut mail, mut line) = (None::<String>, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let said = line.trim_end();
        let answer = match &mut mail {
            Some(text) if said == "." => {
                let text = std::mem::take(text);
                mail = None;
                if !matches!(order, Order::Say(_)) {
                    played.take(text);
                }
                match order {
                    Order::TakeTwice => "250 taken\r\n250 taken\r\n",
                    Order::StallAfter => {
                        tokio::time::sleep(FOREVER).await;
                        return Ok(None);
                    }
                    Order::CutAfter => return Ok(None),
                    Order::Say(words) => words,
                    Order::Endless => loop {
                        stream.write_all(b"250-and more\r\n").await?;
                    },
                    _ => "250 taken\r\n",
                }
            }
            Some(text) => {
                text.push_str(&line);
                continue;
            }
            None if said == "DATA" => {
                mail = Some(String::new());
                "354 go on\r\n"
            }
            None if said == "STARTTLS" => {
                stream.write_all(b"220 go on\r\n").await?;
                return Ok(Some(stream.into_inner()));
            }
            None if said.starts_with("EHLO") => can,
            None => match order {
                Order::SayToRecipient(words) if said.starts_with("RCPT") => words,
                _ if said == "QUIT" => "221 bye\r\n",
                _ => "250 ok\r\n",
            },
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// Begins an SMS gateway that takes one request for each connection, whole heads and bodies kept: its port.
pub async fn sms_gateway(played: Played) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let played = played.clone();
            tokio::spawn(async move { drop(take_texts(stream, &played).await) });
        }
    });
    port
}

async fn take_texts<S: AsyncRead + AsyncWrite + Unpin>(stream: S, played: &Played) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = request(&mut stream).await? {
        let order = played.next();
        if !matches!(order, Order::Stall | Order::Say(_)) {
            played.take(request);
        }
        let taken = "HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\n{\"state\":\"queued\"}";
        match order {
            Order::Stall | Order::StallAfter => tokio::time::sleep(FOREVER).await,
            Order::CutAfter => return Ok(()),
            Order::TakeTwice => stream.write_all(taken.repeat(2).as_bytes()).await?,
            Order::Say(words) => {
                stream.write_all(words.as_bytes()).await?;
                return Ok(());
            }
            Order::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                loop {
                    stream.write_all(&[b' '; 4096]).await?;
                }
            }
            Order::Take | Order::SayToRecipient(_) => stream.write_all(taken.as_bytes()).await?,
        }
    }
    Ok(())
}

/// One request: its head in small letters, and its body.
async fn request<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Option<String>> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line.trim_end().is_empty() {
            break;
        }
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(head + "\n" + &String::from_utf8_lossy(&body)))
}

/// An authority of its own with certificates that it signs.
pub struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    /// Its own certificate.
    pub pem: String,
}

impl Authority {
    /// A fresh one.
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Authority of a test");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: rcgen::Issuer::new(params, key), pem }
    }

    /// A server with a certificate for this name, good until the end of this year.
    pub fn server(&self, name: &str, until: i32) -> TlsAcceptor {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("a key");
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let config = config.with_no_client_auth().with_single_cert(chain, key).expect("a key that fits");
        TlsAcceptor::from(Arc::new(config))
    }
}
