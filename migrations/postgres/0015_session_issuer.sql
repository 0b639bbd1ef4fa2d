-- Which provider vouched for a session is told, too, where one did. Rows that are there stay as they are.
create or replace function sealgate_audit_sessions() returns trigger language plpgsql as $$
begin
    insert into audit (at, tenant, event, session, actor_type, actor_id, detail)
        select created_at, tenant, 'session.created', id, actor_type, actor_id,
            method || coalesce(', ' || idp_issuer, '') from new_rows where not pre_login;
    return null;
end
$$;
