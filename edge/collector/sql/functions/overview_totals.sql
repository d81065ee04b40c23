-- { people, sessions, pages, events, conversions } of all buckets of usage_of() together. Part of overview().
create or replace function nunchi.overview_totals(usage jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('people', usage -> 'people', 'sessions', coalesce(sum(b.sessions), 0),
    'pages', coalesce(sum(b.pages), 0), 'events', coalesce(sum(b.events), 0),
    'conversions', coalesce(sum(b.conversions), 0))
  from jsonb_to_recordset(usage -> 'buckets') as b (sessions bigint, pages bigint, events bigint, conversions bigint)
$$;
revoke execute on function nunchi.overview_totals(jsonb) from public;
