//! Settings as operators write and mistype them.

use super::{LogFormat, MailSecurity, layers, load};
use figment::Jail;

const RIGHT: &str = r#"
public_url = "https://id.example.ch"

[database]
url = "sqlite:/var/lib/poterne/poterne.sqlite"

[master_key]
key_file = "/etc/poterne/master.key"

[mail]
host = "mail.example.ch"
user = "poterne"
password = "geheim"
"#;

fn loaded(text: &str) -> Result<super::Config, String> {
    let folder = tempfile(text);
    load(Some(&folder))
}

/// A file of its own; the temporary folder is cleaned by whoever cleans it.
fn tempfile(text: &str) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("poterne-config-{}-{}.toml", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_short_file_is_enough() {
    let config = loaded(RIGHT).unwrap();
    assert_eq!(config.listen.address.to_string(), "127.0.0.1:8080");
    let mail = config.mail.unwrap();
    assert_eq!((mail.security, mail.password().unwrap().as_deref()), (MailSecurity::Starttls, Some("geheim")));
    assert!(!format!("{mail:?} {:?} {:?}", config.database, config.master_key).contains("geheim"));
    assert_eq!(config.log.format, LogFormat::Text);
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_known_one() {
    for (text, words) in [
        (RIGHT.replace("public_url", "pubic_url"), "did you mean public_url?"),
        (RIGHT.replace("host =", "hosts ="), "there is no setting mail.hosts; did you mean host?"),
        (RIGHT.replace("[mail]", "[mial]"), "did you mean mail?"),
        (RIGHT.replace("public_url = \"https://id.example.ch\"", ""), "public_url is missing"),
        (format!("{RIGHT}\nsecurity = \"ssl\""), "security"),
        ("public_url = ".to_owned(), "TOML"),
    ] {
        let mistake = loaded(&text).unwrap_err();
        assert!(mistake.contains(words), "{words}: {mistake}");
        assert!(!mistake.contains("geheim"), "{mistake}");
    }
}

#[test]
fn variables_are_stronger_than_the_file_and_secrets_are_not_shown() {
    #[expect(clippy::result_large_err, reason = "the shape that the jail wants")]
    Jail::expect_with(|jail| {
        jail.create_file("poterne.toml", RIGHT)?;
        jail.set_env("POTERNE_LISTEN__ADDRESS", "127.0.0.1:9999");
        jail.set_env("POTERNE_MAIL__HOST", "other.example.ch");
        let file = layers::resolve(None).unwrap();
        let config = load(Some(&file)).unwrap();
        assert_eq!(config.listen.address.port(), 9999);
        assert_eq!(config.mail.unwrap().host, "other.example.ch");
        let shown = layers::origins(Some(&file)).unwrap();
        let of = |key: &str| shown.iter().find(|origin| origin.key == key).unwrap().clone();
        assert!(of("mail.host").from.contains("environment"), "{:?}", of("mail.host"));
        assert!(of("mail.user").from.contains("poterne.toml"), "{:?}", of("mail.user"));
        assert_eq!((of("mail.password").value, of("database.url").value), ("•••".to_owned(), "•••".to_owned()));
        Ok(())
    });
}
