alter table tenants add column disabled_at text check (length(disabled_at) = 24);

-- The names a tenant's sites answer to; a name belongs to one tenant.
create table tenant_hosts (
    host text primary key not null check (length(host) between 1 and 253),
    tenant text not null references tenants (id) on delete cascade
) strict;

create index tenant_hosts_of_tenant on tenant_hosts (tenant);

-- Without a tenant it is an operator's, who makes, disables and deletes tenants.
create table service_tokens_next (
    id text primary key not null check (length(id) = 11),
    tenant text references tenants (id) on delete cascade,
    name text not null check (length(name) between 1 and 64),
    -- SHA-256 of the 32 random bytes: with so much randomness a slow hash would add nothing.
    secret_hash blob not null check (length(secret_hash) = 32),
    scopes text not null,
    created_at text not null check (length(created_at) = 24),
    revoked_at text check (length(revoked_at) = 24),
    -- An operator sees no session, and nobody else sees other tenants.
    check ((tenant is null) = (scopes = 'tenants'))
) strict;

insert into service_tokens_next (id, tenant, name, secret_hash, scopes, created_at, revoked_at)
    select id, tenant, name, secret_hash, scopes, created_at, revoked_at from service_tokens;
drop table service_tokens;
alter table service_tokens_next rename to service_tokens;
create index service_tokens_of_tenant on service_tokens (tenant);

-- The credential that is about to take over: both are accepted until it has.
alter table edges add column next_sealed_secret blob check (length(next_sealed_secret) = 69);
alter table edges add column next_auth_hash blob check (length(next_auth_hash) = 32)
    check ((next_sealed_secret is null) = (next_auth_hash is null));

-- Moves with every change to a service token, an edge, or what a tenant may do: what is kept of them in memory is
-- good for as long as it stands.
insert into counters (name, value) values ('credentials', 0);
