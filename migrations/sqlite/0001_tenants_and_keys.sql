-- Times are ISO 8601 UTC text of one width, 2026-01-02T03:04:05.678Z, so that text order is time order.

create table counters (
    name text primary key not null,
    value integer not null check (value >= 0)
) strict;

-- `keyring` moves with every change that a published keyring shows, `token_lifetime` is the longest lifetime of a
-- token in milliseconds that this installation was ever set to, `revocations` numbers the revocations.
insert into counters (name, value) values ('keyring', 0), ('token_lifetime', 0), ('revocations', 0);

create table tenants (
    id text primary key not null check (length(id) between 1 and 63),
    -- Keys the hash of a user agent; sealed under the KEK, one for each tenant so that devices cannot be matched across tenants.
    fingerprint_key blob not null check (length(fingerprint_key) = 69),
    created_at text not null check (length(created_at) = 24)
) strict;

create table signing_keys (
    id text primary key not null check (id glob 'sk-*' and length(id) = 14),
    tenant text not null references tenants (id) on delete cascade,
    state text not null check (state in ('pending', 'active', 'retired', 'destroyed', 'revoked')),
    -- Version, KEK id, nonce, 32 sealed bytes, tag. Gone once the key is destroyed.
    sealed blob check (sealed is null or length(sealed) = 69),
    created_at text not null check (length(created_at) = 24),
    activated_at text check (length(activated_at) = 24),
    retired_at text check (length(retired_at) = 24),
    check ((sealed is null) = (state = 'destroyed')),
    -- What lets a session refer to (key, tenant), so that no session can be signed by a stranger's key.
    unique (id, tenant)
) strict;

create unique index signing_keys_one_active on signing_keys (tenant) where state = 'active';
create unique index signing_keys_one_pending on signing_keys (tenant) where state = 'pending';
create index signing_keys_of_tenant on signing_keys (tenant);
