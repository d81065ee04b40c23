-- Takes events just stored out of the default partition again where their key has too many there: each of
-- them would slow down every later partition. Part of ingest(), called only when some fell outside.
create or replace function nunchi.ingest_overflow(
  inout projects uuid[], inout ids uuid[], out refused jsonb)
language plpgsql security definer set search_path = '' as $$
declare
  room constant integer := 10000;
begin
  with added as (
    select d.project_id, d.id, d.key_id, row_number() over (partition by d.key_id order by d.id) as place,
      count(*) over (partition by d.key_id) as news
    from unnest(projects, ids) as a (project_id, id)
    join nunchi.analytics_events_default d using (project_id, id)
  ), full_keys as (
    select k.key_id, room - (
        select count(*) from (
          select from nunchi.analytics_events_default d
          where d.project_id = k.project_id and d.key_id = k.key_id limit room + k.news
        ) held
      ) + k.news as left_over
    from (select distinct project_id, key_id, news from added) k
  ), evicted as (
    delete from nunchi.analytics_events_default d
    using added a join full_keys f using (key_id)
    where a.place > f.left_over and d.project_id = a.project_id and d.id = a.id
    returning d.project_id, d.id
  )
  select coalesce(jsonb_agg(jsonb_build_object('projectId', e.project_id, 'id', e.id)), '[]')
  into refused from evicted e;

  if refused <> '[]' then
    select array_agg(a.project_id order by a.project_id, a.id), array_agg(a.id order by a.project_id, a.id)
    into projects, ids
    from unnest(projects, ids) as a (project_id, id)
    where not refused @> jsonb_build_array(jsonb_build_object('projectId', a.project_id, 'id', a.id));
  end if;
end
$$;
revoke execute on function nunchi.ingest_overflow(uuid[], uuid[]) from public;
