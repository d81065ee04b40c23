-- [{ currency, amount }] of all buckets of usage_of() together, the three largest. Part of overview().
create or replace function nunchi.overview_revenue(usage jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('currency', c.currency, 'amount', c.amount) order by c.amount desc), '[]')
  from (
    select r.key as currency, sum(r.value::numeric) as amount
    from jsonb_array_elements(usage -> 'buckets') b, jsonb_each_text(b -> 'revenue') r
    group by 1 order by 2 desc limit 3
  ) c
$$;
revoke execute on function nunchi.overview_revenue(jsonb) from public;
