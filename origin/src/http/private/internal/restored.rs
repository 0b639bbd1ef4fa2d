//! What an edge shows that the database does not have.

use std::sync::Arc;

use crate::app::AppState;
use crate::http::Problem;
use crate::store::Shown;

/// Begins a new epoch, should the database be behind what an edge has seen of it. By itself: however long the edge
/// waits for its answer, the sessions that nobody can vouch for are ended.
pub(super) async fn suspect_restore(app: &AppState, shown: Shown) -> Result<(), Problem> {
    let office = Arc::clone(app);
    let ending = tokio::spawn(async move { office.office.suspect_restore(shown).await });
    let begun = ending.await.map_err(|_| Problem::internal())?;
    Ok(begun.map(drop)?)
}
