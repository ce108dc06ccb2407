//! The demo's portals: where they listen, remembered between runs, and their secrets.

use super::PortalAddress;
use super::folder::Folder;
use super::loopback;
use crate::net;
use poterne_idp::RealmDocument;
use poterne_idp::manage::Manage;
use poterne_portal::{Brand, Language, PortalConfig};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

const FILE: &str = "portals.json";
/// Where the provider listens when nothing else is asked for; then the portals have fixed ports too.
const USUAL_PORT: u16 = 8080;

/// A portal of the demo.
struct Portal {
    /// The fund whose portal it is.
    fund: &'static str,
    client_id: &'static str,
    name: &'static str,
    brand: &'static str,
    /// Its port beside a provider on 8080, as in the fund's document.
    usual_port: u16,
    confidential: bool,
}

const PORTALS: [Portal; 4] = [
    Portal {
        fund: "lindenhof",
        client_id: "lindenhof-flex",
        name: "Lindenhof flex",
        brand: "flex",
        usual_port: 8081,
        confidential: true,
    },
    Portal {
        fund: "lindenhof",
        client_id: "lindenhof-1e",
        name: "Lindenhof 1e",
        brand: "1e",
        usual_port: 8082,
        confidential: false,
    },
    Portal {
        fund: "lindenhof",
        client_id: "lindenhof-employer",
        name: "Lindenhof Employeurs",
        brand: "employer",
        usual_port: 8083,
        confidential: true,
    },
    Portal {
        fund: "saentima",
        client_id: "saentima-my",
        name: "Säntima mySäntima",
        brand: "saentima",
        usual_port: 8084,
        confidential: true,
    },
];

/// What is kept of a portal between runs.
#[derive(Serialize, Deserialize, Clone)]
struct Kept {
    client_id: String,
    port: u16,
    secret: Option<String>,
}

/// The portals with their open ports.
pub struct Portals {
    open: Vec<(&'static Portal, Kept, Vec<TcpListener>)>,
}

impl Portals {
    /// Opens a port for each: the usual ones beside a provider on 8080, else those of the last run or free ones.
    pub async fn open(folder: &Folder, provider_port: u16) -> Result<Self, String> {
        let kept: Vec<Kept> = folder.read_json(FILE)?.unwrap_or_default();
        let mut open = Vec::new();
        for portal in &PORTALS {
            let former = kept.iter().find(|kept| kept.client_id == portal.client_id);
            let listeners = if provider_port == USUAL_PORT {
                loopback::listen_on_loopback(loopback(portal.usual_port)).await?
            } else {
                match loopback::listen_on_loopback(loopback(former.map_or(0, |kept| kept.port))).await {
                    Ok(listeners) => listeners,
                    Err(_) => loopback::listen_on_loopback(loopback(0)).await?,
                }
            };
            let port = listeners.first().and_then(|listener| listener.local_addr().ok()).map_or(0, |address| address.port());
            let secret = former.and_then(|kept| kept.secret.clone());
            open.push((portal, Kept { client_id: portal.client_id.to_owned(), port, secret }, listeners));
        }
        Ok(Self { open })
    }

    /// The addresses, for people and scripts: of one fund's portals, or of all.
    pub fn addresses(&self, fund: Option<&str>) -> Vec<PortalAddress> {
        let of_it = self.open.iter().filter(|(portal, ..)| fund.is_none_or(|fund| fund == portal.fund));
        of_it.map(|(portal, kept, _)| PortalAddress { name: portal.name.to_owned(), url: url(kept.port) }).collect()
    }

    /// Writes the portals' addresses of this run into the realm's document.
    pub fn fill_in(&self, document: &mut RealmDocument) {
        for (portal, kept, _) in &self.open {
            let (usual, here) = (url(portal.usual_port), url(kept.port));
            for client in document.clients.iter_mut().filter(|client| client.client_id == portal.client_id) {
                let uris =
                    client.redirect_uris.iter_mut().chain(&mut client.post_logout_redirect_uris).chain(&mut client.client_uri);
                for uri in uris {
                    *uri = uri.replacen(&usual, &here, 1);
                }
            }
        }
    }

    /// Starts the portals; the funds' issuers are `origin/slug`. A confidential portal gets a secret at its first start.
    pub async fn serve(
        self,
        manage: &Manage,
        folder: &Folder,
        origin: &str,
        stop: &watch::Receiver<bool>,
        running: &mut JoinSet<Result<(), String>>,
    ) -> Result<(), String> {
        let mut remembered = Vec::new();
        for (portal, mut kept, listeners) in self.open {
            if portal.confidential && kept.secret.is_none() {
                let secret =
                    manage.rotate_client_secret(portal.fund, portal.client_id).await.map_err(|error| error.to_string())?;
                kept.secret = Some(secret.expose().to_owned());
            }
            let config = PortalConfig {
                name: portal.name.to_owned(),
                brand: Brand::example(portal.brand).map_err(|error| error.to_string())?,
                issuer: format!("{origin}/{}", portal.fund),
                client_id: portal.client_id.to_owned(),
                client_secret: kept.secret.clone(),
                public_url: url(kept.port).trim_end_matches('/').to_owned(),
                languages: Language::ALL.to_vec(),
                scopes: ["profile", "email", "poterne"].map(str::to_owned).to_vec(),
            };
            remembered.push(kept);
            let stop = net::stopped(stop.clone());
            running.spawn(async move { poterne_portal::serve(config, listeners, stop).await.map_err(|error| error.to_string()) });
        }
        folder.write_json(FILE, &remembered)
    }
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn url(port: u16) -> String {
    format!("http://localhost:{port}/")
}
