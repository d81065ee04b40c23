-- One list of one type from its candidates: pinned ones first, then the best of them, diverse, and in the last place a
-- new one that is given its chance (the same for a visitor all day). Part of recommend().
create or replace function nunchi.choose_items(project uuid, env text, given nunchi.candidate[], list text, most integer,
  visitor text, said jsonb) returns jsonb
language plpgsql stable set search_path = '' set enable_seqscan = off as $$
declare
  pins constant text[] := array(select jsonb_array_elements_text(r -> 'pin') from jsonb_array_elements(said -> 'rules') r
    where r ? 'pin' and nunchi.rule_holds(r, list, given[1].type));
  pinned integer[] := '{}';
  chosen integer[];
  chance integer;
begin
  if pins <> '{}' then
    select coalesce(array_agg(g.n order by array_position(pins, g.id)), '{}') into pinned
    from unnest(given) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title, url,
      image, tags, attributes, n) where g.id = any (pins);
    pinned := pinned[:most];
  end if;
  select coalesce(array_agg(o.n order by o.place), '{}') into chosen
  from unnest(nunchi.diverse_order(given, most + cardinality(pinned), (said ->> 'diversity')::double precision))
    with ordinality o (n, place) where o.n <> all (pinned);
  chosen := pinned || chosen[:most - cardinality(pinned)];
  if (said ->> 'explore')::boolean and list in ('user', 'contextual') and cardinality(chosen) >= 4
    and cardinality(pinned) < most
  then
    select g.n into chance
    from unnest(given) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title, url,
      image, tags, attributes, n)
    where g.fresh and g.n <> all (chosen[:cardinality(chosen) - 1])
    order by md5(concat_ws(' ', visitor, (now() at time zone 'UTC')::date, g.id)) limit 1;
    chosen[cardinality(chosen)] := coalesce(chance, chosen[cardinality(chosen)]);
  end if;
  return (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', g.id, 'type', g.type, 'title', g.title, 'url', g.url,
        'image', g.image, 'tags', nullif(g.tags, '{}'), 'score', round(g.score::numeric, 6)))
      || case when g.attributes = '{}' then '{}' else jsonb_build_object('attributes', g.attributes) end
      || jsonb_build_object('reason', case
        when c.n = any (pinned) then '{"code": "pinned"}'
        when c.n = chance then '{"code": "new"}'
        when g.known * coalesce(g.near, 0) < 0.5 * (1 - g.known) * coalesce(g.popular, 0) then '{"code": "popular"}'
        when g.near is null then '{"code": "new"}'
        when s.id is null or g.source <> 'content' and g.part < 0.35 then '{"code": "people"}'
        else jsonb_build_object('code', case g.source when 'content' then 'alike' else 'because' end,
            'because', jsonb_build_object('id', s.id, 'title', s.title))
          || case when g.source = 'content' then jsonb_build_object('tags', s.common) else '{}' end end)
      order by c.place)
    from unnest(chosen) with ordinality c (n, place)
    cross join lateral (select (given[c.n]).*) g
    left join lateral (
      select i.id, i.title, array(select t from unnest(i.tags) t where t = any (g.tags)) as common
      from nunchi.items i where i.project_id = project and i.environment = env and i.id = g.seed and i.deleted_at is null
    ) s on true);
end
$$;
revoke execute on function nunchi.choose_items(uuid, text, nunchi.candidate[], text, integer, text, jsonb) from public;
