-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Sums that results are read from: what each unit of an experiment came to on each metric, kept as events come in.
-- Nothing here is a source: all of it can be made again from events, assignments, identities and aliases.

-- Which events a metric counts and what each adds, one row however many metrics share it.
create table nunchi.metric_parts (
  id integer generated always as identity primary key,
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- As metric_plan() has it.
  part jsonb not null,
  -- The facts of all events from here on are there.
  filled_from timestamptz not null default 'infinity',
  -- False while its facts are being taken away.
  wanted boolean not null default true,
  unique (project_id, environment, part)
);

-- The events of these parts, each with what it adds. Bots, internal traffic and overrides never get here.
create table nunchi.metric_facts (
  project_id uuid not null references nunchi.projects on delete cascade,
  part integer not null,
  event_id uuid not null,
  occurred_at timestamptz not null,
  anonymous_id text,
  user_id text,
  -- Null where a text stands in place of the number: `fault` is the text.
  amount numeric,
  fault text
);
create unique index metric_facts_visitor
  on nunchi.metric_facts (project_id, anonymous_id, part, event_id) nulls not distinct;
create index metric_facts_user on nunchi.metric_facts (project_id, user_id, anonymous_id) where user_id is not null;

-- The revisions of experiments whose sums are kept.
create table nunchi.result_trackers (
  id integer generated always as identity primary key,
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  experiment text not null,
  revision integer not null,
  -- Counting ends here: when the experiment was completed.
  until timestamptz,
  -- The first exposure.
  first_at timestamptz,
  -- Whether all exposures are in result_units.
  listed boolean not null default false,
  -- Up to this unit exposures have been listed, and after them units built; null where all of them are.
  built text default '',
  unique (project_id, environment, experiment, revision)
);

-- The metrics whose sums are kept of a revision.
create table nunchi.result_metrics (
  id integer generated always as identity primary key,
  project_id uuid not null references nunchi.projects on delete cascade,
  tracker integer not null references nunchi.result_trackers on delete cascade,
  plan jsonb not null,
  -- Of metric_parts, in the order of the plan.
  parts integer[] not null,
  -- Whether the sums are whole.
  ready boolean not null default false,
  unique (tracker, plan)
);

-- What a unit had come to on a metric at the end of a day of the project's zone: value, denominator, and both before
-- the first exposure. One for each day on which something changed.
create type nunchi.result_moment as (
  metric integer,
  day date,
  y numeric, b numeric, x numeric, z numeric,
  faults bigint,
  fault text
);

-- The units of a revision as its sums have them.
create table nunchi.result_units (
  project_id uuid not null references nunchi.projects on delete cascade,
  tracker integer not null references nunchi.result_trackers on delete cascade,
  unit text not null,
  attribute text not null,
  variant text not null,
  multiple boolean not null,
  assigned_at timestamptz not null,
  event_id uuid not null,
  person text,
  -- The person's first-exposed unit, apart by attribute: it has the events that carry no unit's value.
  head boolean not null,
  -- Of the exposure.
  country text, device_class text, browser text, os text,
  faults bigint not null default 0,
  moments nunchi.result_moment[] not null default '{}',
  primary key (tracker, unit)
);
create index result_units_person on nunchi.result_units (project_id, person, tracker);
create index result_units_assigned on nunchi.result_units (tracker, assigned_at);
create index result_units_faults on nunchi.result_units (tracker) where faults > 0;

-- By what the sums grew on a day: exact, so that nothing cancels and their order does not matter. The metric 0 counts
-- exposures. A trigger on result_units keeps them: whoever changes a unit changes the sums.
create table nunchi.result_sums (
  project_id uuid not null references nunchi.projects on delete cascade,
  tracker integer not null references nunchi.result_trackers on delete cascade,
  metric integer not null,
  variant text not null,
  day date not null,
  units bigint not null,
  multiple bigint not null,
  faults bigint not null,
  -- Of y, b, x, z and of the products yy, yb, yx, yz, bb, bx, bz, xx, xz, zz.
  y numeric not null, b numeric not null, x numeric not null, z numeric not null, yy numeric not null,
  yb numeric not null, yx numeric not null, yz numeric not null, bb numeric not null, bx numeric not null,
  bz numeric not null, xx numeric not null, xz numeric not null, zz numeric not null,
  primary key (tracker, metric, variant, day)
);

