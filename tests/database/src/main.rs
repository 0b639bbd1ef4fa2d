//! Makes an empty PostgreSQL database, prints its address, and keeps it until standard input ends: for trying things
//! out by hand (Ctrl-C ends it), and for tests that are not written in Rust.

use std::io::{Read as _, Write as _};

use sealgate_test_database::Postgres;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let server = Postgres::start();
    println!("{}", server.create_database().await.url());
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
