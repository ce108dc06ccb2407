//! What lies on this machine or behind the database: settings, master key, tables, clock, disk, signing keys.

use super::{LIMIT, Line, SKEW, Seen, in_time};
use crate::config::Config;
use crate::data::words;
use crate::net::tls;
use crate::provider;
use poterne_idp::manage::Manage;
use poterne_idp::{
    Clock, DatabaseUrl, Db, Failure, Idp, Population, RealmDocument, SchemaState, SecondFactor, Sender, issuer_mistakes,
};
use std::path::Path;
use std::time::Duration;

/// Free space below which a database soon stops.
const LITTLE: u64 = 200 << 20;
/// Free space that wants a look.
const SOME: u64 = 2 << 30;
/// How late a rotation of keys may be: the worker looks every minute.
const LATE: Duration = Duration::from_secs(60 * 60);

/// The provider, as far as it could be opened.
pub(super) struct Opened {
    pub(super) db: Db,
    pub(super) manage: Manage,
    pub(super) realms: Vec<RealmSeen>,
}

/// What other looks need of a realm.
#[derive(Clone)]
pub(super) struct RealmSeen {
    pub(super) slug: String,
    pub(super) issuer: String,
    pub(super) sender: SenderSeen,
    /// The populations whose people sign in with a password alone.
    pub(super) password_alone: Vec<String>,
    /// Those whose accounts may be made without a letter.
    pub(super) by_command: Vec<String>,
}

/// Who signs a test message.
#[derive(Clone)]
pub(super) struct SenderSeen {
    pub(super) name: String,
    pub(super) sender: Sender,
}

pub(super) fn address(config: &Config, named: &str) -> Line {
    match issuer_mistakes(&config.public_url).into_iter().next() {
        None => Line::ok("config", named),
        Some(mistake) => Line::failed("config", mistake.replacen("issuer", "public_url", 1), "correct public_url"),
    }
}

pub(super) fn master_key(config: &Config) -> Line {
    match provider::master_key(config) {
        Ok(_) => Line::ok("master key", "readable by its owner alone"),
        Err(mistake) => Line::failed("master key", mistake, "put back the copy that is kept apart, mode 600"),
    }
}

/// Database, tables, and whether the master key opens what is in it.
pub(super) async fn database(config: &Config) -> (Vec<Line>, Option<Opened>) {
    let what = "database";
    let url = match config.database.url() {
        Ok(url) => url,
        Err(mistake) => return (vec![Line::failed(what, mistake, "correct [database]")], None),
    };
    if let DatabaseUrl::Sqlite(path) = &url
        && !path.is_file()
    {
        let says = format!("there is no file {}", path.display());
        return (vec![Line::failed(what, says, "poterne migrate makes it; poterne backup restore puts one back")], None);
    }
    let db = match opened(config.clone()).await {
        Ok(db) => db,
        Err(mistake) => return (vec![Line::failed(what, mistake, "is it started, are name and password right?")], None),
    };
    let kind = if db.file().is_some() { "SQLite" } else { "PostgreSQL" };
    let mut lines = vec![Line::ok(what, format!("{kind}, reachable"))];
    match in_time(db.schema_state()).await {
        Ok(Ok(SchemaState::Current)) => lines.push(Line::ok("migrations", "current")),
        Ok(Ok(SchemaState::Behind(names))) => {
            lines.push(Line::failed("migrations", format!("missing: {}", names.join(", ")), "poterne migrate"));
            return (lines, None);
        }
        Ok(Ok(SchemaState::Ahead(names))) => {
            let says = format!("of a newer version: {}", names.join(", "));
            lines.push(Line::failed("migrations", says, "run the newer poterne, or restore a backup of this version"));
            return (lines, None);
        }
        Ok(Err(failure)) => lines.push(Line::failed("migrations", words(failure), "poterne migrate --status")),
        Err(late) => lines.push(Line::failed("migrations", late, "is the database overloaded?")),
    }
    let (line, opened) = provider_on(config, db).await;
    lines.extend(line);
    (lines, opened)
}

