-- Each id of a project that alias() ended, and the id that it goes on as in the end. A chain is followed for 32 steps:
-- nobody is renamed so often, and whoever makes up a longer one must not make every figure slow. Who comes into a circle
-- of at most 32 ids on the way is the smallest of them. Each round doubles the steps taken, so that a made-up tangle
-- costs no more than any other aliases: `t` is where the steps lead, `m` the smallest id on the way.
create or replace function nunchi.alias_map(project uuid) returns table (previous_id text, person text)
language sql stable set search_path = '' set jit = off set enable_nestloop = off as $$
  with one as materialized (
    select a.previous_id as id, a.user_id as t, a.previous_id as m from nunchi.aliases a where a.project_id = project
  ), two as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from one a left join one b on b.id = a.t
  ), four as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from two a left join two b on b.id = a.t
  ), eight as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from four a left join four b on b.id = a.t
  ), sixteen as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from eight a left join eight b on b.id = a.t
  ), all_steps as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from sixteen a left join sixteen b on b.id = a.t
  )
  -- In a circle the next 32 ids and the 32 after them are the same ones; in a chain no two are.
  select s.id, case when n.m = f.m then n.m else s.t end
  from all_steps s left join all_steps n on n.id = s.t left join all_steps f on f.id = n.t
$$;
revoke execute on function nunchi.alias_map(uuid) from public;
