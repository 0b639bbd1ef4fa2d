//! The tables `edges` and `edge_tenants`.

mod secrets;

use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

pub use secrets::{NewEdgeSecret, RotationStart};

use super::audit::{self, AuditEntry, AuditEvent};
use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{Store, StoreResult, counters, epoch};

/// An edge to be stored.
#[derive(Debug)]
pub struct NewEdge<'a> {
    pub id: &'a EdgeId,
    pub secret: NewEdgeSecret,
    pub tenants: &'a [TenantId],
}

/// What is known of an edge that has not been revoked.
#[derive(Debug)]
pub struct EdgeRow {
    pub auth_hash: Vec<u8>,
    /// Of the credential that is about to take over.
    pub next_auth_hash: Option<Vec<u8>>,
    pub tenants: Vec<TenantId>,
}

/// An edge as its operator sees it.
#[derive(Clone, Debug)]
pub struct EdgeSummary {
    pub id: EdgeId,
    pub tenants: Vec<TenantId>,
    pub created_at: UnixMillis,
    pub revoked_at: Option<UnixMillis>,
    /// Whether a second credential is accepted beside the first.
    pub rotating: bool,
}

impl Store {
    /// Stores an edge and the tenants it serves; [`super::StoreError::Exists`] when there is one of that id.
    pub async fn create_edge(&self, edge: &NewEdge<'_>, now: UnixMillis) -> StoreResult<()> {
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        insert_edge(&mut transaction, edge, now).await?;
        for tenant in edge.tenants {
            insert_tenant(&mut transaction, edge.id, tenant).await?;
        }
        note(&mut transaction, edge.id, AuditEvent::EdgeCreated, "made", now).await?;
        transaction.commit().await
    }

    /// Has an edge serve a tenant; `false`, and nothing is changed, when it did before. An epoch begins: what the edge
    /// holds of the sequence of revocations lacks those of this tenant, and it is to load everything anew.
    pub async fn serve_tenant(&self, edge: &EdgeId, tenant: &TenantId, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str =
            "insert into edge_tenants (edge, tenant) values ($1, $2) on conflict (edge, tenant) do nothing";
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        if transaction.execute(SQL, &[&edge.as_str(), &tenant.as_str()]).await? == 0 {
            return Ok(false);
        }
        epoch::raise_epoch(&mut transaction, now).await?;
        let detail = format!("edge {edge} serves this tenant, too");
        let entry = AuditEntry { detail: Some(&detail), ..AuditEntry::new(tenant, AuditEvent::EdgeCreated) };
        audit::add(&mut transaction, &entry, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Finds the edge of that id with its tenants.
    pub async fn edge(&self, id: &EdgeId) -> StoreResult<Option<EdgeRow>> {
        // One statement, so that credential and tenants come from one moment.
        const SQL: &str = "select edges.auth_hash, edges.next_auth_hash, edge_tenants.tenant from edges \
            left join edge_tenants on edge_tenants.edge = edges.id \
            where edges.id = $1 and edges.revoked_at is null order by edge_tenants.tenant";
        type Row = (Vec<u8>, Option<Vec<u8>>, Option<Text<TenantId>>);
        let rows: Vec<Row> = self.read.fetch_all(SQL, &[&id.as_str()]).await?;
        let hashes = rows.first().map(|(hash, next, _)| (hash.clone(), next.clone()));
        let Some((auth_hash, next_auth_hash)) = hashes else { return Ok(None) };
        let tenants = rows.into_iter().filter_map(|(.., tenant)| tenant.map(|tenant| tenant.0)).collect();
        Ok(Some(EdgeRow { auth_hash, next_auth_hash, tenants }))
    }

    /// Every edge, the revoked ones included, with the tenants each serves.
    pub async fn list_edges(&self) -> StoreResult<Vec<EdgeSummary>> {
        const SQL: &str = "select edges.id, edges.created_at, edges.revoked_at, edges.next_auth_hash is not null, \
            edge_tenants.tenant from edges left join edge_tenants on edge_tenants.edge = edges.id \
            order by edges.id, edge_tenants.tenant";
        type Row = (Text<EdgeId>, Timestamp, Option<Timestamp>, bool, Option<Text<TenantId>>);
        let rows: Vec<Row> = self.read.fetch_all(SQL, &[]).await?;
        let mut edges: Vec<EdgeSummary> = Vec::new();
        for (id, created_at, revoked_at, rotating, tenant) in rows {
            let tenant = tenant.map(|tenant| tenant.0);
            match edges.last_mut().filter(|last| last.id == id.0) {
                Some(last) => last.tenants.extend(tenant),
                None => edges.push(EdgeSummary {
                    id: id.0,
                    tenants: tenant.into_iter().collect(),
                    created_at: created_at.0,
                    revoked_at: revoked_at.map(|at| at.0),
                    rotating,
                }),
            }
        }
        Ok(edges)
    }

    /// Revokes an edge; `false` when there is none of that id that has not been revoked.
    pub async fn revoke_edge(&self, id: &EdgeId, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = "update edges set revoked_at = $1 where id = $2 and revoked_at is null";
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        if transaction.execute(SQL, &[&Timestamp(now), &id.as_str()]).await? == 0 {
            return Ok(false);
        }
        note(&mut transaction, id, AuditEvent::EdgeRevoked, "revoked", now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Writes down what has become of an edge, for each tenant that it serves.
async fn note(
    transaction: &mut Transaction,
    edge: &EdgeId,
    event: AuditEvent,
    what: &'static str,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into audit (at, tenant, event, detail) \
        select $1, tenant, $2, $3 from edge_tenants where edge = $4 order by tenant";
    let detail = format!("edge {edge} {what}");
    let values: [&dyn Bind; 4] = [&Timestamp(now), &event.as_str(), &detail, &edge.as_str()];
    if transaction.execute(SQL, &values).await? == 0 {
        audit::add_at_large(transaction, event, &detail, now).await?;
    }
    Ok(())
}

async fn insert_edge(transaction: &mut Transaction, edge: &NewEdge<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into edges (id, sealed_secret, auth_hash, created_at) values ($1, $2, $3, $4)";
    let values: [&dyn Bind; 4] =
        [&edge.id.as_str(), &edge.secret.sealed, &edge.secret.auth_hash.as_slice(), &Timestamp(now)];
    transaction.execute(SQL, &values).await.map(drop)
}

async fn insert_tenant(transaction: &mut Transaction, edge: &EdgeId, tenant: &TenantId) -> StoreResult<()> {
    const SQL: &str = "insert into edge_tenants (edge, tenant) values ($1, $2)";
    transaction.execute(SQL, &[&edge.as_str(), &tenant.as_str()]).await.map(drop)
}