/// Opened on a thread of its own: a server that does not answer must not hold up the end of the program.
async fn opened(config: Config) -> Result<Db, String> {
    let (reply, answer) = tokio::sync::oneshot::channel();
    // Nobody waits any more when the answer comes too late.
    std::thread::spawn(move || drop(reply.send(provider::database(&config))));
    in_time(answer).await?.map_err(|error| error.to_string())?
}

async fn provider_on(config: &Config, db: Db) -> (Option<Line>, Option<Opened>) {
    let what = "realms";
    // Each of these has its own line already.
    let Ok(master) = provider::master_key(config) else { return (None, None) };
    if !issuer_mistakes(&config.public_url).is_empty() {
        return (None, None);
    }
    let manage = match in_time(Idp::builder(config.public_url.clone(), master).build(db.clone())).await {
        Ok(Ok(idp)) => idp.manage(),
        Ok(Err(Failure::Sealed(_))) => {
            let advice = "name the master key that this database was made with: master_key.key_file";
            return (Some(Line::failed("master key", "does not open this database", advice)), None);
        }
        Ok(Err(failure)) => return (Some(Line::failed(what, words(failure), "see the line above, then ask again")), None),
        Err(late) => return (Some(Line::failed(what, late, "is the database overloaded?")), None),
    };
    let realms = match in_time(realms(&manage)).await {
        Ok(Ok(realms)) => realms,
        Ok(Err(why)) | Err(why) => return (Some(Line::failed(what, why, "is the database overloaded?")), None),
    };
    let line = if realms.is_empty() {
        Line::warn(what, "none yet", "poterne realm apply FUND.toml")
    } else {
        let slugs: Vec<&str> = realms.iter().map(|realm| realm.slug.as_str()).collect();
        Line::ok(what, format!("{}; the master key opens them", slugs.join(", ")))
    };
    (Some(line), Some(Opened { db, manage, realms }))
}

async fn realms(manage: &Manage) -> Result<Vec<RealmSeen>, String> {
    let mut found = Vec::new();
    for realm in manage.overview().await.map_err(words)? {
        let Some(document) = manage.document(&realm.slug).await.map_err(words)? else { continue };
        let keys = |which: fn(&Population) -> bool| {
            let found = document.populations.iter().filter(|population| which(population));
            found.map(|population| format!("{}: {}", document.slug, population.key)).collect()
        };
        let password_alone = keys(|population| population.second_factor == SecondFactor::None);
        let by_command = keys(|population| population.accounts_by_command);
        let RealmDocument { name, sender, .. } = document;
        let sender = SenderSeen { name, sender };
        found.push(RealmSeen { slug: realm.slug, issuer: realm.issuer, sender, password_alone, by_command });
    }
    Ok(found)
}

/// The exceptions for what is fetched, where there are any.
pub(super) fn outbound(config: &Config) -> Option<Line> {
    let what = "outbound";
    if let Err(mistake) = provider::outbound(config) {
        return Some(Line::failed(what, mistake, "correct [outbound] in the settings"));
    }
    match config.outbound.allow.len() {
        0 => None,
        count => Some(Line::ok(what, format!("{count} exceptions in outbound.allow reach what is not public"))),
    }
}

pub(super) async fn database_clock(db: &Db) -> Option<Seen> {
    let time = in_time(db.clock()).await.ok()?.ok()??;
    Some(Seen { whose: "the database".to_owned(), time, ours: Clock::System.now() })
}

pub(super) fn clock(seen: Option<Seen>) -> Line {
    let Some(Seen { whose, time, ours }) = seen else {
        let advice = "nobody here tells the time: see that timedatectl keeps it";
        return Line::warn("clock", format!("{} here", minute(&ours_now())), advice);
    };
    let apart = ours.since(time).max(time.since(ours));
    // Clocks of HTTP tell whole seconds.
    let says = format!("{} s apart from {whose}", apart.as_secs());
    if apart > SKEW {
        Line::failed("clock", says, "set the clock (timedatectl set-ntp true) here, or there")
    } else {
        Line::ok("clock", says)
    }
}

