//! How long a full verify takes, beside `jsonwebtoken` HS256 on the same claims; and how long it takes a set of many
//! revocations to say that the token is not among them.
//!
//! The subjects take turns within each round, so that whatever else the machine does hits all of them; quoted
//! is the quartile of the rounds that was disturbed least (p25), and the ratio within this run. Both sides
//! read the clock once per token, have their keys prepared, and turn the token into a struct of the same
//! fields.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, Roles, SessionId, TenantId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::Keyring;
use sealgate_shared::reject::Reject;
use sealgate_shared::revocation::{Entry, Head, Position, RevocationSet, Revoked, Taken};
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Live, RevocationAnswer, Sealed, Sealer, TokenKind};
use serde::{Deserialize, Serialize};

const LIFETIME_MS: u64 = 15 * 60 * 1_000;
const SECRET: [u8; 32] = [0x5A; 32];
const KID: KeyId = KeyId::new([7; 8]);

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` says so; `cargo test --all-targets` only wants to see it run.
    let (rounds, calls) = if std::env::args().any(|argument| argument == "--bench") { (300, 2_000) } else { (2, 10) };
    let (ours, theirs) = (Ours::new(), Theirs::new()?);
    // A subject that refuses its token, or lets the forged one through, would be measured doing something else.
    assert!(ours.verify(&ours.token).is_ok() && ours.verify(&ours.forged()) == Err(Reject::BadMac));
    assert!(theirs.verify(&theirs.token).is_ok());
    let sets = Sets::beside(&ours.claims);
    assert!(!sets.sessions.hits(&ours.claims, KID) && !sets.marks.hits(&ours.claims, KID));
    let results = measure(rounds, calls, &ours, &theirs, &sets);
    print(&results, &ours, &theirs);
    save(&results, rounds, calls)
}

/// Nanoseconds per call of one subject.
struct Measured {
    subject: &'static str,
    p25_ns: f64,
}

fn measure(rounds: usize, calls: usize, ours: &Ours, theirs: &Theirs, sets: &Sets) -> Vec<Measured> {
    let forged = ours.forged();
    let subjects: [(&'static str, &dyn Fn()); 7] = [
        ("jsonwebtoken verify", &|| keep(theirs.verify(black_box(&theirs.token)))),
        ("sealgate verify", &|| keep(ours.verify(black_box(&ours.token)))),
        ("sealgate forged", &|| keep(ours.verify(black_box(&forged)))),
        ("jsonwebtoken sign", &|| keep(theirs.sign())),
        ("sealgate seal", &|| keep(ours.seal())),
        ("100,000 sessions", &|| keep(sets.sessions.hits(black_box(&ours.claims), KID))),
        ("1,000 marks", &|| keep(sets.marks.hits(black_box(&ours.claims), KID))),
    ];
    let mut rounds_of = subjects.map(|_| Vec::with_capacity(rounds));
    for _ in 0..rounds {
        for ((_, call), times) in subjects.iter().zip(&mut rounds_of) {
            times.push(time(calls, call));
        }
    }
    let measured = |((subject, _), times)| Measured { subject, p25_ns: p25(times) };
    subjects.into_iter().zip(rounds_of).map(measured).collect()
}

/// Uses a result up where the compiler cannot see that nobody wants it.
fn keep<T>(result: T) {
    drop(black_box(result));
}

fn time(calls: usize, call: &dyn Fn()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        call();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(calls).expect("a few thousand"))
}

fn p25(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 4]
}

fn print(results: &[Measured], ours: &Ours, theirs: &Theirs) {
    println!("{:<22}{:>10}{:>16}", "", "p25", "× verify");
    for result in results {
        println!(
            "{:<22}{:>7.0} ns{:>16.3}",
            result.subject,
            result.p25_ns,
            result.p25_ns / of(results, "sealgate verify")
        );
    }
    println!("sealgate verifies {:.1} times as fast as jsonwebtoken", ratio(results));
    println!("the token has {} characters, the JSON Web Token {}", ours.token.len(), theirs.token.len());
}

fn ratio(results: &[Measured]) -> f64 {
    of(results, "jsonwebtoken verify") / of(results, "sealgate verify")
}

fn of(results: &[Measured], subject: &str) -> f64 {
    results.iter().find(|result| result.subject == subject).map_or(f64::NAN, |result| result.p25_ns)
}

/// Writes `bench/verify.json` in cargo's target folder.
fn save(results: &[Measured], rounds: usize, calls: usize) -> Result<(), Box<dyn Error>> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("no target folder")?;
    let p25: serde_json::Map<_, _> =
        results.iter().map(|result| (result.subject.to_owned(), result.p25_ns.into())).collect();
    let report = serde_json::json!({
        "rounds": rounds, "calls_per_round": calls, "p25_ns": p25, "jsonwebtoken_over_sealgate": ratio(results),
    });
    std::fs::create_dir_all(target.join("bench"))?;
    std::fs::write(target.join("bench/verify.json"), format!("{report:#}\n"))?;
    Ok(())
}

/// The admission comes from memory: asking for it is no part of verifying.
struct Ours {
    ring: Keyring,
    tenant: TenantId,
    sealer: Sealer,
    claims: Claims,
    token: String,
}

impl Ours {
    fn new() -> Self {
        let tenant: TenantId = "demo".parse().expect("a slug");
        let key = SigningKey::new(KID, tenant.clone(), Secret32::new(SECRET));
        let ring = Keyring::new(1, LIFETIME_MS, &[key.publish()]).expect("one key");
        let (claims, sealer) = (claims(&tenant), key.access_sealer());
        let token = sealer.seal(&claims).expect("claims of the key's tenant");
        Self { ring, tenant, sealer, claims, token }
    }

    fn verify(&self, token: &str) -> Result<Live, Reject> {
        let token = Sealed::parse(token)?.authenticate(TokenKind::Access, &self.ring, &self.tenant)?;
        let answer = RevocationAnswer::Live { session: token.claims().session, age_ms: 0 };
        token.verify(now())?.admit(answer)
    }

    /// The good token with the first character of its MAC bent.
    fn forged(&self) -> String {
        let (signed, mac) = self.token.rsplit_once('.').expect("four parts");
        let first = if mac.starts_with('A') { 'B' } else { 'A' };
        format!("{signed}.{first}{}", &mac[1..])
    }

    fn seal(&self) -> String {
        self.sealer.seal(&self.claims).expect("was sealed before")
    }
}

/// What an edge knows of revocations. The token is hit by none of them, so that all kinds are looked through.
struct Sets {
    sessions: RevocationSet,
    /// Of the token's actor, of its tenant, and of others.
    marks: RevocationSet,
}

impl Sets {
    fn beside(claims: &Claims) -> Self {
        let issued_before = claims.issued_at;
        let session = |number: u64| {
            let bytes = [number.to_be_bytes(), number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()].concat();
            SessionId::new(bytes.try_into().expect("sixteen bytes"))
        };
        let actor = |number: u64| Revoked::Actor {
            tenant: claims.tenant.clone(),
            actor_type: claims.actor_type.clone(),
            // One in ten is the token's own, each time with another session to be spared.
            actor_id: match number % 10 {
                0 => claims.actor_id.clone(),
                _ => format!("018f3c5e-7b1a-7c3d-9e4f-{number:012x}").parse().expect("an actor id"),
            },
            except: Some(session(number)),
            issued_before,
        };
        let tenant = |number: u64| Revoked::Tenant {
            tenant: if number == 0 { claims.tenant.clone() } else { format!("t{number}").parse().expect("a slug") },
            issued_before,
        };
        let key = |number: u64| Revoked::Key(KeyId::new(number.to_be_bytes()));
        let marks = (0..800).map(actor).chain((0..100).map(tenant)).chain((0..100).map(key));
        Self { sessions: set_of((0..100_000).map(|n| Revoked::Session(session(n)))), marks: set_of(marks) }
    }
}

fn set_of(revoked: impl Iterator<Item = Revoked>) -> RevocationSet {
    let entries = revoked.map(|revoked| Entry { revoked, expires_at: UnixMillis::MAX }).collect();
    let position = Position { epoch: 1, sequence: 100_000 };
    let head = Head { challenge: String::new(), position, after: 0, keyring: 1, snapshot: 0, entries };
    let mut set = RevocationSet::new();
    assert_eq!(set.take(head), Taken::Complete);
    set
}

fn claims(tenant: &TenantId) -> Claims {
    let issued_at = now();
    let roles = ["admin", "reader"].map(|role| role.parse().expect("a role"));
    Claims {
        session: SessionId::new(*b"sixteen bytes ok"),
        tenant: tenant.clone(),
        actor_type: "user".parse().expect("an actor type"),
        actor_id: "018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f".parse().expect("an actor id"),
        issued_at,
        expires_at: issued_at.plus(LIFETIME_MS),
        authenticated_at: issued_at.minus(60_000),
        generation: 3,
        assurance: 1,
        roles: Roles::new(roles.into()).expect("two roles"),
    }
}

#[expect(clippy::disallowed_methods, reason = "jsonwebtoken reads the system's clock, so we pay for it too")]
fn now() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).ok().and_then(UnixMillis::new).unwrap_or(UnixMillis::MAX)
}

/// The same claims under their registered names (RFC 7519 §4.1) where there are any.
#[derive(Serialize, Deserialize)]
struct JwtClaims {
    sid: String,
    aud: String,
    sub_type: String,
    sub: String,
    iat: u64,
    exp: u64,
    auth_time: u64,
    #[serde(rename = "gen")]
    generation: u32,
    assurance: u8,
    roles: Vec<String>,
}

struct Theirs {
    decoding: DecodingKey,
    encoding: EncodingKey,
    header: Header,
    validation: Validation,
    claims: JwtClaims,
    token: String,
}

impl Theirs {
    fn new() -> Result<Self, Box<dyn Error>> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["demo"]);
        validation.leeway = 0;
        let ours = claims(&"demo".parse()?);
        let claims = JwtClaims {
            sid: ours.session.to_string(),
            aud: ours.tenant.to_string(),
            sub_type: ours.actor_type.to_string(),
            sub: ours.actor_id.to_string(),
            iat: ours.issued_at.as_secs(),
            exp: ours.expires_at.as_secs(),
            auth_time: ours.authenticated_at.as_secs(),
            generation: ours.generation,
            assurance: ours.assurance,
            roles: ours.roles.iter().map(ToString::to_string).collect(),
        };
        let (encoding, header) = (EncodingKey::from_secret(&SECRET), Header::new(Algorithm::HS256));
        let token = encode(&header, &claims, &encoding)?;
        Ok(Self { decoding: DecodingKey::from_secret(&SECRET), encoding, header, validation, claims, token })
    }

    fn verify(&self, token: &str) -> Result<JwtClaims, jsonwebtoken::errors::Error> {
        Ok(decode(token, &self.decoding, &self.validation)?.claims)
    }

    fn sign(&self) -> Option<String> {
        encode(&self.header, &self.claims, &self.encoding).ok()
    }
}
