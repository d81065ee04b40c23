-- The most frequent names of one kind in a project between two times, whole days of its zone; the body of
-- breakdown(), for functions that know whose it is. → { kind, rows: [{ name, events, amount }], events }: `amount` as
-- text, `events` of all names, also of those beyond the limit.
create or replace function nunchi.breakdown_of(project uuid, env text, since timestamptz, until timestamptz,
  counted text, most integer) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('kind', counted, 'events', coalesce(sum(n.events), 0),
    'rows', coalesce(jsonb_agg(jsonb_build_object('name', n.name, 'events', n.events,
      'amount', trim_scale(n.amount)::text) order by n.place) filter (where n.place <= least(greatest(most, 0), 1000)), '[]'))
  from (
    select r.name, sum(r.events)::bigint as events, sum(r.amount) as amount,
      row_number() over (order by sum(r.events) desc, r.name collate "C") as place
    from nunchi.projects p join nunchi.rollup_days r on r.project_id = p.id
    where p.id = project and r.environment = env and r.kind = counted
      and r.day between (since at time zone p.timezone)::date
        and ((until - interval '1 microsecond') at time zone p.timezone)::date
    group by r.name
  ) n
$$;
revoke execute on function nunchi.breakdown_of(uuid, text, timestamptz, timestamptz, text, integer) from public;