fn ours_now() -> String {
    Clock::System.now().to_rfc3339()
}

fn minute(rfc3339: &str) -> String {
    format!("{} UTC", rfc3339.chars().take(16).collect::<String>().replace('T', " "))
}

/// Free space where SQLite writes.
pub(super) fn disk(config: &Config) -> Option<Line> {
    let Ok(DatabaseUrl::Sqlite(path)) = config.database.url() else { return None };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let what = "disk";
    let Ok(stat) = rustix::fs::statvfs(folder) else {
        return Some(Line::warn(what, format!("{} cannot be asked", folder.display()), "look with df"));
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let says = format!("{} MiB free in {}", free >> 20, folder.display());
    let advice = "make room: writes stop when it is full";
    Some(match free {
        _ if free < LITTLE => Line::failed(what, says, advice),
        _ if free < SOME => Line::warn(what, says, advice),
        _ => Line::ok(what, says),
    })
}

/// The certificate, where TLS ends in the process.
pub(super) fn certificate(config: &Config) -> Option<Line> {
    let what = "certificate";
    match tls::look(config) {
        Ok(None) => None,
        Ok(Some(days)) if days < tls::SOON => Some(Line::warn(what, format!("it ends in {days} days"), "have a new one issued")),
        Ok(Some(days)) => Some(Line::ok(what, format!("valid for {days} days"))),
        Err(mistake) => Some(Line::failed(what, mistake, "poterne serve does not start without it")),
    }
}

/// Populations whose settings are weaker than they should be for people of a fund.
pub(super) fn weak(realms: &[RealmSeen]) -> Vec<Line> {
    let all = |of: fn(&RealmSeen) -> &Vec<String>| realms.iter().flat_map(of).cloned().collect::<Vec<_>>().join(", ");
    let (alone, by_command) = (all(|realm| &realm.password_alone), all(|realm| &realm.by_command));
    let mut lines = Vec::new();
    if !alone.is_empty() {
        let advice = "for a fund's people, name factors instead of second_factor = \"none\"";
        lines.push(Line::warn("factors", format!("{alone}: a password alone opens the account"), advice));
    }
    if !by_command.is_empty() {
        let advice = "for a fund's people, take accounts_by_command out of the document";
        lines.push(Line::warn("accounts", format!("{by_command}: commands make accounts without a letter"), advice));
    }
    lines
}

/// Whether every realm signs, and its keys rotate.
pub(super) async fn keys(opened: &Opened) -> Line {
    let what = "signing keys";
    let look = async {
        let unusable = opened.manage.keys_sign().await.map_err(words)?;
        let mut late = Vec::new();
        for realm in &opened.realms {
            let keys = opened.manage.signing_keys(&realm.slug).await.map_err(words)?;
            let due = Clock::System.now().minus(LATE).to_rfc3339();
            let is_late = keys.iter().any(|key| key.state == "current" && key.until.as_ref().is_some_and(|at| *at < due));
            if is_late || !keys.iter().any(|key| key.state == "next") {
                late.push(realm.slug.clone());
            }
        }
        Ok::<_, String>((unusable, late))
    };
    match in_time(look).await {
        Ok(Ok((unusable, _))) if !unusable.is_empty() => {
            let says: Vec<String> = unusable.into_iter().map(|realm| format!("{}: {}", realm.realm, realm.why)).collect();
            Line::failed(what, says.join("\n"), "poterne key rotate --now --realm R, while serve runs")
        }
        Ok(Ok((_, late))) if !late.is_empty() => {
            let says = format!("{}: the next keys are late", late.join(", "));
            Line::warn(what, says, "poterne serve rotates them: does it run?")
        }
        Ok(Ok(_)) => Line::ok(what, "they sign, and the next ones are published"),
        Ok(Err(why)) | Err(why) => Line::failed(what, why, format!("look again; each look ends after {} s", LIMIT.as_secs())),
    }
}
