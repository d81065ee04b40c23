-- Counts, batch by batch, what was stored, what came again and what was refused. Part of ingest(), called
-- only when not every event was stored: of several copies the first in the group is the accepted one.
create or replace function nunchi.ingest_answers(
  batches jsonb, owners uuid[], projects uuid[], ids uuid[], refused jsonb)
returns jsonb
language sql stable security definer set search_path = '' as $$
  with batch as (
    select b.n, b.j, owners[b.n] as project_id from jsonb_array_elements(batches) with ordinality as b (j, n)
  ), event as (
    select b.n, e.i - 1 as index, b.project_id, (e.j ->> 'id')::uuid as id, e.j,
      row_number() over (partition by b.project_id, (e.j ->> 'id')::uuid order by b.n, e.i) = 1 as first
    from batch b, jsonb_array_elements(b.j -> 'events') with ordinality as e (j, i)
    where b.project_id is not null
  ), verdict as (
    select e.n, e.index, e.id, e.first and s.id is not null as accepted,
      case when r.id is not null then 'event_partition_full'
        when s.id is null and exists (
          select from nunchi.erasures x
          where x.project_id = e.project_id and x.id_hash in (nunchi.id_hash(e.project_id, e.j ->> 'anonymousId'),
            nunchi.id_hash(e.project_id, e.j ->> 'userId'), nunchi.id_hash(e.project_id, e.j ->> 'previousId')))
        then 'person_erased' end as refused
    from event e
    left join unnest(projects, ids) as s (project_id, id) on s.project_id = e.project_id and s.id = e.id
    left join jsonb_to_recordset(ingest_answers.refused) as r ("projectId" uuid, id uuid)
      on r."projectId" = e.project_id and r.id = e.id
  ), answer as (
    select v.n, count(*) filter (where v.accepted) as accepted,
      count(*) filter (where not v.accepted and v.refused is null) as duplicates,
      coalesce(jsonb_agg(jsonb_build_object('index', v.index, 'id', v.id, 'code', v.refused,
        'detail', format(case v.refused
          when 'event_partition_full' then 'events[%s].id lies outside the months that can be stored, and this key has too many such events already.'
          else 'events[%s] is of a person whose data was erased; nothing of it was kept.' end, v.index),
        'fix', case v.refused
          when 'event_partition_full' then 'Set the clock of the device that made the id, or run nunchi doctor to see which partitions stand.'
          else 'Call reset() so that the device starts anew, or let the id return with nunchi erase --lift.' end,
        'docs', 'https://nunchi.dev/docs/errors#' || v.refused) order by v.index)
        filter (where v.refused is not null), '[]') as rejected
    from verdict v group by v.n
  )
  select jsonb_agg(case when b.project_id is null
      then jsonb_build_object('batch', b.j -> 'batch', 'error', 'key_unknown')
      else jsonb_build_object('batch', b.j -> 'batch', 'accepted', coalesce(a.accepted, 0),
        'duplicates', coalesce(a.duplicates, 0), 'rejected', coalesce(a.rejected, '[]')) end order by b.n)
  from batch b left join answer a using (n)
$$;
revoke execute on function nunchi.ingest_answers(jsonb, uuid[], uuid[], uuid[], jsonb) from public;
