-- nunchi_data.conversions: what counts as a conversion, as processing counts it.
create or replace view nunchi_data.conversions with (security_invoker = true) as
select c.project_id, c.environment, c.id, c.occurred_at, c.conversion, c.name as event_name, c.person_id, c.user_id,
  c.anonymous_id, c.session_id, c.page_url, c.page_path, c.country, c.device_class, c.browser, c.os, c.properties,
  c.clock_suspect
from (
  select e.*, case jsonb_typeof(e.properties -> 'conversion')
      when 'string' then nullif(e.properties ->> 'conversion', '')
      when 'boolean' then case when e.properties -> 'conversion' = 'true' then e.name end
      else case when e.name in ('Order Completed', 'Signed Up', 'Subscription Started') then e.name end
    end as conversion
  from nunchi_data.events e
  where e.type = 'track'
) c
where c.conversion is not null;

comment on view nunchi_data.conversions is
  'Conversions of people: Order Completed, Signed Up, Subscription Started, and any event with the property conversion (false takes it out).';
comment on column nunchi_data.conversions.conversion is 'Which one: the property conversion where it is text, else the event''s name.';
comment on column nunchi_data.conversions.event_name is 'The event''s own name.';
