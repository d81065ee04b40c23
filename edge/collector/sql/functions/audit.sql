-- Records one deed of administration: who did what to what, how it was before and how it is since. Part of the
-- functions that change something; `actor` null means the login of the session. Of a person only the hash goes in.
create or replace function nunchi.audit(project uuid, actor text, action text, subject text, before jsonb, after jsonb)
returns void
language sql set search_path = '' as $$
  insert into nunchi.audit_log (project_id, actor, action, subject, before, after)
  values (project, coalesce(nullif(actor, ''), 'sql:' || session_user), action, subject, before, after)
$$;
revoke execute on function nunchi.audit(uuid, text, text, text, jsonb, jsonb) from public;
