-- { projectId, environment, after?, limit? = 1000 } → { rows: [{ id, tags, attributes }], next }: who takes part and has a
-- profile that stands, a page by id. Run by the job.
create or replace function nunchi.match_people(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  with page as (
    select i.id, i.tags, i.attributes from nunchi.match_consents c
    join nunchi.items i on i.project_id = c.project_id and i.environment = c.environment and i.id = c.user_id
      and i.type = 'person' and i.deleted_at is null and i.available
    where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment' and c.given
      and (args ->> 'after' is null or c.user_id > args ->> 'after')
    order by c.user_id limit least(coalesce((args ->> 'limit')::integer, 1000), 5000)
  )
  select jsonb_build_object('rows', coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]'), 'next',
    case when count(*) = least(coalesce((args ->> 'limit')::integer, 1000), 5000) then max(p.id) end) from page p
$$;
revoke execute on function nunchi.match_people(jsonb) from public;
grant execute on function nunchi.match_people(jsonb) to nunchi_app;
