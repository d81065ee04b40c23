-- { projectId, key, definition, actor? } → { before }: makes or replaces a metric; definition null takes it away.
-- `before` is what it was, or null. Run by the owner; the caller has validated the definition.
create or replace function nunchi.set_metric(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  next constant jsonb := nullif(args -> 'definition', 'null');
  before jsonb;
begin
  select m.definition into before from nunchi.metrics m
  where m.project_id = project and m.key = args ->> 'key' for update;
  if next is null then
    delete from nunchi.metrics m where m.project_id = project and m.key = args ->> 'key';
  else
    insert into nunchi.metrics as m (project_id, key, definition) values (project, args ->> 'key', next)
    on conflict (project_id, key) do update set definition = excluded.definition, updated_at = clock_timestamp();
  end if;
  if next is distinct from before then
    perform nunchi.audit(project, args ->> 'actor', case when next is null then 'metric.delete' else 'metric.set' end,
      args ->> 'key', before, next);
  end if;
  return jsonb_build_object('before', before);
end
$$;
revoke execute on function nunchi.set_metric(jsonb) from public;
