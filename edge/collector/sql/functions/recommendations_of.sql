-- What recommend() answers, within a project's environment. Part of recommend() and recommend_for().
create or replace function nunchi.recommendations_of(project uuid, env text, ask jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  said constant jsonb := nunchi.recommendation_settings_in(project, env);
  list constant text := coalesce(ask ->> 'list', 'user');
  most constant integer := least(greatest(coalesce((ask ->> 'limit')::integer, 10), 1), 100);
  again constant boolean := coalesce((ask ->> 'includeSeen')::boolean, false);
  known constant text[] := array(select unnest(nunchi.catalog_types(project, env))
    union select jsonb_array_elements_text(coalesce(said -> 'types', '[]')) order by 1);
  wanted text[] := coalesce(array(select jsonb_array_elements_text(ask -> 'types')), '{}');
  person constant text := case when ask ->> 'userId' <> '' then nunchi.person_of(project, ask ->> 'userId', null) end;
  visitor text := coalesce(person, ask ->> 'anonymousId', '');
  keeper text;
  question text;
  actors nunchi.actor[] := '{}';
  segments constant text[] := array_remove(array['country:' || (ask ->> 'country'), 'device:' || (ask ->> 'deviceClass')], null);
  excluded constant text[] := coalesce(array(select jsonb_array_elements_text(ask -> 'exclude') limit 1000), '{}');
  seconds constant integer := (said ->> 'cacheSeconds')::integer;
  context text[];
  candidates nunchi.candidate[] := '{}';
  one nunchi.candidate[];
  kind text;
  items jsonb;
  lists jsonb := '{}';
  answer jsonb;
begin
  if list not in ('user', 'contextual', 'similar', 'trending') then
    return jsonb_build_object('error', 'unknown_list', 'lists', array['user', 'contextual', 'similar', 'trending']);
  end if;
  if exists (select from unnest(wanted) w where w <> all (known)) then
    return jsonb_build_object('error', 'unknown_type', 'types', known);
  end if;
  wanted := (case when wanted = '{}' then known else wanted end)[:10];
  if person is not null then
    actors := nunchi.actors_of(project, person);
  elsif visitor <> '' then
    actors := array[row(visitor, false)::nunchi.actor];
  end if;
  if not exists (select from unnest(actors) a join nunchi.interactions i on i.project_id = project and i.environment = env
    and i.actor = a.id and i.by_user = a.by_user)
  then
    -- Strangers come in any number: of them all eight answers are kept, which differ in the new item.
    actors := '{}';
    visitor := 'stranger ' || (hashtext(visitor) & 7);
  end if;
  keeper := case when actors = '{}' then '' else visitor end;
  if seconds > 0 and excluded = '{}' then
    question := encode(sha256(convert_to(jsonb_build_array(list, wanted, ask -> 'context', most, again, segments, visitor,
      (select c.version from nunchi.recommendation_catalogs c where c.project_id = project and c.environment = env))::text,
      'UTF8')), 'hex');
    select k.answer into answer from nunchi.recommendation_cache k
    where k.project_id = project and k.environment = env and k.actor = keeper and k.by_user = (person is not null)
      and k.cache_key = question and k.expires_at > clock_timestamp();
    if found then
      return answer;
    end if;
  end if;

  context := nunchi.context_items(project, env, ask -> 'context');
  if list <> 'similar' or context <> '{}' then
    candidates := array(select c from nunchi.recommend_candidates(project, env, wanted, list, actors, context, excluded,
      again, segments, most, said) c);
  end if;
  foreach kind in array wanted loop
    one := array(select c::nunchi.candidate from unnest(candidates) c where c.type = kind);
    one := nunchi.ruled_candidates(one, list, said -> 'rules');
    items := case when one <> '{}' then nunchi.choose_items(project, env, one, list, most, visitor, said) end;
    lists := lists || jsonb_build_object(kind, jsonb_build_object('recommendationId', gen_random_uuid(), 'list', list,
        'items', coalesce(items, '[]'))
      || case when items is not null then '{}' else jsonb_build_object('reason',
        case when list = 'similar' and context = '{}' then 'unknown_item'
          else nunchi.why_empty(project, env, kind, list, actors, again, said) end) end);
  end loop;
  answer := jsonb_build_object('recommendations', lists,
    'generated_at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'expires_at', to_char((clock_timestamp() + make_interval(secs => seconds)) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'neighbors', nunchi.neighbors_of(project, env, array(
      select n.id from (
        select i ->> 'id' as id, 0 as rank, i.n from jsonb_each(lists) l
        cross join jsonb_array_elements(l.value -> 'items') with ordinality i (i, n)
        union all
        (select h.item, 1, row_number() over (order by h.last_at desc) from unnest(actors) a
        cross join lateral (select i.item, i.last_at from nunchi.interactions i where i.project_id = project
          and i.environment = env and i.actor = a.id and i.by_user = a.by_user order by i.last_at desc, i.item desc limit 10) h)
      ) n group by n.id order by min(n.rank), min(n.n) limit 50)));
  if (ask ->> 'explained')::boolean then
    perform nunchi.keep_explained(project, env, keeper, person is not null, lists);
  end if;
  if question is not null then
    perform nunchi.keep_answer(project, env, question, keeper, person is not null, answer, seconds);
  end if;
  return answer;
end
$$;
revoke execute on function nunchi.recommendations_of(uuid, text, jsonb) from public;
