//! `poterne demo`: funds of invented people with their portals, on loopback, on SQLite, keeping its data between runs.

mod folder;
mod funds;
mod loopback;
mod outbox;
mod pages;
mod portals;
mod seed;

use crate::net;
use clap::Args;
use folder::Folder;
use poterne_idp::{DatabaseUrl, Db, Entropy, FolderSender, Idp, StoreSettings};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::sync::watch;

/// Options of `poterne demo`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne demo --data-dir /tmp/second --listen 127.0.0.1:9080 --json\n\n\
                        JSON, when it is ready: issuer, start, outbox (addresses), portals [{name, url}], funds [{slug, name, issuer, \
                        portals}]; portals and issuer are those of the first fund.")]
pub struct DemoArgs {
    /// Where the database, the keys and the outbox lie.
    #[arg(long, default_value = "var/demo")]
    data_dir: PathBuf,
    /// Where the provider listens; loopback only. Beside another port than 8080, the portals take free ports.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Prints one line of JSON when everything is ready, instead of words.
    #[arg(long)]
    json: bool,
}

/// What a script needs to know of a running demo.
#[derive(Serialize)]
struct Ready {
    issuer: String,
    start: String,
    outbox: String,
    portals: Vec<PortalAddress>,
    funds: Vec<FundAddress>,
}

/// A fund with its portals.
#[derive(Serialize, Clone)]
struct FundAddress {
    slug: String,
    name: String,
    issuer: String,
    portals: Vec<PortalAddress>,
}

#[derive(Serialize, Clone)]
struct PortalAddress {
    name: String,
    url: String,
}

/// Runs the demo until it is told to stop.
///
/// # Errors
/// In words, with what to do.
pub async fn run(args: DemoArgs) -> Result<(), String> {
    if !args.listen.ip().is_loopback() {
        return Err(format!(
            "the demo shows codes and passwords to everybody: it listens on loopback only, not on {}",
            args.listen.ip()
        ));
    }
    let folder = Folder::prepare(&args.data_dir)?;
    let listeners = loopback::listen_on_loopback(args.listen).await?;
    let port =
        listeners.first().and_then(|listener| listener.local_addr().ok()).map_or(args.listen.port(), |address| address.port());
    let origin = format!("http://localhost:{port}");
    folder.clear_unfinished(seed::FILE)?;
    say(&format!("Opening the database in {}", folder.shown()));
    let idp = build(&folder, &origin).await?;
    let portals = portals::Portals::open(&folder, port).await?;
    let seeded = seed::apply(&idp.manage(), &folder, &portals, say).await?;
    let (stop_now, stop) = watch::channel(false);
    let mut running = tokio::task::JoinSet::new();
    let (addresses, funds) = (portals.addresses(None), fund_addresses(&portals, &origin)?);
    portals.serve(&idp.manage(), &folder, &origin, &stop, &mut running).await?;
    let pages = pages::routes(pages::Demo { manage: idp.manage(), folder: folder.clone(), seeded, funds: funds.clone() })?;
    let admin = pages::admin(idp.manage(), folder.operator_token(&Entropy::System)?);
    running.spawn(loopback::serve(listeners, pages.merge(admin).fallback_service(idp.router()), stop.clone()));
    let workers = idp.clone();
    running.spawn(async move {
        workers.run_workers(net::stopped(stop)).await;
        Ok(())
    });
    let ready = Ready {
        issuer: funds.first().map(|fund| fund.issuer.clone()).unwrap_or_default(),
        start: format!("{origin}/"),
        outbox: format!("{origin}/demo/outbox"),
        portals: addresses,
        funds,
    };
    announce(&ready, &folder, args.json)?;
    net::told_to_stop(&mut running).await?;
    stop_now.send_replace(true);
    while let Some(ended) = running.join_next().await {
        ended.map_err(|error| error.to_string())??;
    }
    Ok(())
}

fn fund_addresses(portals: &portals::Portals, origin: &str) -> Result<Vec<FundAddress>, String> {
    let address = |fund: &funds::Fund| {
        let (slug, issuer) = (fund.slug.to_owned(), format!("{origin}/{}", fund.slug));
        Ok(FundAddress { slug, name: fund.document()?.name, issuer, portals: portals.addresses(Some(fund.slug)) })
    };
    funds::FUNDS.iter().map(address).collect()
}

/// Progress, for the person who waits.
fn say(what: &str) {
    eprintln!("  {what}");
}

async fn build(folder: &Folder, origin: &str) -> Result<Idp, String> {
    let words = |error: poterne_idp::Failure| error.to_string();
    let entropy = Entropy::System;
    let master = folder.master_key(&entropy)?;
    let db = Db::open(&DatabaseUrl::Sqlite(folder.database()), StoreSettings::default()).map_err(words)?;
    for name in db.migrate().await.map_err(words)? {
        say(&format!("Applied migration {name}"));
    }
    let idp = Idp::builder(origin, master).sender(FolderSender::new(folder.outbox())).demo(true);
    idp.build(db).await.map_err(words)
}

fn announce(ready: &Ready, folder: &Folder, json: bool) -> Result<(), String> {
    if json {
        println!("{}", serde_json::to_string(ready).map_err(|error| error.to_string())?);
        return Ok(());
    }
    println!("\nPoterne's demo is ready. Begin at\n\n  {}\n", ready.start);
    for portal in &ready.portals {
        println!("  {:<20} {}", portal.name, portal.url);
    }
    println!("  {:<20} {}admin/realms (token in {})", "Operator", ready.start, folder.operator_token_path().display());
    println!("  {:<20} {}\n\nStop with Ctrl-C. The data stay; `make demo-reset` starts afresh.", "Outbox", ready.outbox);
    Ok(())
}
