-- nunchi_data.pages: page views, with where they came from.
create or replace view nunchi_data.pages with (security_invoker = true) as
select e.project_id, e.environment, e.id, e.occurred_at, e.person_id, e.anonymous_id, e.session_id,
  e.page_url, e.page_host, e.page_path, e.page_title, e.referrer, e.referrer_host,
  e.properties ->> 'previousUrl' as previous_url,
  e.properties -> 'campaign' ->> 'source' as campaign_source,
  e.properties -> 'campaign' ->> 'medium' as campaign_medium,
  e.properties -> 'campaign' ->> 'name' as campaign_name,
  e.properties -> 'campaign' ->> 'term' as campaign_term,
  e.properties -> 'campaign' ->> 'content' as campaign_content,
  e.country, e.device_class, e.browser, e.os, e.locale, e.properties, e.clock_suspect
from nunchi_data.events e
where e.type = 'page';

comment on view nunchi_data.pages is 'Page views of people, one row each.';
comment on column nunchi_data.pages.previous_url is 'The page of this site that was open before.';
comment on column nunchi_data.pages.campaign_source is 'utm_source of the address.';
comment on column nunchi_data.pages.campaign_medium is 'utm_medium of the address.';
comment on column nunchi_data.pages.campaign_name is 'utm_campaign of the address.';
comment on column nunchi_data.pages.campaign_term is 'utm_term of the address.';
comment on column nunchi_data.pages.campaign_content is 'utm_content of the address.';
