-- Rows are linked into a chain some seconds after they were written: `position` counts them without gaps in the order in
-- which they were linked, `mac` is over the row and the link before it.
alter table audit add column position integer check (position > 0);
alter table audit add column mac blob check (length(mac) = 32) check ((mac is null) = (position is null));

create unique index audit_position on audit (position) where position is not null;
-- What is to be linked next.
create index audit_unlinked on audit (id) where position is null;
-- What was about whom. Of linked rows alone: whoever writes one waits for one index less.
create index audit_of_actor on audit (actor_id, id) where position is not null;

-- One row, once the first links have been made.
create table audit_chain (
    id text primary key not null check (id = 'audit'),
    -- What the links are made with; sealed under the KEK.
    sealed_key blob not null check (length(sealed_key) = 69),
    -- The newest link.
    position integer not null check (position >= 0),
    mac blob not null check (length(mac) = 32),
    -- A MAC over the two, so that nobody cuts off the end and calls an earlier link the newest.
    seal blob not null check (length(seal) = 32),
    -- The link up to which the rows have been deleted, for they were old; and a MAC over that.
    checkpoint_position integer not null check (checkpoint_position between 0 and position),
    checkpoint_mac blob not null check (length(checkpoint_mac) = 32),
    checkpoint_seal blob not null check (length(checkpoint_seal) = 32)
) strict;

-- Rows are added, linked once, and deleted once they are old, whoever asks for something else. These stop mistakes; whoever
-- may drop triggers is found out by the chain.
create trigger audit_added before insert on audit
    when new.position is not null or new.mac is not null or exists (select 1 from audit where id = new.id)
begin
    select raise(abort, 'a row of the audit table begins without a link');
end;
create trigger audit_changed before update on audit
    when not (old.position is null and new.position is not null and new.id is old.id and new.at is old.at
        and new.tenant is old.tenant and new.event is old.event and new.session is old.session
        and new.actor_type is old.actor_type and new.actor_id is old.actor_id and new.detail is old.detail
        and not exists (select 1 from audit where position = new.position))
begin
    select raise(abort, 'rows of the audit table do not change');
end;
create trigger audit_deleted before delete on audit
    when old.position is null or old.position > coalesce((select checkpoint_position from audit_chain), 0)
begin
    select raise(abort, 'rows of the audit table stay until a checkpoint has passed them');
end;
create trigger audit_chain_changed before update on audit_chain
    when new.position < old.position or new.checkpoint_position < old.checkpoint_position
begin
    select raise(abort, 'the chain of the audit table does not go back');
end;
create trigger audit_chain_deleted before delete on audit_chain
begin
    select raise(abort, 'the chain of the audit table stays');
end;

-- Every session is written down by whatever way it came, and many by the statement that stores them.
create trigger sessions_audited after insert on sessions when new.pre_login = false
begin
    insert into audit (at, tenant, event, session, actor_type, actor_id, detail)
        values (new.created_at, new.tenant, 'session.created', new.id, new.actor_type, new.actor_id, new.method);
end;
