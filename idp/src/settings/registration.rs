//! What clients may register of themselves (RFC 7591): closed unless the realm's document opens it. The rules that read it are in
//! `protocol::registration`.

pub use poterne_protocol::registration::Policy as Registration;
