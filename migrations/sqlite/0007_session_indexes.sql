-- `pre_login = false`, not `= 0`: SQLite uses a partial index for a statement that says the same in the same words,
-- and the statements are shared with PostgreSQL.
drop index sessions_of_actor;
-- "My sessions", newest first, and those that ended beside them.
create index sessions_live_of_actor on sessions (tenant, actor_type, actor_id, created_at desc, id desc)
    where pre_login = false and revoked_at is null;
create index sessions_revoked_of_actor on sessions (tenant, actor_type, actor_id, created_at desc, id desc)
    where pre_login = false and revoked_at is not null;
drop index sessions_pre_login;
create index sessions_pre_login on sessions (absolute_expires_at) where pre_login = true;

-- What the sweeper looks through.
create index sessions_expiry on sessions (idle_expires_at) where revoked_at is null;
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;

-- Whether a live session holds a key up, however many ended ones name it; a key that goes is looked for here, too.
drop index sessions_of_key;
drop index sessions_of_previous_key;
create index sessions_of_key on sessions (signing_key, revoked_at, idle_expires_at);
create index sessions_of_previous_key on sessions (previous_signing_key, revoked_at, idle_expires_at)
    where previous_signing_key is not null;
