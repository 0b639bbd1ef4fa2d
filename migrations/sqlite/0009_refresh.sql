create table sessions_next (
    id text primary key not null check (id glob 'ses-*' and length(id) = 26),
    tenant text not null references tenants (id) on delete cascade,
    actor_type text not null check (length(actor_type) between 1 and 32),
    actor_id text not null check (length(actor_id) between 1 and 128),
    pre_login integer not null default 0 check (pre_login in (0, 1)),

    generation integer not null default 0 check (generation >= 0),
    -- The lowest generation whose holder may be given the current one; null as long as there was no other.
    previous_generation integer check (previous_generation between 0 and generation - 1),
    issued_at text not null check (length(issued_at) = 24),
    access_expires_at text not null check (length(access_expires_at) = 24),
    signing_key text not null,
    previous_signing_key text,
    presented integer not null default 0 check (presented in (0, 1)),
    -- When somebody last came back for an answer that had been lost; null again once the session was refreshed in time.
    answered_late_at text check (length(answered_late_at) = 24),
    channel text not null check (channel in ('cookie', 'bearer')),

    idle_expires_at text not null check (length(idle_expires_at) = 24),
    absolute_expires_at text not null check (length(absolute_expires_at) = 24),
    created_at text not null check (length(created_at) = 24),
    last_seen_at text not null check (length(last_seen_at) = 24),
    authenticated_at text not null check (length(authenticated_at) = 24),
    remember integer not null check (remember in (0, 1)),
    assurance integer not null check (assurance between 0 and 255),
    roles text not null,

    fingerprint blob check (length(fingerprint) = 32),
    device_name text,
    label text,
    -- Null unless the operator asked for them to be kept.
    ip text,
    user_agent text,

    idp_issuer text,
    idp_subject text,
    idp_sid text,

    revoked_at text check (length(revoked_at) = 24),
    revoked_reason text check (revoked_reason in
        ('sign_out', 'rotation', 'admin', 'reuse', 'back_channel', 'credential_change', 'key_revoked', 'session_limit')),

    check (issued_at < access_expires_at),
    check (access_expires_at <= idle_expires_at),
    -- A sliding idle expiry may reach the absolute one, never pass it.
    check (idle_expires_at <= absolute_expires_at),
    check (created_at <= issued_at),
    check ((revoked_at is null) = (revoked_reason is null)),
    foreign key (signing_key, tenant) references signing_keys (id, tenant) on delete restrict,
    foreign key (previous_signing_key, tenant) references signing_keys (id, tenant) on delete restrict
) strict;

insert into sessions_next (id, tenant, actor_type, actor_id, pre_login, generation, issued_at, access_expires_at,
        signing_key, previous_signing_key, presented, channel, idle_expires_at, absolute_expires_at, created_at,
        last_seen_at, authenticated_at, remember, assurance, roles, fingerprint, device_name, label, ip, user_agent,
        idp_issuer, idp_subject, idp_sid, revoked_at, revoked_reason)
    select id, tenant, actor_type, actor_id, pre_login, generation, issued_at, access_expires_at,
        signing_key, previous_signing_key, presented, channel, idle_expires_at, absolute_expires_at, created_at,
        last_seen_at, authenticated_at, remember, assurance, roles, fingerprint, device_name, label, ip, user_agent,
        idp_issuer, idp_subject, idp_sid, revoked_at, revoked_reason
    from sessions;
drop table sessions;
alter table sessions_next rename to sessions;

-- As they were (0007).
create index sessions_live_of_actor on sessions (tenant, actor_type, actor_id, created_at desc, id desc)
    where pre_login = false and revoked_at is null;
create index sessions_revoked_of_actor on sessions (tenant, actor_type, actor_id, created_at desc, id desc)
    where pre_login = false and revoked_at is not null;
create index sessions_pre_login on sessions (absolute_expires_at) where pre_login = true;
create index sessions_expiry on sessions (idle_expires_at) where revoked_at is null;
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
create index sessions_of_key on sessions (signing_key, revoked_at, idle_expires_at);
create index sessions_of_previous_key on sessions (previous_signing_key, revoked_at, idle_expires_at)
    where previous_signing_key is not null;

-- What is not kept for ever, where it is kept at all.
create index sessions_personal on sessions (last_seen_at) where ip is not null or user_agent is not null;

-- What is known of actors beyond their sessions, which take it over when they are refreshed.
create table actors (
    tenant text not null references tenants (id) on delete cascade,
    actor_type text not null check (length(actor_type) between 1 and 32),
    actor_id text not null check (length(actor_id) between 1 and 128),
    -- Null: each session goes on with its own.
    roles text,
    assurance integer check (assurance between 0 and 255),
    updated_at text not null check (length(updated_at) = 24),
    primary key (tenant, actor_type, actor_id)
) strict, without rowid;

-- What somebody may have to answer for. Rows are added and neither changed nor deleted; no foreign key, since they
-- outlive what they are about.
create table audit (
    id integer primary key not null,
    at text not null check (length(at) = 24),
    tenant text not null,
    event text not null,
    session text,
    actor_type text,
    actor_id text,
    detail text
) strict;

create index audit_of_tenant on audit (tenant, id);
