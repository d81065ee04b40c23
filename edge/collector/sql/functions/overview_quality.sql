-- The days of quality() as one. Part of overview().
create or replace function nunchi.overview_quality(quality jsonb) returns jsonb
language sql stable set search_path = '' as $$
  with day as (
    select * from jsonb_to_recordset(quality -> 'days') as d (accepted bigint, duplicates bigint, retransmits bigint,
      late bigint, bots bigint, "clockSuspect" bigint, rejected jsonb, dropped jsonb)
  ), rejected as (
    select r.key as name, sum(r.value::bigint) as events from day d, jsonb_each_text(d.rejected) r group by 1
  ), dropped as (
    select r.key as name, sum(r.value::bigint) as events from day d, jsonb_each_text(d.dropped) r group by 1
  )
  select jsonb_build_object('accepted', coalesce(sum(d.accepted), 0), 'duplicates', coalesce(sum(d.duplicates), 0),
    'retransmits', coalesce(sum(d.retransmits), 0), 'late', coalesce(sum(d.late), 0),
    'bots', coalesce(sum(d.bots), 0), 'suspect', coalesce(sum(d."clockSuspect"), 0),
    'rejected', (select coalesce(jsonb_agg(to_jsonb(r) order by r.events desc), '[]') from rejected r),
    'dropped', (select coalesce(jsonb_agg(to_jsonb(r) order by r.events desc), '[]') from dropped r),
    'queueSeconds', quality -> 'queue' -> 'oldestSeconds', 'deadLetters', quality -> 'queue' -> 'dead')
  from day d
$$;
revoke execute on function nunchi.overview_quality(jsonb) from public;
