create table revocations_next (
    sequence integer primary key not null check (sequence > 0),
    kind text not null check (kind in ('session', 'actor', 'tenant', 'key')),
    -- No foreign key. An entry outlives its tenant: whoever follows the sequence must be told of the deletion, too.
    tenant text not null,
    session text,
    actor_type text,
    actor_id text,
    -- A key's mark hits what the key signed, a tenant's everything of the tenant.
    signing_key text,
    -- The one session of the actor that stays.
    except_session text,
    -- Everything that was issued before this is refused.
    issued_before text check (length(issued_before) = 24),
    created_at text not null check (length(created_at) = 24),
    -- From here on no token that this entry concerns can be alive.
    expires_at text not null check (length(expires_at) = 24),
    check ((kind = 'session') = (session is not null)),
    check ((kind = 'actor') = (actor_type is not null and actor_id is not null)),
    check ((kind = 'key') = (signing_key is not null)),
    check ((kind = 'session') = (issued_before is null)),
    check (except_session is null or kind = 'actor')
) strict;

insert into revocations_next (sequence, kind, tenant, session, actor_type, actor_id, except_session, issued_before, created_at, expires_at)
    select sequence, kind, tenant, session, actor_type, actor_id, except_session, issued_before, created_at, expires_at
    from revocations;
drop table revocations;
alter table revocations_next rename to revocations;
create index revocations_of_tenant on revocations (tenant);
-- What the sweeper looks through.
create index revocations_expiry on revocations (expires_at);

-- Moves when a backup was restored: positions in the sequence of another epoch are older than all of this one's.
-- `vouched_epoch` follows once the sessions that nobody can vouch for have been ended. `timeline` is PostgreSQL's own
-- count of restores and failovers, as last seen.
insert into counters (name, value) values ('epoch', 1), ('vouched_epoch', 1), ('timeline', 0);
