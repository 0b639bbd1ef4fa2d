-- A sign-in under way at a provider: by what it is found when the browser comes back (hashes of two secrets), and what is
-- needed then, sealed.
alter table sessions add column login_state blob check (length(login_state) = 32);
alter table sessions add column login_binding blob check (length(login_binding) = 32);
alter table sessions add column login_sealed blob;
-- A keyed hash of where it came from, by which it is counted.
alter table sessions add column login_network blob check (length(login_network) = 32);

create unique index sessions_login_state on sessions (login_state) where pre_login = true;
-- The oldest of one network, and of all.
create index sessions_login_network on sessions (tenant, login_network, created_at, id) where pre_login = true;
create index sessions_login_age on sessions (tenant, created_at, id) where pre_login = true;

-- What people call somebody, as the provider told it.
alter table actors add column display_name text check (length(display_name) between 1 and 128);
