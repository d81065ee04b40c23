-- The positions of the first `most` of the candidates in an order that does not say the same again and again: maximal
-- marginal relevance (Carbonell and Goldstein, 1998) over the Jaccard index of tags. Part of recommend(). The candidates
-- come best first; past the twentieth place their own order holds.
create or replace function nunchi.diverse_order(given nunchi.candidate[], most integer, diversity double precision)
returns integer[]
language plpgsql immutable set search_path = '' as $$
declare
  size constant integer := least(cardinality(given), 40 + most);
  top constant double precision := greatest(given[1].score, 1e-9);
  masks bigint[];
  scores double precision[];
  likeness double precision[] := array_fill(0::double precision, array[size]);
  taken boolean[] := array_fill(false, array[size]);
  result integer[] := '{}';
  best integer;
  gain double precision;
  most_gain double precision;
  mine bigint;
  common integer;
begin
  -- The 62 tags that most candidates have, a bit each.
  select array_agg(coalesce(m.mask, 0) order by g.n), array_agg(g.score / top order by g.n) into masks, scores
  from unnest(given[:size]) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title,
    url, image, tags, attributes, n)
  left join (
    select u.n, bit_or(1::bigint << b.bit) as mask
    from (
      select t.tag, (row_number() over (order by count(*) desc, t.tag) - 1)::integer as bit
      from unnest(given[:size]) g cross join unnest(g.tags) t (tag) group by t.tag order by count(*) desc, t.tag limit 62
    ) b
    join (
      select g.n, t.tag from unnest(given[:size]) with ordinality g (type, id, score, near, popular, known, seed, source,
        part, fresh, title, url, image, tags, attributes, n) cross join unnest(g.tags) t (tag)
    ) u on u.tag = b.tag
    group by u.n
  ) m on m.n = g.n;

  for place in 1 .. least(most, 20, size) loop
    best := null;
    for i in 1 .. size loop
      continue when taken[i];
      gain := (1 - diversity) * scores[i] - diversity * likeness[i];
      if best is null or gain > most_gain then
        best := i;
        most_gain := gain;
      end if;
      -- Whoever comes later has a lower score: nobody can gain more.
      exit when (1 - diversity) * scores[i] <= most_gain and i > best;
    end loop;
    taken[best] := true;
    result := result || best;
    mine := masks[best];
    continue when mine = 0;
    for i in 1 .. size loop
      if not taken[i] then
        common := bit_count((mine & masks[i])::bit(64));
        if common > 0 then
          likeness[i] := greatest(likeness[i], common::double precision / bit_count((mine | masks[i])::bit(64)));
        end if;
      end if;
    end loop;
  end loop;
  for i in 1 .. cardinality(given) loop
    exit when cardinality(result) >= most;
    if i > size or not taken[i] then
      result := result || i;
    end if;
  end loop;
  return result;
end
$$;
revoke execute on function nunchi.diverse_order(nunchi.candidate[], integer, double precision) from public;
