-- What a backend shows to mint, read and revoke: one tenant each.
create table service_tokens (
    id text collate "C" primary key check (length(id) = 11),
    tenant text collate "C" not null references tenants (id) on delete cascade,
    name text not null check (length(name) between 1 and 64),
    -- SHA-256 of the 32 random bytes: with so much randomness a slow hash would add nothing.
    secret_hash bytea not null check (length(secret_hash) = 32),
    scopes text not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);

create index service_tokens_of_tenant on service_tokens (tenant);

create table edges (
    id text collate "C" primary key check (length(id) between 1 and 63),
    -- Sealed under the KEK: the origin needs the secret itself to seal keyrings to it.
    sealed_secret bytea not null check (length(sealed_secret) = 69),
    -- SHA-256 of the derived `auth` key: lets a request be checked without unsealing anything.
    auth_hash bytea not null check (length(auth_hash) = 32),
    created_at timestamptz not null,
    revoked_at timestamptz
);

create table edge_tenants (
    edge text collate "C" not null references edges (id) on delete cascade,
    tenant text collate "C" not null references tenants (id) on delete cascade,
    primary key (edge, tenant)
);

create index edge_tenants_of_tenant on edge_tenants (tenant);
