-- {} → [{ project, tokens, calls, refused }], today (UTC), of projects that asked a model. Run by the owner.
create or replace function nunchi.insight_usage_today(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('project', p.name, 'tokens', u.tokens, 'calls', u.calls,
    'refused', u.refused) order by u.tokens desc, p.name), '[]')
  from nunchi.insight_usage u join nunchi.projects p on p.id = u.project_id
  where u.day = (clock_timestamp() at time zone 'UTC')::date
$$;
revoke execute on function nunchi.insight_usage_today(jsonb) from public;
