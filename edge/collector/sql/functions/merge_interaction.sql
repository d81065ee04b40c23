-- Two rows of interactions about the same actor and item as one; which comes first makes no difference. Part of
-- process(). A dismissal says when it was, and no more: where there is anything else, `last_at` is of that.
create or replace function nunchi.merge_interaction(a nunchi.interactions, b nunchi.interactions)
returns nunchi.interactions
language plpgsql immutable set search_path = '' as $$
declare
  newer constant boolean := (greatest(b.last_at, b.dismissed_at), b.event_id) > (greatest(a.last_at, a.dismissed_at), a.event_id);
  result nunchi.interactions := case when newer then b else a end;
begin
  result.last_at := case when a.weight > 0 and b.weight = 0 then a.last_at when b.weight > 0 and a.weight = 0 then b.last_at
    else greatest(a.last_at, b.last_at) end;
  result.first_at := least(a.first_at, b.first_at);
  result.dismissed_at := greatest(a.dismissed_at, b.dismissed_at);
  result.weight := a.weight + b.weight;
  result.kinds := (select jsonb_object_agg(k.kind, k.times) from (
    select e.key as kind, sum(e.value::bigint) as times
    from (select * from jsonb_each_text(a.kinds) union all select * from jsonb_each_text(b.kinds)) e group by 1) k);
  return result;
end
$$;
revoke execute on function nunchi.merge_interaction(nunchi.interactions, nunchi.interactions) from public;