-- Whose units are to be looked at again. Triggers write here within the transaction that changed something, so that
-- nothing is forgotten, in whatever order transactions commit.
create table nunchi.result_touches (
  id bigint generated always as identity primary key,
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  anonymous_id text, user_id text, unit text,
  -- Who is who, or an exposure, changed; else only events came.
  who boolean not null,
  -- Since when it waits; and not before, of an event whose clock is ahead.
  at timestamptz not null default now(), due timestamptz not null default '-infinity'
);
create index result_touches_due on nunchi.result_touches (project_id, environment, due, id);

create function nunchi.result_touched() returns trigger
language plpgsql set search_path = '' as $$
begin
  if not exists (select from nunchi.result_trackers) then
    return null;
  end if;
  execute format('
    insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, unit, who)
    select distinct t.project_id, t.environment, coalesce(r.j ->> ''anonymous_id'', r.j ->> ''previous_id''),
      r.j ->> ''user_id'', r.j ->> ''unit'', true
    from (select distinct k.project_id, k.environment from nunchi.result_trackers k
      join nunchi.projects p on p.id = k.project_id) t
    join (%s) r on r.project_id = t.project_id
    where coalesce(r.j ->> ''environment'', t.environment) = t.environment', case tg_op
      when 'INSERT' then 'select f.project_id, to_jsonb(f) as j from fresh f'
      when 'DELETE' then 'select g.project_id, to_jsonb(g) as j from gone g'
      else 'select f.project_id, to_jsonb(f) as j from fresh f union all select g.project_id, to_jsonb(g) from gone g' end);
  return null;
end
$$;
revoke execute on function nunchi.result_touched() from public;
-- New facts are told of by process(); these are the ones that were taken away, or lost a device.
create function nunchi.result_fact_touched() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who)
  select distinct p.project_id, p.environment, g.anonymous_id, g.user_id, false
  from gone g join nunchi.metric_parts p on p.id = g.part and p.wanted join nunchi.projects j on j.id = p.project_id;
  if tg_op = 'UPDATE' then
    insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who)
    select distinct p.project_id, p.environment, f.anonymous_id, f.user_id, false
    from fresh f join nunchi.metric_parts p on p.id = f.part and p.wanted;
  end if;
  return null;
end
$$;
revoke execute on function nunchi.result_fact_touched() from public;
create trigger result_update after update on nunchi.metric_facts referencing new table as fresh old table as gone
  for each statement execute function nunchi.result_fact_touched();
create trigger result_delete after delete on nunchi.metric_facts referencing old table as gone
  for each statement execute function nunchi.result_fact_touched();

-- Adds what changed in result_units to result_sums.
create function nunchi.result_summed() returns trigger
language plpgsql set search_path = '' set jit = off set work_mem = '64MB' as $$
declare
  moved boolean;
