-- The tables that tell of people, and which rows `t` are about the person whose ids are $2 (in project $1). What
-- export_person() shows and erase_person() deletes is read from here; a test holds it to the catalog. A row of
-- another user that merely names a device of this person stays theirs; `shared` takes the device out of it.
create or replace function nunchi.person_tables()
returns table (name text, own text, shared text, sort text)
language sql immutable set search_path = '' as $$
  values
    ('analytics_events', 't.user_id = any ($2) or t.user_id is null and (t.anonymous_id = any ($2) or t.previous_id = any ($2))',
      'update nunchi.analytics_events t set anonymous_id = case when t.anonymous_id = any ($2) then null else t.anonymous_id end,
        previous_id = case when t.previous_id = any ($2) then null else t.previous_id end,
        properties = case when t.name = ''Experiment Viewed'' and t.properties ->> ''unit'' = any ($2)
          then t.properties - ''unit'' else t.properties end
      where t.project_id = $1 and t.id = any ($3)', 't.id'),
    ('event_rejects', 'nunchi.ids_in(t.event) && $2', null, 't.received_at, t.batch, t.index'),
    ('sessions', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.sessions t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)', 't.started_at, t.session_id'),
    ('minute_visitors', 't.user_id = any ($2) or t.user_id = '''' and t.anonymous_id = any ($2)',
      'with gone as (delete from nunchi.minute_visitors t where t.project_id = $1 and t.anonymous_id = any ($2) returning *)
      insert into nunchi.minute_visitors select distinct g.project_id, g.environment, g.minute, '''', g.user_id from gone g
      on conflict do nothing', 't.minute, t.environment, t.anonymous_id, t.user_id'),
    ('daily_visitors', 't.user_id = any ($2) or t.user_id = '''' and t.anonymous_id = any ($2)',
      'with gone as (delete from nunchi.daily_visitors t where t.project_id = $1 and t.anonymous_id = any ($2) returning *)
      insert into nunchi.daily_visitors select distinct g.project_id, g.environment, g.day, '''', g.user_id from gone g
      on conflict do nothing', 't.day, t.environment, t.anonymous_id, t.user_id'),
    ('experiment_assignments', 't.user_id = any ($2) or t.unit = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.experiment_assignments t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)',
      't.assigned_at, t.experiment, t.unit'),
    ('experiment_conversions', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.experiment_conversions t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)',
      't.occurred_at, t.event_id'),
    ('interactions', 't.actor = any ($2)', null, 't.last_at, t.actor, t.item'),
    ('actor_changes', 't.actor = any ($2)', null, 't.since, t.actor'),
    ('user_preferences', 't.actor = any ($2)', null, 't.actor, t.preference_type, t.preference_value'),
    ('recommendation_cache', 't.actor = any ($2)', null, 't.expires_at, t.cache_key'),
    ('metric_facts', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.metric_facts t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)',
      't.occurred_at, t.event_id'),
    ('insight_recommendations', 't.actor = any ($2)', null, 't.expires_at, t.recommendation_id'),
    -- What others said of the person goes with them, but is shown to nobody: who said yes, no, or blocked them.
    ('match_candidates', 't.user_id = any ($2)',
      'delete from nunchi.match_candidates t where t.project_id = $1 and t.other_id = any ($2)', 't.user_id, t.other_id'),
    ('match_decisions', 't.user_id = any ($2)',
      'delete from nunchi.match_decisions t where t.project_id = $1 and t.other_id = any ($2)', 't.at, t.user_id, t.other_id'),
    ('match_blocks', 't.user_id = any ($2)',
      'delete from nunchi.match_blocks t where t.project_id = $1 and t.blocked_id = any ($2)', 't.at, t.user_id, t.blocked_id'),
    ('match_consents', 't.user_id = any ($2)', null, 't.at, t.user_id'),
    ('items', 't.type = ''person'' and t.id = any ($2)', null, 't.id'),
    ('traits', 't.kind = ''user'' and t.subject = any ($2)', null, 't.subject, t.key'),
    ('aliases', 't.user_id = any ($2) or t.previous_id = any ($2)', null, 't.linked_at, t.previous_id'),
    ('identities', 't.user_id = any ($2) or t.anonymous_id = any ($2)', null, 't.linked_at, t.anonymous_id'),
    ('result_units', 't.unit = any ($2) or t.person = any ($2)', null, 't.tracker, t.unit'),
    -- The last one: the others leave word here of what went.
    ('result_touches', 't.unit = any ($2) or t.user_id = any ($2) or t.anonymous_id = any ($2)', null, 't.id')
$$;
revoke execute on function nunchi.person_tables() from public;
