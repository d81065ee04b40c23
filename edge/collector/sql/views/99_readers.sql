-- What readers may do with the views, and the words for the columns that several views have.
grant select on all tables in schema nunchi_data to nunchi_reader;

do $$
declare
  missing record;
begin
  for missing in
    select c.oid, c.relname, a.attname, a.attnum, col_description(s.attrelid, s.attnum) as words
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    join pg_catalog.pg_attribute s on s.attrelid = 'nunchi_data.all_events'::regclass and s.attname = a.attname
    where c.relnamespace = 'nunchi_data'::regnamespace and c.relkind = 'v'
      and col_description(c.oid, a.attnum) is null
  loop
    execute format('comment on column nunchi_data.%I.%I is %L', missing.relname, missing.attname, missing.words);
  end loop;
end
$$;
