//! What an attacker has tried: guessing with many hands, standing still halfway, telling people apart, other sites, mixed-up people, taking the time.

mod apart;
mod crossing;
mod everywhere;
mod guessing;
mod halfway;
mod interleaved;
mod timing;
mod walking;
