-- One variant's statistics as summarize() answers them, from exact sums over its units: of y, b, x, z and of the products
-- yy, yb, yx, yz, bb, bx, bz, xx, xz, zz, in this order. The covariance of u and v is (n·Σuv − Σu·Σv) / (n·(n − 1)), exact
-- up to its last step.
create or replace function nunchi.result_variant(variant text, units bigint, multiple bigint, sums numeric[], around jsonb)
returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('variant', variant, 'multiple', multiple, 'units', units)
    || case when units > 0 then jsonb_build_object('sums', jsonb_build_array(trim_scale(sums[1])::text, trim_scale(sums[2])::text),
      'means', (select jsonb_agg((sums[i] / units)::float8 order by i) from generate_series(1, 4) i),
      'covariance', (select jsonb_agg(r.line order by r.i) from (
        select i, jsonb_agg(case when units > 1 then
          ((units * sums[4 + p.at[i][j]] - sums[i] * sums[j]) / (units::numeric * (units - 1)))::float8 end order by j) as line
        from (select '{{1,2,3,4},{2,5,6,7},{3,6,8,9},{4,7,9,10}}'::integer[] as at) p,
          generate_series(1, 4) i, generate_series(1, 4) j
        group by i) r)) else '{}' end
    || case when around is null then '{}' else jsonb_build_object('order', around) end
$$;
revoke execute on function nunchi.result_variant(text, bigint, bigint, numeric[], jsonb) from public;