begin
  -- A statement that changed nothing costs nothing.
  execute format('select exists (select from %s)', case tg_op when 'DELETE' then 'gone' else 'fresh' end) into moved;
  if not moved then
    return null;
  end if;
  execute format('
    insert into nunchi.result_sums as s
    select d.project_id, d.tracker, d.metric, d.variant, d.day, sum(d.sign * d.units), sum(d.sign * d.multiple),
      sum(d.sign * d.faults), sum(d.sign * (d.y - d.py)), sum(d.sign * (d.b - d.pb)), sum(d.sign * (d.x - d.px)),
      sum(d.sign * (d.z - d.pz)), sum(d.sign * (d.y * d.y - d.py * d.py)), sum(d.sign * (d.y * d.b - d.py * d.pb)),
      sum(d.sign * (d.y * d.x - d.py * d.px)), sum(d.sign * (d.y * d.z - d.py * d.pz)), sum(d.sign * (d.b * d.b - d.pb * d.pb)),
      sum(d.sign * (d.b * d.x - d.pb * d.px)), sum(d.sign * (d.b * d.z - d.pb * d.pz)), sum(d.sign * (d.x * d.x - d.px * d.px)),
      sum(d.sign * (d.x * d.z - d.px * d.pz)), sum(d.sign * (d.z * d.z - d.pz * d.pz))
    -- What is the same as before is not multiplied, nor is what many units have in common more than once.
    from (select e.project_id, e.tracker, e.variant, e.metric, e.day, e.units, e.multiple, e.faults, e.y, e.b, e.x, e.z, e.py,
        e.pb, e.px, e.pz, sum(e.sign) as sign from (
      select r.sign, r.project_id, r.tracker, r.variant, 0, (r.assigned_at at time zone p.timezone)::date,
        (not r.multiple)::integer, r.multiple::integer, 0, 0, 0, 0, 0, 0, 0, 0, 0
      from (%1$s) r join nunchi.projects p on p.id = r.project_id
      union all
      -- A unit enters a metric with its first day; whoever saw two variants counts only faults.
      select r.sign, r.project_id, r.tracker, r.variant, m.metric, m.day,
        (m.known and not r.multiple and m.first)::integer, 0, m.faults - m.pfaults,
        case when r.multiple then 0 else m.y end, case when r.multiple then 0 else m.b end, case when r.multiple then 0 else m.x end,
        case when r.multiple then 0 else m.z end, case when r.multiple then 0 else m.py end, case when r.multiple then 0 else m.pb end,
        case when r.multiple then 0 else m.px end, case when r.multiple then 0 else m.pz end
      from (%1$s) r cross join lateral (
        select n.metric, n.day, n.y is not null as known, lag(n.y) over same is null as first, n.faults,
          coalesce(lag(n.faults) over same, 0) as pfaults, coalesce(n.y, 0) as y, n.b, n.x, n.z,
          coalesce(lag(n.y) over same, 0) as py, coalesce(lag(n.b) over same, 0) as pb,
          coalesce(lag(n.x) over same, 0) as px, coalesce(lag(n.z) over same, 0) as pz
        from unnest(r.moments) n window same as (partition by n.metric order by n.day)) m
      ) e (sign, project_id, tracker, variant, metric, day, units, multiple, faults, y, b, x, z, py, pb, px, pz)
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 having sum(e.sign) <> 0) d
    where exists (select from nunchi.result_trackers t where t.id = d.tracker)
    group by d.project_id, d.tracker, d.metric, d.variant, d.day
    on conflict (tracker, metric, variant, day) do update set (units, multiple, faults, y, b, x, z, yy, yb, yx, yz, bb, bx,
      bz, xx, xz, zz) = (s.units + excluded.units, s.multiple + excluded.multiple, s.faults + excluded.faults,
      s.y + excluded.y, s.b + excluded.b, s.x + excluded.x, s.z + excluded.z, s.yy + excluded.yy, s.yb + excluded.yb,
      s.yx + excluded.yx, s.yz + excluded.yz, s.bb + excluded.bb, s.bx + excluded.bx, s.bz + excluded.bz,
      s.xx + excluded.xx, s.xz + excluded.xz, s.zz + excluded.zz)', case tg_op
      when 'INSERT' then 'select 1 as sign, f.* from fresh f'
      when 'DELETE' then 'select -1 as sign, g.* from gone g'
      else 'select 1 as sign, f.* from fresh f union all select -1, g.* from gone g' end);
  return null;
end
$$;
revoke execute on function nunchi.result_summed() from public;
create trigger result_insert after insert on nunchi.result_units referencing new table as fresh
  for each statement execute function nunchi.result_summed();
create trigger result_update after update on nunchi.result_units referencing new table as fresh old table as gone
  for each statement execute function nunchi.result_summed();
create trigger result_delete after delete on nunchi.result_units referencing old table as gone
  for each statement execute function nunchi.result_summed();

do $$
declare
  named text;
begin
  foreach named in array '{identities,aliases,experiment_assignments}'::text[] loop
    execute format('create trigger result_insert after insert on nunchi.%I referencing new table as fresh
      for each statement execute function nunchi.result_touched()', named);
    execute format('create trigger result_update after update on nunchi.%I referencing new table as fresh old table as gone
      for each statement execute function nunchi.result_touched()', named);
    execute format('create trigger result_delete after delete on nunchi.%I referencing old table as gone
      for each statement execute function nunchi.result_touched()', named);
  end loop;
  foreach named in array '{metric_parts,metric_facts,result_trackers,result_metrics,result_units,result_sums,result_touches}'::text[] loop
    execute format('alter table nunchi.%I enable row level security, force row level security', named);
    execute format('create policy owner on nunchi.%I to nunchi_owner using (true) with check (true)', named);
  end loop;
end
$$;

insert into nunchi.schema_migrations (version, name, checksum)
values (11, 'result_sums', 'a7e793693c46ee7f7476206dd7f2cd08073cdd1444a67071645f0890a182f82f');

reset role;
