alter table tenants add column disabled_at timestamptz;

-- The names a tenant's sites answer to; a name belongs to one tenant.
create table tenant_hosts (
    host text collate "C" primary key check (length(host) between 1 and 253),
    tenant text collate "C" not null references tenants (id) on delete cascade
);

create index tenant_hosts_of_tenant on tenant_hosts (tenant);

-- Without a tenant it is an operator's, who makes, disables and deletes tenants.
alter table service_tokens
    alter column tenant drop not null,
    -- An operator sees no session, and nobody else sees other tenants.
    add check ((tenant is null) = (scopes = 'tenants'));

-- The credential that is about to take over: both are accepted until it has.
alter table edges
    add column next_sealed_secret bytea check (length(next_sealed_secret) = 69),
    add column next_auth_hash bytea check (length(next_auth_hash) = 32),
    add check ((next_sealed_secret is null) = (next_auth_hash is null));

-- Moves with every change to a service token, an edge, or what a tenant may do: what is kept of them in memory is
-- good for as long as it stands.
insert into counters (name, value) values ('credentials', 0);
