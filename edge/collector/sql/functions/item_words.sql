-- What an item has in common with others, as texts: its type's tags, the words of its title and text, and what its
-- attributes brand and category say. At most 64: a text of a thousand words is as near to everything. Of a word, only
-- ASCII punctuation and spaces end it, whatever the database's locale says of letters.
create or replace function nunchi.item_words(item jsonb) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(f.feature), '{}') from (
    select w.feature from (
      select 'tag:' || left(lower(t.tag), 100) as feature, 0 as rank, t.n
      from jsonb_array_elements_text(case jsonb_typeof(item -> 'tags') when 'array' then item -> 'tags' else '[]' end)
        with ordinality t (tag, n)
      union all
      select a.name || ':' || left(lower(item #>> array['attributes', a.name]), 100), 1, a.n
      from unnest(array['brand', 'category']) with ordinality a (name, n)
      where jsonb_typeof(item #> array['attributes', a.name]) = 'string'
      union all
      select 'word:' || left(s.word, 100), 2, s.n
      from regexp_split_to_table(left(lower(concat_ws(' ', item ->> 'title', item ->> 'text')), 5000),
        '[\s!-/:-@\[-`{-~]+') with ordinality s (word, n)
      where octet_length(s.word) >= 3
    ) w
    group by w.feature order by min(w.rank), min(w.n) limit 64
  ) f
$$;
revoke execute on function nunchi.item_words(jsonb) from public;
