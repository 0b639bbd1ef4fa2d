//! The `sealgate` binary, run as people run it.

mod audit;
mod breakglass;
mod commands;
mod credentials;
mod doctor;
mod doctor_edge;
mod help;
mod keys;
mod migrate;
mod oidc;
mod reseal;
mod run;
mod serving;
mod sessions;
mod tenants;
