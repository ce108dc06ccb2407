//! `poterne healthcheck`: asks the provider that runs here whether requests should come; for containers and scripts.

use crate::answer::{self, Ended};
use crate::config;
use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How long to wait for the answer.
const WAIT: Duration = Duration::from_secs(3);

/// Options of `poterne healthcheck`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne healthcheck --config /etc/poterne/poterne.toml\n\n\
                        It asks /readyz on the management listener. Exit code 0: ready; 3: running, but not ready; 1: no answer.\n\nJSON: ready, answer.")]
pub struct HealthcheckArgs {
    /// The settings' file, for the address of the management listener; without it `poterne.toml` here.
    #[arg(long, env = "POTERNE_CONFIG")]
    config: Option<PathBuf>,
    /// Instead of settings: the address of the management listener, such as 127.0.0.1:9080.
    #[arg(long, conflicts_with = "config")]
    address: Option<SocketAddr>,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// In words: nothing answers there.
pub async fn run(args: &HealthcheckArgs) -> Result<Ended, String> {
    let address = match args.address {
        Some(address) => address,
        None => config::load(config::resolve(args.config.as_deref()).as_deref())?.listen.management,
    };
    // What listens everywhere is asked on this machine.
    let host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let client = reqwest::Client::builder().no_proxy().timeout(WAIT).build().map_err(|error| error.to_string())?;
    let asked = client.get(format!("http://{host}:{}/readyz", address.port())).send().await;
    let answer = asked.map_err(|_| format!("nothing answers on {address}: is poterne serve running?"))?;
    let ready = answer.status().is_success();
    let told: serde_json::Value = answer.json().await.unwrap_or_default();
    answer::print(args.json, &json!({ "ready": ready, "answer": told }), |_| {
        if ready { "ready".to_owned() } else { format!("not ready: {told}") }
    })?;
    Ok(if ready { Ended::Well } else { Ended::Found })
}
