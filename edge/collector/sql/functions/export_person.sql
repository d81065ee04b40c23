-- All that is stored of one person, in pages. { projectId, id, count?, actor? } → { ids, tables }: all the person's
-- ids, and the tables that tell of people; with one audit row, unless only to `count`.
-- { projectId, ids, table, after?, limit?, count? } → { rows, next }: the person's rows of a table, as JSON; `next`
-- is the next page's `after`, or null. A page of events looks at `limit` (5,000) events of the project, so it may
-- be empty and not the last. With `count`, `rows` is a number.
create or replace function nunchi.export_person(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  size constant integer := coalesce((args ->> 'limit')::integer, 5000);
  counting constant boolean := coalesce((args ->> 'count')::boolean, false);
  events constant boolean := args ->> 'table' = 'analytics_events';
  ids text[];
  rule record;
  page jsonb;
  looked integer;
  last text;
begin
  if args ->> 'table' is null then
    ids := nunchi.person_ids(project, args ->> 'id');
    if not counting then
      perform nunchi.audit(project, args ->> 'actor', 'person.export', nunchi.id_hash(project, args ->> 'id'), null,
        jsonb_build_object('ids', cardinality(ids)));
    end if;
    return jsonb_build_object('ids', ids, 'tables', (select jsonb_agg(p.name) from nunchi.person_tables() p));
  end if;
  ids := array(select jsonb_array_elements_text(args -> 'ids'));
  select * into strict rule from nunchi.person_tables() p where p.name = args ->> 'table';
  execute format('
    select count(*), %s, %s
    from (select t.*, %s as own from nunchi.%I t where t.project_id = $1 %s order by %s limit $3 %s) t',
    case when events then '(array_agg(t.id order by t.id desc))[1]::text' else '(coalesce($4, ''0'')::bigint + count(*))::text' end,
    case when counting then 'to_jsonb(count(*) filter (where t.own))'
      else format('coalesce(jsonb_agg(to_jsonb(t) - ''own'' order by %s) filter (where t.own), ''[]'')', rule.sort) end,
    case when events then format('coalesce(%s, false)', rule.own) else 'true' end,
    rule.name,
    case when events then 'and ($4 is null or t.id > $4::uuid)' else format('and (%s)', rule.own) end,
    rule.sort,
    case when events then '' else 'offset coalesce($4, ''0'')::bigint' end)
  into looked, last, page using project, ids, size, args ->> 'after';
  return jsonb_build_object('rows', page, 'next', case when looked < size then null else last end);
end
$$;
revoke execute on function nunchi.export_person(jsonb) from public;
