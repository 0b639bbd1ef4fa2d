alter table signing_keys
    -- When its subkeys for access tokens left the keyring: not before the last token that it signed was dead.
    add column withdrawn_at timestamptz,
    add column revoked_at timestamptz,
    add column destroyed_at timestamptz,
    add check (withdrawn_at is null or retired_at is not null),
    add check (state <> 'revoked' or revoked_at is not null),
    add check ((destroyed_at is not null) = (state = 'destroyed'));

-- What the schedule and the sweeper look through.
create index signing_keys_by_state on signing_keys (state);
