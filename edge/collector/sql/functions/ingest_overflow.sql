-- Takes events just stored out of the default partition again where their key has too many there: each of
-- them would slow down every later partition. Part of ingest(), called only when some fell outside. What is
-- too much is looked for first, and each event by its whole key: a sender whose clock is far off must not make
-- every call read all that stands there.
create or replace function nunchi.ingest_overflow(
  inout projects uuid[], inout ids uuid[], out refused jsonb)
language plpgsql security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  room constant integer := 10000;
  surplus record;
begin
  refused := '[]';
  for surplus in
    with added as materialized (
      select d.project_id, d.id, d.key_id, row_number() over (partition by d.key_id order by d.id) as place,
        count(*) over (partition by d.key_id) as news
      from unnest(projects, ids) as a (project_id, id)
      cross join lateral (select s.project_id, s.id, s.key_id from nunchi.analytics_events_default s
        where s.project_id = a.project_id and s.id = a.id offset 0) d
    ), full_keys as materialized (
      select k.key_id, room - (
          select count(*) from (
            select from nunchi.analytics_events_default d
            where d.project_id = k.project_id and d.key_id = k.key_id limit room + k.news
          ) held
        ) + k.news as left_over
      from (select distinct project_id, key_id, news from added) k
    )
    select a.project_id, array_agg(a.id order by a.id) as ids
    from added a join full_keys f using (key_id) where a.place > f.left_over
    group by a.project_id
  loop
    delete from nunchi.analytics_events_default d where d.project_id = surplus.project_id and d.id = any (surplus.ids);
    refused := refused || (select jsonb_agg(jsonb_build_object('projectId', surplus.project_id, 'id', i))
      from unnest(surplus.ids) i);
  end loop;

  if refused <> '[]' then
    select array_agg(a.project_id order by a.project_id, a.id), array_agg(a.id order by a.project_id, a.id)
    into projects, ids
    from unnest(projects, ids) as a (project_id, id)
    where (a.project_id, a.id) not in (
      select r."projectId", r.id from jsonb_to_recordset(refused) as r ("projectId" uuid, id uuid));
  end if;
end
$$;
revoke execute on function nunchi.ingest_overflow(uuid[], uuid[]) from public;
