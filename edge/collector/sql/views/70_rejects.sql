-- nunchi_data.rejects: events that were refused, as their sender was told.
create or replace view nunchi_data.rejects with (security_invoker = true) as
select r.project_id, r.received_at, r.code, r.detail, r.event_id, r.event, r.batch, r.index, r.key_id
from nunchi.event_rejects r;

comment on view nunchi_data.rejects is 'Events that were refused, one row each, as their sender was told.';
comment on column nunchi_data.rejects.code is 'Why, as a code that the errors page explains.';
comment on column nunchi_data.rejects.detail is 'Why, in a sentence.';
comment on column nunchi_data.rejects.event_id is 'The event''s id, where it had a readable one.';
comment on column nunchi_data.rejects.event is 'Its JSON as it came, cut to 2,000 characters.';
comment on column nunchi_data.rejects.batch is 'The batch that it came in.';
comment on column nunchi_data.rejects.index is 'Its position in that batch, from 0.';
