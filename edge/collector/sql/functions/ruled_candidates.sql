-- The candidates of one type as the settings' rules leave them, best first: without those that a filter does not let
-- through, scores multiplied by boosts. Part of recommend(). A condition that SQL may not decide lets nothing through.
create or replace function nunchi.ruled_candidates(given nunchi.candidate[], list text, rules jsonb) returns nunchi.candidate[]
language plpgsql stable set search_path = '' as $$
declare
  applying constant jsonb := (select jsonb_agg(r) from jsonb_array_elements(rules) r
    where nunchi.rule_holds(r, list, given[1].type) and (r ? 'filter' or r ? 'boost'));
begin
  if applying is null then
    return given;
  end if;
  return (
    select array_agg(row(b.type, b.id, b.score * b.boost, b.near, b.popular, b.known, b.seed, b.source, b.part, b.fresh,
      b.title, b.url, b.image, b.tags, b.attributes)::nunchi.candidate order by b.score * b.boost desc, b.n)
    from (
      select g.*, coalesce((
        select exp(sum(ln((r ->> 'boost')::double precision))) from jsonb_array_elements(applying) r
        where r ? 'boost' and nunchi.matches_condition(coalesce(r -> 'when', '{}'), a.told)), 1) as boost
      from unnest(given) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title, url,
        image, tags, attributes, n)
      cross join lateral (select g.attributes || jsonb_build_object('id', g.id, 'type', g.type, 'tags', g.tags) as told) a
      where not exists (select from jsonb_array_elements(applying) r
        where r ? 'filter' and nunchi.matches_condition(r -> 'filter', a.told) is not true)
    ) b);
end
$$;
revoke execute on function nunchi.ruled_candidates(nunchi.candidate[], text, jsonb) from public;
