-- Which provider vouched for a session is told, too, where one did. Rows that are there stay as they are.
drop trigger sessions_audited;
create trigger sessions_audited after insert on sessions when new.pre_login = false
begin
    insert into audit (at, tenant, event, session, actor_type, actor_id, detail)
        values (new.created_at, new.tenant, 'session.created', new.id, new.actor_type, new.actor_id,
            new.method || coalesce(', ' || new.idp_issuer, ''));
end;
