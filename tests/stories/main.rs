//! The whole system, put through what users, attackers and failures do to it.

mod application;
mod assertion;
mod bodies;
mod caches;
mod crash;
mod devices;
mod differential;
mod disconnects;
mod failures;
mod feed;
mod floods;
mod headers;
mod identity;
mod keys;
mod panics;
mod paths;
mod refresh;
mod refusals;
mod rehearsal;
mod sessions;
mod smuggling;
mod tampering;
mod transport;
mod vectors;
mod websockets;
mod wrangler;
