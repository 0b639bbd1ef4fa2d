//! Who is believed to be who they say.
//!
//! The certificates beside this file are for nothing else: `login.example`, by an authority of the tests' own.

use std::net::TcpListener;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::*;

const AUTHORITY: &[u8] = include_bytes!("authority.pem");
const SERVER: &[u8] = include_bytes!("server.pem");
const KEY: &[u8] = include_bytes!("server.key");

/// The port of a server that says that it is `login.example`, and proves it.
fn serve_as_login() -> u16 {
    let certificate = CertificateDer::from_pem_slice(SERVER).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut seen = [0; 4_096];
            // Who does not believe us goes away here.
            if std::io::Read::read(&mut stream, &mut seen).is_ok_and(|length| length > 0) {
                let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi";
                drop(std::io::Write::write_all(&mut stream, answer));
            }
        }
    });
    port
}

fn trusting(authority: Option<&[u8]>) -> Outbound {
    let mut store = RootCertStore::empty();
    if let Some(pem) = authority {
        store.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    }
    let names: &[(&str, &[&str])] = &[("login.example", &["127.0.0.1"]), ("other.example", &["127.0.0.1"])];
    let settings = OutboundSettings { any_address: true, ..production() };
    Outbound::invent(settings, names, Some(Arc::new(store)))
}

#[tokio::test]
async fn a_server_proves_its_name_to_whom_we_believe() {
    let port = serve_as_login();
    let outbound = trusting(Some(AUTHORITY));
    let found = ask(&outbound, &format!("https://login.example:{port}/")).await;
    assert_eq!(found.unwrap(), (200, b"hi".to_vec()));
    // The address is the same, the name is not.
    for host in ["other.example", "127.0.0.1"] {
        let error = ask(&outbound, &format!("https://{host}:{port}/")).await.unwrap_err();
        assert_eq!(error.label(), "certificate", "{host}: {error}");
        let told = format!("does not hold: it is for login.example, and {host} was asked for");
        assert!(error.to_string().contains(&told), "{error}");
    }
}

#[tokio::test]
async fn nobody_vouches_for_strangers() {
    let port = serve_as_login();
    let error = ask(&trusting(None), &format!("https://login.example:{port}/")).await.unwrap_err();
    assert_eq!(error.label(), "certificate", "{error}");
    assert!(error.to_string().starts_with("the certificate of the server does not hold: no authority"), "{error}");
    // The machine's own authorities do not know ours.
    let settings = OutboundSettings { any_address: true, ..production() };
    let outbound = Outbound::invent(settings, &[("login.example", &["127.0.0.1"])], None);
    let label = ask(&outbound, &format!("https://login.example:{port}/")).await.unwrap_err().label();
    assert!(["certificate", "no_authorities"].contains(&label), "{label}");
}
