-- nunchi_data.revenue: what was paid, as processing counts it.
create or replace view nunchi_data.revenue with (security_invoker = true) as
select r.project_id, r.environment, r.id, r.occurred_at, r.amount,
  case when coalesce(r.properties ->> 'currency', '') = '' then 'USD'
    when r.properties ->> 'currency' ~ '^[A-Za-z]{3}$' then upper((r.properties ->> 'currency') collate "C") collate "default" else 'XXX' end as currency,
  r.name as event_name, r.person_id, r.user_id, r.anonymous_id, r.session_id, r.page_path, r.country, r.device_class,
  r.properties, r.clock_suspect
from (
  select e.*, case when jsonb_typeof(e.properties -> 'revenue') = 'number'
      -- Spaces and digits as numeric takes them: what \s and \d are depends on the database's locale.
      or e.properties ->> 'revenue' ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
    then round((e.properties ->> 'revenue')::numeric, 6) end as amount
  from nunchi_data.events e
  where e.type = 'track'
) r
where abs(r.amount) < 1e15;

comment on view nunchi_data.revenue is 'Events of people with the property revenue, whether they are conversions or not.';
comment on column nunchi_data.revenue.amount is 'The property revenue: a number, or text that reads as one; negative for a refund.';
comment on column nunchi_data.revenue.currency is 'ISO 4217; USD where the event names none, XXX where it names what is none.';
comment on column nunchi_data.revenue.event_name is 'The event''s own name.';
