-- How the session came about; null for those made before this was written down.
alter table sessions add column method text
    check (method in ('backend', 'oidc', 'break_glass', 'development', 'command'));

-- What a provider's logout names: one of its sessions, or all of a person's.
create index sessions_of_idp_sid on sessions (tenant, idp_issuer, idp_sid)
    where idp_sid is not null and revoked_at is null;
create index sessions_of_idp_subject on sessions (tenant, idp_issuer, idp_subject)
    where idp_subject is not null and revoked_at is null;
