-- Rows are linked into a chain some seconds after they were written: `position` counts them without gaps in the order in
-- which they were linked (not that of `id`, by which a transaction that ends late would be passed over), `mac` is over the
-- row and the link before it.
alter table audit
    add column position bigint check (position > 0),
    add column mac bytea check (length(mac) = 32),
    add check ((mac is null) = (position is null));

create unique index audit_position on audit (position) where position is not null;
-- What is to be linked next.
create index audit_unlinked on audit (id) where position is null;
-- What was about whom. Of linked rows alone: whoever writes one waits for one index less.
create index audit_of_actor on audit (actor_id, id) where position is not null;

-- One row, once the first links have been made.
create table audit_chain (
    id text collate "C" primary key check (id = 'audit'),
    -- What the links are made with; sealed under the KEK.
    sealed_key bytea not null check (length(sealed_key) = 69),
    -- The newest link.
    position bigint not null check (position >= 0),
    mac bytea not null check (length(mac) = 32),
    -- A MAC over the two, so that nobody cuts off the end and calls an earlier link the newest.
    seal bytea not null check (length(seal) = 32),
    -- The link up to which the rows have been deleted, for they were old; and a MAC over that.
    checkpoint_position bigint not null check (checkpoint_position between 0 and position),
    checkpoint_mac bytea not null check (length(checkpoint_mac) = 32),
    checkpoint_seal bytea not null check (length(checkpoint_seal) = 32)
);

-- Rows are added, linked once, and deleted once they are old, whoever asks for something else. These stop mistakes; whoever
-- may drop triggers is found out by the chain.
create function sealgate_refuse() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0] using errcode = 'integrity_constraint_violation';
end
$$;
create trigger audit_added before insert on audit for each row
    when (new.position is not null or new.mac is not null)
    execute function sealgate_refuse('a row of the audit table begins without a link');
create trigger audit_changed before update on audit for each row
    when (old.position is not null or new.position is null
        or (new.id, new.at, new.tenant, new.event, new.session, new.actor_type, new.actor_id, new.detail)
            is distinct from
            (old.id, old.at, old.tenant, old.event, old.session, old.actor_type, old.actor_id, old.detail))
    execute function sealgate_refuse('rows of the audit table do not change');
create trigger audit_emptied before truncate on audit
    execute function sealgate_refuse('rows of the audit table stay until a checkpoint has passed them');

create function sealgate_keep_audit() returns trigger language plpgsql as $$
begin
    if exists (select 1 from old_rows where position is null
            or position > coalesce((select checkpoint_position from audit_chain), 0)) then
        raise exception 'rows of the audit table stay until a checkpoint has passed them'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
create trigger audit_deleted after delete on audit referencing old table as old_rows
    for each statement execute function sealgate_keep_audit();

create trigger audit_chain_changed before update on audit_chain for each row
    when (new.position < old.position or new.checkpoint_position < old.checkpoint_position)
    execute function sealgate_refuse('the chain of the audit table does not go back');
create trigger audit_chain_deleted before delete on audit_chain for each row
    execute function sealgate_refuse('the chain of the audit table stays');
create trigger audit_chain_emptied before truncate on audit_chain
    execute function sealgate_refuse('the chain of the audit table stays');

-- Every session is written down by whatever way it came, and all of a statement by one more.
create function sealgate_audit_sessions() returns trigger language plpgsql as $$
begin
    insert into audit (at, tenant, event, session, actor_type, actor_id, detail)
        select created_at, tenant, 'session.created', id, actor_type, actor_id, method from new_rows where not pre_login;
    return null;
end
$$;
create trigger sessions_audited after insert on sessions referencing new table as new_rows
    for each statement execute function sealgate_audit_sessions();
