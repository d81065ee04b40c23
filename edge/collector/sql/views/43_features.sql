-- nunchi_data.features: uses of a product's features.
create or replace view nunchi_data.features with (security_invoker = true) as
select f.project_id, f.environment, f.id, f.occurred_at, f.feature, f.name as event_name, f.person_id, f.user_id,
  f.anonymous_id, f.session_id, f.page_path, f.properties, f.clock_suspect
from (
  select e.*, case when jsonb_typeof(e.properties -> 'feature') = 'string' and e.properties ->> 'feature' <> ''
      then e.properties ->> 'feature'
    when e.name in ('prompt_usage', 'tool_interactions', 'workflow_completions') then e.name end as feature
  from nunchi_data.events e
  where e.type = 'track'
) f
where f.feature is not null;

comment on view nunchi_data.features is
  'Feature uses of people: prompt_usage, tool_interactions, workflow_completions, and any event with the property feature.';
comment on column nunchi_data.features.feature is 'Which one: the property feature where it is text, else the event''s name.';
comment on column nunchi_data.features.event_name is 'The event''s own name.';
