-- The ids of items that an event's properties name, in order, each once, 100 at most: itemId, item_id, productId,
-- product_id or sku of the properties themselves, else of each of products[] or items[], which may be ids alone too.
create or replace function nunchi.item_ids_in(properties jsonb) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(i.id order by i.n), '{}')
  from (
    select o.id, min(o.n) as n
    from (
      select n.n, case jsonb_typeof(n.node) when 'object' then (
          select n.node ->> k.name from unnest(array['itemId', 'item_id', 'productId', 'product_id', 'sku', 'id'])
            with ordinality k (name, n)
          where jsonb_typeof(n.node -> k.name) in ('string', 'number') and (k.name <> 'id' or n.n > 0) order by k.n limit 1)
        when 'string' then n.node #>> '{}' when 'number' then n.node #>> '{}' end as id
      from (
        select 0 as n, properties as node
        union all
        select e.n, e.node from (
          select l.node, l.n from jsonb_array_elements(case when jsonb_typeof(properties -> 'products') = 'array'
            then properties -> 'products' when jsonb_typeof(properties -> 'items') = 'array' then properties -> 'items'
            else '[]' end) with ordinality l (node, n) limit 100) e
      ) n
    ) o
    where length(o.id) between 1 and 200
    group by o.id order by 2 limit 100
  ) i
$$;
revoke execute on function nunchi.item_ids_in(jsonb) from public;
