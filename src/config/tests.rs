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

/// The settings of this file, in a place of their own: other tests set variables meanwhile.
fn loaded(text: &str) -> Result<super::Config, String> {
    let mut found = Err("not read".to_owned());
    #[expect(clippy::result_large_err, reason = "the shape that the jail wants")]
    Jail::expect_with(|jail| {
        jail.create_file("poterne.toml", text)?;
        found = load(layers::resolve(None).as_deref());
        Ok(())
    });
    found
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

/// What stands after `text` in place of a secret that is of the wrong type or breaks the file.
const HEAD: &str = "public_url = \"https://id.example.ch\"\n[database]\nurl = \"sqlite:/x\"\n[master_key]\nkey_file = \"/x\"\n";

#[test]
fn no_mistake_in_the_file_tells_a_secret() {
    for broken in [
        "[mail]\nhost = \"m\"\npassword = 4711471147",
        "[mail]\nhost = \"m\"\npassword = [\"4711471147\"]",
        "[mail]\nhost = \"m\"\npassword = \"4711471147",
        "[mail]\nhost = \"m\"\npassword = 4711471147x",
        "[mail]\nhost = \"m\"\npassword = { x = \"4711471147\" }",
        "[mail]\nhost = \"m\"\npassword_file = 4711471147",
        "[mail]\nhost = \"m\"\npassword = \"a\"\npassword = \"4711471147\"",
        "[mail]\npassword = \"a\" \"4711471147\"",
        "mail = \"4711471147\"",
        "[sms]\nurl = 4711471147\nbody = \"{to}{text}\"",
        "[sms]\nurl = \"https://x.example/\"\nbody = 4711471147",
        "[sms]\nurl = \"https://x.example/\"\nbody = \"\"\nheaders = { authorization = 4711471147 }",
        "[sms]\nurl = \"https://x.example/\"\nbody = \"\"\nheaders = \"4711471147\"",
        "[sms]\nurl = \"https://x.example/\"\nbody = \"\"\nsecret = 4711471147",
    ] {
        let mistake = loaded(&format!("{HEAD}{broken}\n")).unwrap_err();
        assert!(!mistake.contains("4711471147") || broken.contains("password_file"), "{broken}: {mistake}");
        assert!(mistake.contains(".toml"), "it names the file: {mistake}");
    }
    let mistake = loaded(&format!("{HEAD}[mail]\nhost = \"m\"\npassword = \"x")).unwrap_err();
    assert!(mistake.contains("line 8"), "{mistake}");
    let mistake = loaded(&HEAD.replace("\"sqlite:/x\"", "4711471147")).unwrap_err();
    assert!(mistake.contains("database.url: wanted") && !mistake.contains("4711471147"), "{mistake}");
}

#[expect(clippy::result_large_err, reason = "the shape that the jail wants")]
fn with_variables(file: &str, variables: &[(&str, &str)], check: impl FnOnce(Result<super::Config, String>, std::path::PathBuf)) {
    Jail::expect_with(|jail| {
        jail.create_file("poterne.toml", file)?;
        jail.create_file("secret", "from the file\n")?;
        for (name, value) in variables {
            jail.set_env(name, value);
        }
        let file = layers::resolve(None).unwrap();
        check(load(Some(&file)), file);
        Ok(())
    });
}

#[test]
fn every_secret_can_stand_in_a_file_named_here_or_in_a_variable() {
    let sms = "[sms]\nurl = \"https://x.example/\"\nbody = \"{to}{text}\"\n";
    let named = format!("{HEAD}[mail]\nhost = \"m\"\npassword_file = \"secret\"\n{sms}secret_file = \"secret\"\n");
    let named = named.replace("url = \"sqlite:/x\"", "url_file = \"database\"");
    let check = |config: Result<super::Config, String>, _| {
        std::fs::write("database", "sqlite:/somewhere\n").unwrap();
        let config = config.unwrap();
        assert_eq!(config.mail.unwrap().password().unwrap().as_deref(), Some("from the file"));
        assert_eq!(config.sms.unwrap().secret().unwrap().as_deref(), Some("from the file"));
        let poterne_idp::DatabaseUrl::Sqlite(path) = config.database.url().unwrap() else { panic!("another database") };
        assert_eq!(path.to_str(), Some("/somewhere"));
        assert!(config.master_key.read().unwrap_err().contains("master_key.key_file"));
    };
    with_variables(&named, &[], check);
    let bare = format!("public_url = \"https://id.example.ch\"\n[database]\n[master_key]\n[mail]\nhost = \"m\"\n{sms}");
    let variables = [
        ("POTERNE_MAIL__PASSWORD_FILE", "secret"),
        ("POTERNE_SMS__SECRET_FILE", "secret"),
        ("POTERNE_DATABASE__URL_FILE", "database"),
        ("POTERNE_MASTER_KEY__KEY_FILE", "/x"),
    ];
    with_variables(&bare, &variables, check);
    let both = [("POTERNE_MAIL__PASSWORD", "x"), ("POTERNE_MAIL__PASSWORD_FILE", "secret")];
    with_variables(&format!("{HEAD}[mail]\nhost = \"m\"\n"), &both, |config, _| {
        assert!(config.unwrap().mail.unwrap().password().unwrap_err().contains("both set"));
    });
}

#[test]
fn a_variable_is_text_where_text_is_wanted_and_is_named_when_it_is_wrong() {
    let text =
        [("POTERNE_MAIL__PASSWORD", "0012345"), ("POTERNE_MAIL__USER", "true"), ("POTERNE_PROXY__TRUSTED", "[10.0.0.0/8]")];
    with_variables(RIGHT, &text, |config, _| {
        let config = config.unwrap();
        assert_eq!(config.proxy.trusted.len(), 1);
        let mail = config.mail.unwrap();
        assert_eq!((mail.user.as_deref(), mail.password().unwrap().as_deref()), (Some("true"), Some("0012345")));
    });
    let proxies = [("POTERNE_PROXY__TRUSTED", "[\"10.0.0.5\", \"2001:db8::/32\"]")];
    with_variables(RIGHT, &proxies, |config, _| {
        assert_eq!(format!("{:?}", config.unwrap().proxy.trusted), "[10.0.0.5/32, 2001:db8::/32]");
    });
    for (name, value, words) in [
        ("POTERNE_PROXY__TRUSTED", "[\"proxy\"]", "proxy is neither an address nor a network"),
        ("POTERNE_MAIL_PASSWORD", "4711", "did you mean POTERNE_MAIL__PASSWORD?"),
        ("POTERNE_MAIL__PASWORD", "4711", "did you mean POTERNE_MAIL__PASSWORD?"),
        ("POTERNE_PUBIC_URL", "4711", "there is no setting POTERNE_PUBIC_URL; did you mean POTERNE_PUBLIC_URL?"),
        ("POTERNE_LISTEN__ADRESS", "4711", "did you mean POTERNE_LISTEN__ADDRESS?"),
        ("POTERNE_DATABASE_URL_FILE", "4711", "did you mean POTERNE_DATABASE__URL_FILE?"),
        ("POTERNE_LISTEN__ADDRESS", "nowhere", "POTERNE_LISTEN__ADDRESS"),
        ("POTERNE_HASHING", "many", "POTERNE_HASHING: hashing: wanted"),
    ] {
        with_variables(RIGHT, &[(name, value)], |config, _| {
            let mistake = config.unwrap_err();
            assert!(mistake.contains(words) && !mistake.contains("4711"), "{name}: {mistake}");
        });
    }
}

#[test]
fn what_a_gateways_url_headers_and_body_hold_is_not_shown() {
    let text = format!(
        "{RIGHT}\n[sms]\nurl = \"https://us3r:s3cret@sms.example:8443/send?token=s3cret#s3cret\"\nbody = \"key=s3cret&to={{to}}&text={{text}}\"\n\
         headers = {{ authorization = \"Bearer s3cret\", content-type = \"text/plain\" }}\n"
    );
    with_variables(&text, &[], |config, file| {
        let sms = config.unwrap().sms.unwrap();
        let debug = format!("{sms:?}");
        assert!(debug.contains("sms.example:8443/send") && !debug.contains("s3cret") && !debug.contains("us3r"), "{debug}");
        let shown = layers::origins(Some(&file)).unwrap();
        assert!(shown.iter().all(|origin| !origin.value.contains("s3cret") && !origin.value.contains("us3r")), "{shown:?}");
        let of = |key: &str| shown.iter().find(|origin| origin.key == key).unwrap().value.clone();
        assert_eq!(of("sms.url"), "https://•••@sms.example:8443/send?•••");
        assert_eq!(
            (of("sms.headers.authorization"), of("sms.headers.content-type")),
            ("•••".to_owned(), "text/plain".to_owned())
        );
    });
}

/// The names that the settings know below one of their parts, as they say when they are given another.
fn names_below(part: &str) -> Vec<String> {
    use figment::error::Kind;
    let wrong = if part.is_empty() { "zzz".to_owned() } else { format!("{part}.zzz") };
    let error = figment::Figment::from((wrong, 1)).extract::<super::Config>().unwrap_err();
    let Kind::UnknownField(_, known) = error.kind else { panic!("{part}: {error}") };
    known.iter().map(|name| if part.is_empty() { (*name).to_owned() } else { format!("{part}.{name}") }).collect()
}

#[test]
fn the_list_of_names_is_the_settings() {
    let (mut parts, mut settings) = (vec![String::new()], vec!["sms.headers.content-type".to_owned()]);
    while let Some(part) = parts.pop() {
        for name in names_below(&part) {
            let is_part =
                name != "sms.headers" && super::names::NAMES.iter().any(|(known, ..)| known.starts_with(&format!("{name}.")));
            if is_part { parts.push(name) } else { settings.push(name) }
        }
    }
    settings.sort();
    let listed: Vec<&str> = super::names::NAMES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(settings, listed, "src/config/names.rs and the settings differ");
}

#[test]
fn an_exception_for_fetches_is_a_host_with_its_port_or_a_network() {
    let config = loaded(&format!("{RIGHT}\n[outbound]\nallow = [\"portal.internal:8443\", \"10.20.0.0/16\"]")).unwrap();
    assert_eq!(config.outbound.allow.len(), 2);
    let mistake = loaded(&format!("{RIGHT}\n[outbound]\nallow = [\"portal.internal\"]")).unwrap_err();
    assert!(mistake.contains("outbound.allow") && mistake.contains("portal.internal is neither"), "{mistake}");
    let config = loaded(&format!("{RIGHT}\n[outbound]\ntrust_anchors = \"/no/such.pem\"")).unwrap();
    let mistake = crate::provider::outbound(&config).err().unwrap();
    assert!(mistake.contains("outbound.trust_anchors /no/such.pem"), "{mistake}");
}
