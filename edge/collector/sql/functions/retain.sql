-- { limit?, now? } → { dropped: [partition], removed: { table: rows }, more }: removes what is older than its project
-- keeps, at most `limit` (10,000) rows a call; to be called again while there is `more`. Whole months are dropped
-- where no project needs them, one a call. `now` (ms) is another clock, for the owner alone.
create or replace function nunchi.retain(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  at timestamptz := now();
  room integer := least(coalesce((args ->> 'limit')::integer, 10000), 100000);
  dropped text[] := '{}';
  removed jsonb := '{}';
  project record;
  one record;
begin
  if args ->> 'now' is not null then
    -- Within a definer function the current role is always the owner; this is who called.
    if coalesce(nullif(current_setting('role', true), 'none'), session_user) in ('nunchi_app', 'nunchi_member') then
      raise insufficient_privilege using message = 'Only the owner may give retain() another clock.';
    end if;
    at := to_timestamp((args ->> 'now')::bigint / 1000.0);
  end if;
  -- Somebody else at it will do as well.
  if not pg_try_advisory_xact_lock(hashtext('nunchi.retain')) then
    return jsonb_build_object('dropped', '[]'::jsonb, 'removed', '{}'::jsonb, 'more', false);
  end if;

  for one in select * from nunchi.retain_months(at) m loop
    dropped := dropped || nunchi.drop_partition(one.name, at);
    -- Nobody can write until this commits.
    exit;
  end loop;
  if dropped <> '{}' then
    return jsonb_build_object('dropped', dropped, 'removed', removed, 'more', true);
  end if;
  for project in select p.id, p.retention_days from nunchi.projects p order by p.id loop
    for one in select * from nunchi.retain_rows(project.id, at - make_interval(days => project.retention_days), at, room) loop
      room := room - one.gone;
      removed := removed || jsonb_build_object(one.name, coalesce((removed ->> one.name)::bigint, 0) + one.gone);
      perform nunchi.audit(project.id, 'job:retention', 'retention.remove', one.name, null,
        jsonb_build_object('rows', one.gone, 'days', project.retention_days));
    end loop;
    exit when room <= 0;
  end loop;
  return jsonb_build_object('dropped', dropped, 'removed', removed, 'more', room <= 0);
end
$$;
revoke execute on function nunchi.retain(jsonb) from public;
grant execute on function nunchi.retain(jsonb) to nunchi_app;
