-- nunchi_data.alias_end(): where a chain of aliases ends, step by step. For the few ids that have one. A chain is
-- followed for 32 steps, as processing does: whoever makes up a longer one must not make every question slow.
create or replace function nunchi_data.alias_end(project uuid, id text) returns text
language sql stable begin atomic
  with recursive step as (
    select 0 as n, alias_end.id as current
    union all
    select s.n + 1, a.user_id
    from step s join nunchi.aliases a on a.project_id = project and a.previous_id = s.current
    where s.n < 96
  ), circle as (
    -- The next 32 ids and the 32 after them are the same ones.
    select min(s.current) filter (where s.n between 32 and 63) as smallest,
      min(s.current) filter (where s.n between 64 and 95) as again, max(s.n) = 96 as long
    from step s
  )
  -- Of ids that go round in a circle the smallest, as processing has it.
  select case when c.long and c.smallest = c.again then c.smallest
    else (select s.current from step s where s.n between 1 and 32 order by s.n desc limit 1) end
  from circle c;
end;
revoke execute on function nunchi_data.alias_end(uuid, text) from public;
grant execute on function nunchi_data.alias_end(uuid, text) to nunchi_reader;
comment on function nunchi_data.alias_end(uuid, text) is 'The id that an id goes on as at the end of its chain of aliases, 32 at most; null where it has none.';
