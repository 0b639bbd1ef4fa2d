-- One table for sessions before and after sign-in.
create table sessions (
    id text primary key not null check (id glob 'ses-*' and length(id) = 26),
    tenant text not null references tenants (id) on delete cascade,
    actor_type text not null check (length(actor_type) between 1 and 32),
    actor_id text not null check (length(actor_id) between 1 and 128),
    pre_login integer not null default 0 check (pre_login in (0, 1)),

    generation integer not null default 0 check (generation >= 0),
    issued_at text not null check (length(issued_at) = 24),
    access_expires_at text not null check (length(access_expires_at) = 24),
    signing_key text not null,
    previous_signing_key text,
    presented integer not null default 0 check (presented in (0, 1)),
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
        ('sign_out', 'rotation', 'admin', 'reuse', 'back_channel', 'credential_change', 'key_revoked')),

    check (issued_at < access_expires_at),
    check (access_expires_at <= idle_expires_at),
    -- A sliding idle expiry may reach the absolute one, never pass it.
    check (idle_expires_at <= absolute_expires_at),
    check (created_at <= issued_at),
    check ((revoked_at is null) = (revoked_reason is null)),
    foreign key (signing_key, tenant) references signing_keys (id, tenant) on delete restrict,
    foreign key (previous_signing_key, tenant) references signing_keys (id, tenant) on delete restrict
) strict;

-- "My sessions", newest first.
create index sessions_of_actor on sessions (tenant, actor_type, actor_id, created_at desc, id desc)
    where pre_login = 0;
-- What a signing key still holds up; also what the foreign key looks through when a key goes.
create index sessions_of_key on sessions (signing_key, tenant);
create index sessions_of_previous_key on sessions (previous_signing_key, tenant)
    where previous_signing_key is not null;
create index sessions_pre_login on sessions (absolute_expires_at) where pre_login = 1;

create table revocations (
    sequence integer primary key not null check (sequence > 0),
    kind text not null check (kind in ('session', 'actor')),
    tenant text not null references tenants (id) on delete cascade,
    session text,
    actor_type text,
    actor_id text,
    -- The one session of the actor that stays.
    except_session text,
    -- Everything of the actor that was issued before this is refused.
    issued_before text check (length(issued_before) = 24),
    created_at text not null check (length(created_at) = 24),
    -- From here on no token that this entry concerns can be alive.
    expires_at text not null check (length(expires_at) = 24),
    check ((kind = 'session') = (session is not null)),
    check ((kind = 'actor') = (actor_type is not null and actor_id is not null and issued_before is not null)),
    check (except_session is null or kind = 'actor')
) strict;

create index revocations_of_tenant on revocations (tenant);
