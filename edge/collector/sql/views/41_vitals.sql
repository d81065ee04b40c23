-- nunchi_data.vitals: web vitals as measured in visitors' browsers.
create or replace view nunchi_data.vitals with (security_invoker = true) as
select e.project_id, e.environment, e.id, e.occurred_at,
  e.properties ->> 'metric' as metric,
  case when jsonb_typeof(e.properties -> 'value') = 'number' then (e.properties ->> 'value')::numeric end as value,
  e.properties ->> 'rating' as rating,
  e.properties ->> 'navigationType' as navigation_type,
  e.properties ->> 'id' as metric_id,
  e.person_id, e.anonymous_id, e.session_id, e.page_url, e.page_host, e.page_path,
  e.country, e.device_class, e.browser, e.os, e.clock_suspect
from nunchi_data.events e
where e.type = 'track' and e.name = 'Web Vital';

comment on view nunchi_data.vitals is 'Web vitals of people''s page loads, one row per metric and load.';
comment on column nunchi_data.vitals.metric is 'LCP, INP, CLS, FCP or TTFB.';
comment on column nunchi_data.vitals.value is 'In ms; of CLS a number without a unit.';
comment on column nunchi_data.vitals.rating is 'good, needs-improvement or poor, by the thresholds of web.dev.';
comment on column nunchi_data.vitals.navigation_type is 'navigate, reload, back-forward, back-forward-cache, prerender or restore.';
comment on column nunchi_data.vitals.metric_id is 'Tells the loads of one page apart.';
