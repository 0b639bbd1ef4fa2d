-- One table for sessions before and after sign-in.
create table sessions (
    id text collate "C" primary key check (id like 'ses-%' and length(id) = 26),
    tenant text collate "C" not null references tenants (id) on delete cascade,
    actor_type text collate "C" not null check (length(actor_type) between 1 and 32),
    actor_id text collate "C" not null check (length(actor_id) between 1 and 128),
    pre_login boolean not null default false,

    generation bigint not null default 0 check (generation between 0 and 4294967295),
    issued_at timestamptz not null,
    access_expires_at timestamptz not null,
    signing_key text collate "C" not null,
    previous_signing_key text collate "C",
    presented boolean not null default false,
    channel text not null check (channel in ('cookie', 'bearer')),

    idle_expires_at timestamptz not null,
    absolute_expires_at timestamptz not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    authenticated_at timestamptz not null,
    remember boolean not null,
    assurance bigint not null check (assurance between 0 and 255),
    roles text not null,

    fingerprint bytea check (length(fingerprint) = 32),
    device_name text,
    label text,
    -- Null unless the operator asked for them to be kept.
    ip text,
    user_agent text,

    idp_issuer text,
    idp_subject text,
    idp_sid text,

    revoked_at timestamptz,
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
);

-- "My sessions", newest first.
create index sessions_of_actor on sessions (tenant, actor_type, actor_id, created_at desc, id desc)
    where pre_login = false;
-- What a signing key still holds up; also what the foreign key looks through when a key goes.
create index sessions_of_key on sessions (signing_key, tenant);
create index sessions_of_previous_key on sessions (previous_signing_key, tenant)
    where previous_signing_key is not null;
create index sessions_pre_login on sessions (absolute_expires_at) where pre_login = true;

create table revocations (
    sequence bigint primary key check (sequence > 0),
    kind text not null check (kind in ('session', 'actor')),
    tenant text collate "C" not null references tenants (id) on delete cascade,
    session text collate "C",
    actor_type text collate "C",
    actor_id text collate "C",
    -- The one session of the actor that stays.
    except_session text collate "C",
    -- Everything of the actor that was issued before this is refused.
    issued_before timestamptz,
    created_at timestamptz not null,
    -- From here on no token that this entry concerns can be alive.
    expires_at timestamptz not null,
    check ((kind = 'session') = (session is not null)),
    check ((kind = 'actor') = (actor_type is not null and actor_id is not null and issued_before is not null)),
    check (except_session is null or kind = 'actor')
);

create index revocations_of_tenant on revocations (tenant);
