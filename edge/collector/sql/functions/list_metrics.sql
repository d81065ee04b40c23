-- { projectId } → [{ key, definition }], by key. Run by the owner.
create or replace function nunchi.list_metrics(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('key', m.key, 'definition', m.definition) order by m.key collate "C"), '[]')
  from nunchi.metrics m where m.project_id = (args ->> 'projectId')::uuid
$$;
revoke execute on function nunchi.list_metrics(jsonb) from public;
