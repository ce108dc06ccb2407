//! Wing: the endpoints relying parties call.

pub mod logout;
