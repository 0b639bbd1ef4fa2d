-- Texts that are compared and ordered by bytes say so: a database's own collation may order otherwise.

create table counters (
    name text collate "C" primary key,
    value bigint not null check (value >= 0)
);

-- `keyring` moves with every change that a published keyring shows, `token_lifetime` is the longest lifetime of a
-- token in milliseconds that this installation was ever set to, `revocations` numbers the revocations.
insert into counters (name, value) values ('keyring', 0), ('token_lifetime', 0), ('revocations', 0);

create table tenants (
    id text collate "C" primary key check (length(id) between 1 and 63),
    -- Keys the hash of a user agent; sealed under the KEK, one for each tenant so that devices cannot be matched across tenants.
    fingerprint_key bytea not null check (length(fingerprint_key) = 69),
    created_at timestamptz not null
);

create table signing_keys (
    id text collate "C" primary key check (id like 'sk-%' and length(id) = 14),
    tenant text collate "C" not null references tenants (id) on delete cascade,
    state text not null check (state in ('pending', 'active', 'retired', 'destroyed', 'revoked')),
    -- Version, KEK id, nonce, 32 sealed bytes, tag. Gone once the key is destroyed.
    sealed bytea check (sealed is null or length(sealed) = 69),
    created_at timestamptz not null,
    activated_at timestamptz,
    retired_at timestamptz,
    check ((sealed is null) = (state = 'destroyed')),
    -- What lets a session refer to (key, tenant), so that no session can be signed by a stranger's key.
    unique (id, tenant)
);

create unique index signing_keys_one_active on signing_keys (tenant) where state = 'active';
create unique index signing_keys_one_pending on signing_keys (tenant) where state = 'pending';
create index signing_keys_of_tenant on signing_keys (tenant);
