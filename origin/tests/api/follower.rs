//! An edge that follows the feed, as far as the origin can tell.

use axum::Router;
use sealgate_origin::app::App;
use sealgate_shared::claims::Claims;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, KeyId, TenantId};
use sealgate_shared::keyring::Keyring;
use sealgate_shared::revocation::{Head, Position, RevocationSet, Revoked, SnapshotReader, SnapshotStep, Taken};
use sealgate_shared::token::{Sealed, TokenKind};

use crate::kit::{Answer, Ask, Minted, Origin};

pub(crate) struct Follower {
    pub(crate) router: Router,
    pub(crate) id: EdgeId,
    pub(crate) secret: EdgeSecret,
    pub(crate) credential: String,
    pub(crate) set: RevocationSet,
}

impl Follower {
    /// The edge `dev`, which serves `demo` and `other`.
    pub(crate) fn new(origin: &Origin) -> Self {
        Self {
            router: origin.app.private_router(),
            id: "dev".parse().unwrap(),
            secret: origin.edge_secret(),
            credential: origin.edge.clone(),
            set: RevocationSet::new(),
        }
    }

    /// An edge of that name, made for it.
    pub(crate) async fn create(origin: &Origin, id: &str, tenants: &[&str]) -> Self {
        let (secret, credential) = origin.create_edge(id, tenants).await;
        Self { id: id.parse().unwrap(), secret, credential, ..Self::new(origin) }
    }

    /// From now on it asks this origin.
    pub(crate) fn turn_to(&mut self, app: &App) {
        self.router = app.private_router();
    }

    pub(crate) fn path(&self, document: &str) -> String {
        format!("/internal/feed/{}/{}/{document}", self.id, self.secret.seal_id())
    }

    pub(crate) fn ask(&self, path: &str) -> Ask {
        Ask::new(self.router.clone(), "GET", path).header("x-sealgate-edge", &self.credential)
    }

    pub(crate) fn ask_head(&self) -> Ask {
        self.ask(&self.path("head"))
    }

    pub(crate) fn open(&self, answer: &Answer) -> Head {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
        Head::open(&answer.body, &self.id, &self.secret).unwrap()
    }

    pub(crate) async fn head(&self) -> Head {
        self.open(&self.ask_head().header("x-sealgate-challenge", "c").send().await)
    }

    /// The head, by an edge that says what it holds.
    pub(crate) async fn head_showing(&self, held: Position) -> Head {
        self.open(&self.ask_head().header("x-sealgate-position", &held.to_string()).send().await)
    }

    pub(crate) async fn fetch_snapshot(&self, position: Position) -> Answer {
        self.ask(&self.path(&format!("snapshot/{}/{}", position.epoch, position.sequence))).send().await
    }

    /// Loads a snapshot into a set.
    pub(crate) async fn load(&self, position: Position, set: &mut RevocationSet) {
        let answer = self.fetch_snapshot(position).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut reader = SnapshotReader::new(position);
        let step = reader.read(&answer.body, (&self.id, &self.secret), set).unwrap();
        assert_eq!(step, SnapshotStep::Done);
    }

    /// Does what an edge does: takes in the head, and what it lacks.
    pub(crate) async fn follow(&mut self) -> Taken {
        let taken = self.set.take(self.head().await);
        if let Taken::Gap(position) = taken {
            let mut set = std::mem::take(&mut self.set);
            self.load(position, &mut set).await;
            assert!(set.took_snapshot(position), "the snapshot that a head names closes its gap");
            self.set = set;
        }
        taken
    }

    /// Whether it takes the token for revoked.
    pub(crate) fn refuses(&self, ring: &Keyring, minted: &Minted) -> bool {
        let (claims, kid) = read(ring, &minted.access);
        self.set.hits(&claims, kid)
    }
}

/// What a token of `demo` says, and the key that signed it.
pub(crate) fn read(ring: &Keyring, token: &str) -> (Claims, KeyId) {
    let demo: TenantId = "demo".parse().unwrap();
    let authentic = Sealed::parse(token).unwrap().authenticate(TokenKind::Access, ring, &demo).unwrap();
    (authentic.claims().clone(), authentic.kid())
}

/// What the head tells, in short.
pub(crate) fn revoked(head: &Head) -> Vec<Revoked> {
    head.entries.iter().map(|entry| entry.revoked.clone()).collect()
}

pub(crate) fn session(minted: &Minted) -> Revoked {
    Revoked::Session(minted.id.parse().unwrap())
}
