-- The highest revision of each flag and each started experiment, of those that were there before and those of a
-- definition: { flags: { key: n }, experiments: { key: n } }. Part of publish_config().
create or replace function nunchi.highest_revisions(earlier jsonb, definition jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_object_agg(kind.name, (
    select coalesce(jsonb_object_agg(one.key, one.revision), '{}')
    from (
      select every.key, max(every.revision) as revision
      from (
        select before.key, before.value::bigint as revision
        from jsonb_each_text(coalesce(earlier -> kind.name, '{}')) before
        union all
        select now.key, (now.value ->> 'revision')::bigint
        from jsonb_each(definition -> kind.name) now
        -- Nobody saw a draft.
        where kind.name = 'flags' or now.value ->> 'status' <> 'draft'
      ) every
      group by every.key
    ) one
  ))
  from (values ('flags'), ('experiments')) kind (name)
$$;
revoke execute on function nunchi.highest_revisions(jsonb, jsonb) from public;
