-- A catalog of 41,000 items in 400 groups, 30,000 visitors with some 33 items each, and 39 neighbors an item: what the
-- bench of recommendations asks of. The same at each run: hashint8() is the only chance in it. $1 is the project.
create function pg_temp.chance(a bigint, b bigint) returns double precision language sql immutable as
  $$ select (hashint8extended(a * 1000003 + b, 42) & 1073741823) / 1073741824.0::double precision $$;

insert into nunchi.items (project_id, environment, id, type, title, url, tags, text, attributes, available, hash, created_at)
select $1::uuid, 'production', 'i' || n, case when n % 10 < 8 then 'products' when n % 10 = 8 then 'prompts' else 'tools' end,
  'Item ' || n, '/items/' || n, array['group-' || n % 400, 'kind-' || n % 37, 'color-' || n % 11], null,
  jsonb_build_object('price', n % 500, 'brand', 'brand-' || n % 211), n % 50 <> 0, n::text, now() - n * interval '20 minutes'
from generate_series(1, 41000) n;
insert into nunchi.recommendation_catalogs (project_id, environment, version) values ($1, 'production', 1);

insert into nunchi.interactions
select $1::uuid, 'production', 'v' || u, false, 'i' || i.item, 1 + floor(pg_temp.chance(u, i.item) * 9), '{"view": 1}',
  '10.' || u % 200 || '.' || u / 200 % 200 || '.0/24', case u % 5 when 0 then 'KR' else 'DE' end,
  case u % 3 when 0 then 'mobile' else 'desktop' end, gen_random_uuid(), now() - interval '1 day' * 60 * i.chance, now() - interval '1 day' * 60 * i.chance, null
from generate_series(1, 30000) u
cross join lateral (
  -- Three groups that a visitor likes, and the popular ones of each.
  select 1 + (400 * floor(102 * power(pg_temp.chance(u * 100 + k, 2), 2))
      + floor(pg_temp.chance(u * 10 + k % 3, 1) * 400))::integer % 41000 as item, min(pg_temp.chance(u * 100 + k, 3)) as chance
  from generate_series(1, 1 + (66 * pg_temp.chance(u, 4))::integer) k group by 1
) i;

insert into nunchi.item_neighbors (project_id, environment, item, source, neighbor, similarity, support, generation)
select $1::uuid, 'production', 'i' || n, 'cf', 'i' || (1 + (n - 1 + 400 * k) % 41000), 0.9 * power(0.95, k) * (0.5 + pg_temp.chance(n, k) / 2), 20, 1
from generate_series(1, 41000) n cross join generate_series(1, 29) k
union all
select $1::uuid, 'production', 'i' || n, 'content', 'i' || (1 + (n - 1 + 37 * k) % 41000), 0.5 * power(0.95, k), 0, 1
from generate_series(1, 41000) n cross join generate_series(1, 10) k;

insert into nunchi.item_popularity (project_id, environment, type, segment, item, score)
select $1::uuid, 'production', i.type, s.segment, i.id, ln(sum(power(2, extract(epoch from x.last_at - now()) / 604800))) / ln(2) + 46
from nunchi.interactions x
join nunchi.items i on i.project_id = x.project_id and i.environment = x.environment and i.id = x.item
cross join lateral (values (''), ('country:' || x.country), ('device:' || x.device_class)) s (segment)
where x.project_id = $1 group by i.type, s.segment, i.id;

analyze nunchi.items, nunchi.interactions, nunchi.item_neighbors, nunchi.item_popularity, nunchi.recommendation_catalogs;
