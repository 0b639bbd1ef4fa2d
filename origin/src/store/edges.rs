//! The tables `edges` and `edge_tenants`.

use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::SqliteConnection;
use sqlx::types::Text;

use super::timestamp::Timestamp;
use super::{Store, StoreResult, counters};

/// An edge to be stored.
#[derive(Debug)]
pub struct NewEdge<'a> {
    pub id: &'a EdgeId,
    pub sealed_secret: Vec<u8>,
    pub auth_hash: [u8; 32],
    pub tenants: &'a [TenantId],
}

/// What is known of an edge that has not been revoked.
#[derive(Debug)]
pub struct EdgeRow {
    pub auth_hash: Vec<u8>,
    pub tenants: Vec<TenantId>,
}

/// An edge as its operator sees it.
#[derive(Clone, Debug)]
pub struct EdgeSummary {
    pub id: EdgeId,
    pub tenants: Vec<TenantId>,
    pub created_at: UnixMillis,
    pub revoked_at: Option<UnixMillis>,
}

impl Store {
    /// Stores an edge and the tenants it serves; [`super::StoreError::Exists`] when there is one of that id.
    pub async fn create_edge(&self, edge: &NewEdge<'_>, now: UnixMillis) -> StoreResult<()> {
        let mut transaction = self.begin().await?;
        insert_edge(&mut transaction, edge, now).await?;
        for tenant in edge.tenants {
            insert_tenant(&mut transaction, edge.id, tenant).await?;
        }
        counters::bump_keyring(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Finds the edge of that id with its tenants.
    pub async fn edge(&self, id: &EdgeId) -> StoreResult<Option<EdgeRow>> {
        // One statement, so that credential and tenants come from one moment.
        const SQL: &str = "select edges.auth_hash, edge_tenants.tenant from edges \
            left join edge_tenants on edge_tenants.edge = edges.id \
            where edges.id = $1 and edges.revoked_at is null order by edge_tenants.tenant";
        type Row = (Vec<u8>, Option<Text<TenantId>>);
        let rows: Vec<Row> = sqlx::query_as(SQL).bind(id.as_str()).fetch_all(&self.read).await?;
        let Some(auth_hash) = rows.first().map(|(hash, _)| hash.clone()) else { return Ok(None) };
        let tenants = rows.into_iter().filter_map(|(_, tenant)| tenant.map(|tenant| tenant.0)).collect();
        Ok(Some(EdgeRow { auth_hash, tenants }))
    }

    /// Every edge, the revoked ones included, with the tenants each serves.
    pub async fn list_edges(&self) -> StoreResult<Vec<EdgeSummary>> {
        const SQL: &str = "select edges.id, edges.created_at, edges.revoked_at, edge_tenants.tenant from edges \
            left join edge_tenants on edge_tenants.edge = edges.id order by edges.id, edge_tenants.tenant";
        type Row = (Text<EdgeId>, Timestamp, Option<Timestamp>, Option<Text<TenantId>>);
        let rows: Vec<Row> = sqlx::query_as(SQL).fetch_all(&self.read).await?;
        let mut edges: Vec<EdgeSummary> = Vec::new();
        for (id, created_at, revoked_at, tenant) in rows {
            let tenant = tenant.map(|tenant| tenant.0);
            match edges.last_mut().filter(|last| last.id == id.0) {
                Some(last) => last.tenants.extend(tenant),
                None => edges.push(EdgeSummary {
                    id: id.0,
                    tenants: tenant.into_iter().collect(),
                    created_at: created_at.0,
                    revoked_at: revoked_at.map(|at| at.0),
                }),
            }
        }
        Ok(edges)
    }

    /// Revokes an edge; `false` when there is none of that id that has not been revoked.
    pub async fn revoke_edge(&self, id: &EdgeId, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = "update edges set revoked_at = $1 where id = $2 and revoked_at is null";
        let mut transaction = self.begin().await?;
        let done = sqlx::query(SQL).bind(Timestamp(now)).bind(id.as_str()).execute(&mut *transaction).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        counters::bump_keyring(&mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The edge's sealed secret.
    pub async fn edge_secret(&self, id: &EdgeId) -> StoreResult<Option<Vec<u8>>> {
        const SQL: &str = "select sealed_secret from edges where id = $1 and revoked_at is null";
        Ok(sqlx::query_scalar(SQL).bind(id.as_str()).fetch_optional(&self.read).await?)
    }
}

async fn insert_edge(connection: &mut SqliteConnection, edge: &NewEdge<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into edges (id, sealed_secret, auth_hash, created_at) values ($1, $2, $3, $4)";
    sqlx::query(SQL)
        .bind(edge.id.as_str())
        .bind(&edge.sealed_secret)
        .bind(edge.auth_hash.as_slice())
        .bind(Timestamp(now))
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_tenant(connection: &mut SqliteConnection, edge: &EdgeId, tenant: &TenantId) -> StoreResult<()> {
    const SQL: &str = "insert into edge_tenants (edge, tenant) values ($1, $2)";
    sqlx::query(SQL).bind(edge.as_str()).bind(tenant.as_str()).execute(connection).await?;
    Ok(())
}
