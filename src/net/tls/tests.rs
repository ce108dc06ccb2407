//! Certificates as operators have them: right, another's, too old, too new, broken.

use super::{Certificate, read};
use crate::config::Tls;
use poterne_idp::Timestamp;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: &str = include_str!("../../../tests/support/tls/first.pem");
const FIRST_KEY: &str = include_str!("../../../tests/support/tls/first.key.pem");
const SECOND: &str = include_str!("../../../tests/support/tls/second.pem");
const SECOND_KEY: &str = include_str!("../../../tests/support/tls/second.key.pem");

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("poterne-tls-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self, certificate: &str, key: &str) -> Tls {
        let files = Tls { certificate_file: self.0.join("cert.pem"), key_file: self.0.join("key.pem") };
        std::fs::write(&files.certificate_file, certificate).unwrap();
        std::fs::write(&files.key_file, key).unwrap();
        std::fs::set_permissions(&files.key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The first moment of a year.
fn year(year: i64) -> Timestamp {
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    Timestamp::from_secs(((year - 1970) * 365 + leaps(year - 1) - leaps(1969)) * 86_400)
}

#[test]
fn a_certificate_that_cannot_serve_is_refused_in_words() {
    let folder = Folder::new();
    let told =
        |certificate: &str, key: &str, now: i64| read(&folder.files(certificate, key), year(now)).err().unwrap_or_default();
    assert_eq!(told(FIRST, FIRST_KEY, 2026), "");
    for (mistake, words) in [
        (told(FIRST, SECOND_KEY, 2026), "not the key of the certificate"),
        (told(FIRST, FIRST_KEY, 2024), "valid from 2025-01-01"),
        (told(FIRST, FIRST_KEY, 2095), "ended on 2095-01-01"),
        (told("", FIRST_KEY, 2026), "there is no certificate in it"),
        (told(FIRST_KEY, FIRST_KEY, 2026), "there is no certificate in it"),
        (told(FIRST, "", 2026), "there is no private key in it"),
        (told(&FIRST.replace("MII", "!!!"), FIRST_KEY, 2026), "certificate_file"),
    ] {
        assert!(mistake.contains(words), "{words}: {mistake}");
        assert!(mistake.contains(".pem"), "it names the file: {mistake}");
    }
    let files = folder.files(FIRST, FIRST_KEY);
    std::fs::set_permissions(&files.key_file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(read(&files, year(2026)).err().unwrap_or_default().contains("chmod 600"));
    assert!(read(&Tls { key_file: folder.0.join("none"), ..files }, year(2026)).is_err());
}

#[test]
fn the_days_left_are_counted() {
    let folder = Folder::new();
    let read = read(&folder.files(FIRST, FIRST_KEY), year(2026)).ok().unwrap();
    // The first stands there in two digits of the year, the second, after 2049, in four.
    assert_eq!((read.validity.from, read.validity.until), (year(2025), year(2095)));
    assert_eq!(read.validity.days_left(year(2094)), 365);
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_and_a_broken_one_changes_nothing() {
    let folder = Folder::new();
    let (certificate, watching) = Certificate::open(folder.files(FIRST, FIRST_KEY)).unwrap();
    drop(watching);
    let known = (FIRST.as_bytes().to_vec(), FIRST_KEY.to_owned());
    assert!(certificate.again(&known).unwrap().is_none());
    folder.files(SECOND, FIRST_KEY);
    assert!(certificate.again(&known).unwrap_err().contains("not the key"));
    assert_eq!(certificate.until(), year(2095));
    folder.files(SECOND, SECOND_KEY);
    let known = certificate.again(&known).unwrap().unwrap();
    assert_eq!(certificate.until(), year(2098));
    folder.files("", "");
    assert!(certificate.again(&known).is_err());
    assert_eq!(certificate.until(), year(2098));
}
