-- { projectId?, from?, to?, repair?, limit? = 200 } → [{ projectId, project, from, to, events, waiting, differences,
-- rows: [{ area, place, expected, found }] }]: compares what processing wrote with the raw events, project by
-- project, and names each difference up to the limit. `from` and `to` are days of the project's zone, `to` included;
-- without them all that there is, back to where retention leaves events. Events that wait in the queue count nowhere.
-- `repair` writes those days anew, and answers the differences that were there before; processing pauses meanwhile.
create or replace function nunchi.recount(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  repair constant boolean := coalesce((args ->> 'repair')::boolean, false);
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 200), 0), 10000);
  project nunchi.projects;
  first_day date;
  last_day date;
  since timestamptz;
  until timestamptz;
  answer jsonb := '[]';
  one jsonb;
begin
  if repair then
    perform pg_advisory_xact_lock(hashtext('nunchi.recount'));
  end if;
  for project in select * from nunchi.projects p
    where args ->> 'projectId' is null or p.id = (args ->> 'projectId')::uuid order by p.name
  loop
    first_day := coalesce((args ->> 'from')::date, '1970-01-02');
    last_day := coalesce((args ->> 'to')::date, '9999-12-01');
    if project.retention_days is not null then
      first_day := greatest(first_day, (now() at time zone project.timezone)::date - project.retention_days + 1);
    end if;
    since := first_day::timestamp at time zone project.timezone;
    until := (last_day + 1)::timestamp at time zone project.timezone;
    select jsonb_build_object('projectId', project.id, 'project', project.name, 'from', first_day, 'to', last_day,
      'events', (select count(*) from nunchi.raw_events(project.id, since, until)),
      'waiting', (select count(*) from nunchi.event_processing_queue q, unnest(q.project_ids) u (id)
        where q.processing_status <> 'done' and u.id = project.id),
      'differences', count(*),
      'rows', coalesce(jsonb_agg(jsonb_build_object('area', d.area, 'place', d.place, 'expected', d.expected,
        'found', d.found) order by d.area, d.place) filter (where d.n <= most), '[]'))
    into one
    from (select r.*, row_number() over (order by r.area, r.place) as n
      from nunchi.recount_differences(project.id, since, until) r) d;
    answer := answer || one;
    if repair then
      perform nunchi.recount_repair(project.id, since, until);
    end if;
  end loop;
  return answer;
end
$$;
revoke execute on function nunchi.recount(jsonb) from public;
