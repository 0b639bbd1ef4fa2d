-- An entry outlives its tenant: whoever follows the sequence must be told of the deletion, too.
alter table revocations drop constraint revocations_tenant_fkey;

alter table revocations drop constraint revocations_kind_check;
alter table revocations drop constraint revocations_check;
alter table revocations drop constraint revocations_check1;
alter table revocations drop constraint revocations_check2;

-- A key's mark hits what the key signed, a tenant's everything of the tenant.
alter table revocations add column signing_key text collate "C";
alter table revocations
    add check (kind in ('session', 'actor', 'tenant', 'key')),
    add check ((kind = 'session') = (session is not null)),
    add check ((kind = 'actor') = (actor_type is not null and actor_id is not null)),
    add check ((kind = 'key') = (signing_key is not null)),
    add check ((kind = 'session') = (issued_before is null)),
    add check (except_session is null or kind = 'actor');

-- What the sweeper looks through.
create index revocations_expiry on revocations (expires_at);

-- Moves when a backup was restored: positions in the sequence of another epoch are older than all of this one's.
-- `vouched_epoch` follows once the sessions that nobody can vouch for have been ended. `timeline` is PostgreSQL's own
-- count of restores and failovers, as last seen.
insert into counters (name, value) values ('epoch', 1), ('vouched_epoch', 1), ('timeline', 0);

-- Wakes every origin as soon as something they keep in memory has changed. Here rather than in the statements: no
-- change can forget it, one made by hand included.
create function sealgate_wake() returns trigger language plpgsql as $$
begin
    perform pg_notify('sealgate', '');
    return null;
end
$$;
create trigger counters_wake after update on counters for each statement execute function sealgate_wake();
