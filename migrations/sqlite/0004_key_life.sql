-- When its subkeys for access tokens left the keyring: not before the last token that it signed was dead.
alter table signing_keys add column withdrawn_at text check (length(withdrawn_at) = 24)
    check (withdrawn_at is null or retired_at is not null);
alter table signing_keys add column revoked_at text check (length(revoked_at) = 24)
    check (state <> 'revoked' or revoked_at is not null);
alter table signing_keys add column destroyed_at text check (length(destroyed_at) = 24)
    check ((destroyed_at is not null) = (state = 'destroyed'));

-- What the schedule and the sweeper look through.
create index signing_keys_by_state on signing_keys (state);
