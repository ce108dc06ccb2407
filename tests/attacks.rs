//! What an attacker has tried: guessing with many hands, standing still halfway, telling people apart, other sites, mixed-up people,
//! what was ended coming back, resets as a weapon, taking the time.

mod apart;
mod crossing;
mod ended;
mod everywhere;
mod guessing;
mod halfway;
mod interleaved;
mod resets;
mod timing;
mod walking;
