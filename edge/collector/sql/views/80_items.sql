-- nunchi_data.items: the catalog that lists are made of.
create or replace view nunchi_data.items with (security_invoker = true) as
select i.project_id, i.environment, i.id as item_id, i.type as item_type, i.title, i.url, i.image, i.tags, i.attributes,
  i.available and i.deleted_at is null as available, i.created_at, i.updated_at, i.deleted_at
from nunchi.items i;

comment on view nunchi_data.items is 'The catalog: what can be recommended, one row each, also what was deleted since.';
comment on column nunchi_data.items.environment is 'development, staging or production: each has a catalog of its own.';
comment on column nunchi_data.items.item_id is 'The item''s id, as events name it.';
comment on column nunchi_data.items.item_type is 'The catalog type that it belongs to, such as products.';
comment on column nunchi_data.items.title is 'What it is called.';
comment on column nunchi_data.items.url is 'Its page.';
comment on column nunchi_data.items.image is 'The address of its picture.';
comment on column nunchi_data.items.tags is 'Its tags.';
comment on column nunchi_data.items.attributes is 'What else was said of it, such as its price.';
comment on column nunchi_data.items.available is 'Whether it can be recommended: neither sold out nor deleted.';
comment on column nunchi_data.items.created_at is 'When it came into the catalog.';
comment on column nunchi_data.items.updated_at is 'When something else was said of it last.';
comment on column nunchi_data.items.deleted_at is 'When it was deleted; null where it was not.';
