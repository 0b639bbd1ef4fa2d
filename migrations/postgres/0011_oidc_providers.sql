-- The OpenID providers by which people of a tenant sign in.
create table oidc_providers (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    id text collate "C" not null check (length(id) between 1 and 63),
    name text not null check (length(name) between 1 and 64),
    issuer text collate "C" not null check (length(issuer) between 1 and 255),
    client_id text not null check (length(client_id) between 1 and 255),
    -- Sealed under the KEK; null for a public client.
    sealed_secret bytea,
    -- Everything that only says how its answers are read: JSON.
    settings text not null,
    enabled boolean not null default true,
    -- Kept in the configuration file, and changed there.
    managed_by_file boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id)
);

-- A logout locks every provider of its issuer; a sign-in does, too.
create index oidc_providers_of_issuer on oidc_providers (tenant, issuer, id);

-- Logouts that providers have told: none is taken twice, and none is overtaken by a sign-in that began before it.
create table oidc_logouts (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    issuer text collate "C" not null,
    jti text collate "C" not null check (length(jti) between 1 and 255),
    subject text collate "C",
    sid text collate "C",
    -- By the provider's clock.
    issued_at timestamptz not null,
    received_at timestamptz not null,
    -- From here on neither the token nor a sign-in before it is accepted.
    expires_at timestamptz not null,
    primary key (tenant, issuer, jti),
    check (subject is not null or sid is not null)
);

create index oidc_logouts_of_sid on oidc_logouts (tenant, issuer, sid) where sid is not null;
create index oidc_logouts_of_subject on oidc_logouts (tenant, issuer, subject) where sid is null;
create index oidc_logouts_over on oidc_logouts (expires_at);
