-- The lists that recommend() answers. Part of recommend() and recommend_for().
create or replace function nunchi.recommendations_of(project uuid, env text, ask jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  known constant text[] := nunchi.catalog_types(project, env);
  wanted constant text[] := coalesce(array(select jsonb_array_elements_text(ask -> 'types')), '{}');
  most constant integer := least(greatest(coalesce((ask ->> 'limit')::integer, 10), 1), 100);
  result jsonb;
begin
  if exists (select from unnest(wanted) w where w <> all (known)) then
    return jsonb_build_object('error', 'unknown_type', 'types', known);
  end if;
  select jsonb_build_object('generated_at', now(), 'expires_at', now() + interval '1 minute', 'neighbors', '{}'::jsonb,
    'recommendations', coalesce(jsonb_object_agg(t.type, jsonb_build_object('recommendationId', gen_random_uuid(),
      'list', coalesce(ask ->> 'list', 'user'), 'items', l.items)), '{}'))
  into result
  from unnest(case when wanted = '{}' then known[:10] else wanted end) t (type)
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'type', i.type, 'title', i.title, 'tags', i.tags,
      'attributes', i.attributes, 'score', 0, 'reason', jsonb_build_object('code', 'new'))), '[]') as items
    from (select * from nunchi.items i where i.project_id = project and i.environment = env and i.type = t.type
      and i.deleted_at is null and i.available order by i.created_at desc, i.id limit most) i
  ) l;
  return result;
end
$$;
revoke execute on function nunchi.recommendations_of(uuid, text, jsonb) from public;
