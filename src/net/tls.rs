//! TLS ended in this process: a certificate and its key from two files, looked at again without a restart.

#[cfg(test)]
mod tests;
mod validity;

use crate::config::{Config, Tls};
use crate::private_file;
use poterne_idp::{Clock, Timestamp};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error, InconsistentKeys, ServerConfig};
use validity::Validity;

/// How often the files are looked at; SIGHUP has them looked at now.
const LOOK: Duration = Duration::from_secs(30);
/// From so many days before its end on, the log tells of a certificate.
pub const SOON: i64 = 14;

/// What stands in the two files, checked.
struct Read {
    /// Both files as they are, to know when they change.
    texts: (Vec<u8>, String),
    key: Arc<CertifiedKey>,
    validity: Validity,
}

/// The certificate in use. Cheap to clone.
#[derive(Clone)]
pub struct Certificate {
    files: Tls,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
}

#[derive(Debug)]
struct Current(RwLock<(Arc<CertifiedKey>, Validity)>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).0.clone())
    }
}

/// Whole days until the certificate that the settings name ends; nothing where TLS ends elsewhere.
///
/// # Errors
/// In words, with what to do: a file cannot be read or is none, the key is another's, the certificate is not valid now.
pub fn look(config: &Config) -> Result<Option<i64>, String> {
    let Some(files) = &config.listen.tls else { return Ok(None) };
    let now = Clock::System.now();
    Ok(Some(read(files, now)?.validity.days_left(now)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn read(files: &Tls, now: Timestamp) -> Result<Read, String> {
    let (certificate, key) = (&files.certificate_file, &files.key_file);
    let in_certificate = |what: &str| format!("listen.tls.certificate_file {}: {what}", certificate.display());
    let in_key = |what: &str| format!("listen.tls.key_file {}: {what}", key.display());
    let texts = texts(certificate, key)?;
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&texts.0).collect();
    let chain = chain.map_err(|_| in_certificate("it is no PEM file"))?;
    let first = chain.first().ok_or_else(|| in_certificate("there is no certificate in it (PEM, the server's own first)"))?;
    let validity = Validity::of(first.as_ref()).ok_or_else(|| in_certificate("its first certificate cannot be read"))?;
    let opened = PrivateKeyDer::from_pem_slice(texts.1.as_bytes());
    let opened = opened.map_err(|_| in_key("there is no private key in it (PEM, without a passphrase)"))?;
    let both = CertifiedKey::from_der(chain, opened, &provider()).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => in_key("it is not the key of the certificate's first entry"),
        other => in_key(&format!("it cannot be used: {other}")),
    })?;
    if now < validity.from {
        return Err(in_certificate(&format!("it is valid from {} on only", validity.from.to_rfc3339())));
    }
    if validity.until <= now {
        return Err(in_certificate(&format!("it ended on {}: have a new one issued", validity.until.to_rfc3339())));
    }
    Ok(Read { texts, key: Arc::new(both), validity })
}

fn texts(certificate: &Path, key: &Path) -> Result<(Vec<u8>, String), String> {
    let chain =
        std::fs::read(certificate).map_err(|error| format!("listen.tls.certificate_file {}: {error}", certificate.display()))?;
    let key = private_file::read(key).map_err(|mistake| format!("listen.tls.key_file: {mistake}"))?;
    Ok((chain, key))
}

impl Certificate {
    /// Reads and checks the files.
    ///
    /// # Errors
    /// As [`look`].
    pub fn open(files: Tls) -> Result<(Self, impl Future<Output = ()>), String> {
        let now = Clock::System.now();
        let Read { texts, key, validity } = read(&files, now)?;
        let current = Arc::new(Current(RwLock::new((key, validity))));
        let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13, &TLS12]);
        let mut server =
            builder.map_err(|error| format!("listen.tls: {error}"))?.with_no_client_auth().with_cert_resolver(current.clone());
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let certificate = Self { files, current, acceptor: TlsAcceptor::from(Arc::new(server)) };
        certificate.tell(now);
        let kept = certificate.clone();
        Ok((certificate, async move { kept.watch(texts).await }))
    }

    /// For connections to come.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// When the certificate in use ends.
    pub fn until(&self) -> Timestamp {
        self.current.0.read().unwrap_or_else(PoisonError::into_inner).1.until
    }

    fn tell(&self, now: Timestamp) {
        let (until, days) =
            (self.until().to_rfc3339(), self.current.0.read().unwrap_or_else(PoisonError::into_inner).1.days_left(now));
        if days < SOON {
            tracing::warn!(until, days, "the TLS certificate ends soon");
        } else {
            tracing::info!(until, days, "TLS certificate");
        }
    }

    /// Looks at the files again and again, for as long as it is let. What is broken changes nothing and is told of once.
    async fn watch(self, mut known: (Vec<u8>, String)) {
        let hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        let mut hangup = match hangup {
            Ok(hangup) => hangup,
            Err(error) => return tracing::error!(%error, "the certificate will not be looked at again"),
        };
        let mut complaint = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = hangup.recv() => {}
            }
            match self.again(&known) {
                Ok(None) => complaint = None,
                Ok(Some(texts)) => {
                    (known, complaint) = (texts, None);
                    self.tell(Clock::System.now());
                }
                Err(mistake) => {
                    if complaint.as_ref() != Some(&mistake) {
                        tracing::error!("{mistake}; the certificate in use stays");
                    }
                    complaint = Some(mistake);
                }
            }
        }
    }

    /// The files' texts, where they differ and are taken into use.
    fn again(&self, known: &(Vec<u8>, String)) -> Result<Option<(Vec<u8>, String)>, String> {
        if texts(&self.files.certificate_file, &self.files.key_file)? == *known {
            return Ok(None);
        }
        let Read { texts, key, validity } = read(&self.files, Clock::System.now())?;
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = (key, validity);
        Ok(Some(texts))
    }
}
