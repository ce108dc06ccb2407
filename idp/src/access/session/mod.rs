//! Sessions: a browser owns several, one of them current. What a session proves is what was proven when it began, never more.

mod browser;
mod choice;
mod device;
mod ended;
mod list;
mod rules;
mod sid;
mod store;

pub use browser::{delete_idle, delete_unused};
pub use browser::{known, rotate, settle};
pub use choice::{make_current, of_browser};
pub use device::{devices_of, forget_devices, is_anybodys_device, is_known_device, note_device};
pub use ended::{Ended, end_run_out, ended_in, mark_told, parties, run_out, told_by, untold};
pub use list::{Listed, clients_of, of_account};
pub use rules::{NewSession, Session, level_of};
pub use sid::{by_sid, sid_of};
pub use store::delete_expired;
pub use store::{count_live, current, end, end_all, establish, live, sid_for, touch};
