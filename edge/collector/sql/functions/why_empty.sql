-- Why a list of a type holds nothing: empty_catalog, all_seen or filtered. Part of recommend(). Looks at 1,000 items.
create or replace function nunchi.why_empty(project uuid, env text, kind text, list text, actors nunchi.actor[],
  again boolean, said jsonb) returns text
language sql stable set search_path = '' set enable_seqscan = off as $$
  select case when count(*) = 0 then 'empty_catalog' when bool_or(l.passes and l.seen) and not bool_or(l.passes and not l.seen)
    then 'all_seen' else 'filtered' end
  from (
    select exists (select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
            and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = i.id
            and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x) as seen,
      not exists (select from jsonb_array_elements(said -> 'rules') r where r ? 'filter' and nunchi.rule_holds(r, list, kind)
        and nunchi.matches_condition(r -> 'filter', i.attributes
          || jsonb_build_object('id', i.id, 'type', i.type, 'tags', i.tags)) is not true) as passes
    from nunchi.items i
    where i.project_id = project and i.environment = env and i.type = kind and i.deleted_at is null and i.available
    order by i.created_at desc, i.id limit 1000
  ) l
$$;
revoke execute on function nunchi.why_empty(uuid, text, text, text, nunchi.actor[], boolean, jsonb) from public;
