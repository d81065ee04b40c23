-- { projectId, environment, after? = [user, other], limit? = 5000 } → { rows: [[user, other, yes]], next }: what people
-- decided about each other, a page. Run by the job.
create or replace function nunchi.match_opinions(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  with page as (
    select d.user_id, d.other_id, d.yes, row_number() over (order by d.user_id, d.other_id) as n
    from nunchi.match_decisions d
    where d.project_id = (args ->> 'projectId')::uuid and d.environment = args ->> 'environment'
      and (args -> 'after' is null or (d.user_id, d.other_id) > (args -> 'after' ->> 0, args -> 'after' ->> 1))
    order by d.user_id, d.other_id limit least(coalesce((args ->> 'limit')::integer, 5000), 20000)
  )
  select jsonb_build_object('rows', coalesce(jsonb_agg(jsonb_build_array(p.user_id, p.other_id, p.yes) order by p.n), '[]'),
    'next', case when count(*) = least(coalesce((args ->> 'limit')::integer, 5000), 20000)
      then (array_agg(jsonb_build_array(p.user_id, p.other_id) order by p.n desc))[1] end) from page p
$$;
revoke execute on function nunchi.match_opinions(jsonb) from public;
grant execute on function nunchi.match_opinions(jsonb) to nunchi_app;
