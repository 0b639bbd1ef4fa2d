-- Passwords of operators, for when no provider answers. A tenant that has none has no such sign-in.
create table break_glass (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    -- What is typed as the name: the actor's id.
    account text collate "C" not null check (length(account) between 1 and 128),
    actor_type text not null check (length(actor_type) between 1 and 32),
    -- Argon2id with its parameters and its salt, in the format of PHC.
    password_hash text not null check (password_hash like '$argon2id$%'),
    -- Null: what is known of the actor.
    roles text,
    assurance bigint not null check (assurance between 0 and 255),
    set_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant, account)
);

-- How many guesses failed lately, at an account and from a network; and which networks the operator lets past the count of an
-- account. What is quiet for an hour is forgotten.
create table break_glass_lanes (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    lane text collate "C" not null check (length(lane) between 1 and 200),
    failures bigint not null check (failures >= 0),
    last_at timestamptz not null,
    primary key (tenant, lane)
);

create index break_glass_lanes_quiet on break_glass_lanes (last_at);
