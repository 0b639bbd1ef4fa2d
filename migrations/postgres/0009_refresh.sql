alter table sessions
    -- The lowest generation whose holder may be given the current one; null as long as there was no other.
    add column previous_generation bigint,
    -- When somebody last came back for an answer that had been lost; null again once the session was refreshed in time.
    add column answered_late_at timestamptz,
    add check (previous_generation between 0 and generation - 1);

alter table sessions drop constraint sessions_revoked_reason_check;
alter table sessions add check (revoked_reason in
    ('sign_out', 'rotation', 'admin', 'reuse', 'back_channel', 'credential_change', 'key_revoked', 'session_limit'));

-- What is not kept for ever, where it is kept at all.
create index sessions_personal on sessions (last_seen_at) where ip is not null or user_agent is not null;

-- What is known of actors beyond their sessions, which take it over when they are refreshed.
create table actors (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    actor_type text collate "C" not null check (length(actor_type) between 1 and 32),
    actor_id text collate "C" not null check (length(actor_id) between 1 and 128),
    -- Null: each session goes on with its own.
    roles text,
    assurance bigint check (assurance between 0 and 255),
    updated_at timestamptz not null,
    primary key (tenant, actor_type, actor_id)
);

-- What somebody may have to answer for. Rows are added and neither changed nor deleted; no foreign key, since they
-- outlive what they are about.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    tenant text collate "C" not null,
    event text not null,
    session text collate "C",
    actor_type text collate "C",
    actor_id text collate "C",
    detail text
);

create index audit_of_tenant on audit (tenant, id);
