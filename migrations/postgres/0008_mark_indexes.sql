-- The newest mark over an actor or a tenant: no session is stored that was issued before it.
create index revocations_marks_of_actor on revocations (tenant, actor_type, actor_id, issued_before)
    where kind = 'actor';
create index revocations_marks_of_tenant on revocations (tenant, issued_before) where kind = 'tenant';
