-- Whether another may be shown to a person, wherever in their list: both take part and have a profile that stands, each is
-- what the other looks for, neither has blocked the other, and the other has not said no. Part of match_tell().
create or replace function nunchi.match_stands(project uuid, env text, person text, subject text) returns boolean
language sql stable set search_path = '' set enable_seqscan = off as $$
  select exists (
    select from nunchi.items me
    join nunchi.items other on other.project_id = project and other.environment = env and other.id = subject
      and other.type = 'person' and other.deleted_at is null and other.available
    where me.project_id = project and me.environment = env and me.id = person and me.type = 'person'
      and me.deleted_at is null and me.available
      and 2 = (select count(*) from nunchi.match_consents c where c.project_id = project and c.environment = env
        and c.user_id in (person, subject) and c.given)
      and not exists (select from nunchi.match_blocks b where b.project_id = project and b.environment = env
        and (b.user_id = person and b.blocked_id = subject or b.user_id = subject and b.blocked_id = person))
      and not exists (select from nunchi.match_decisions d where d.project_id = project and d.environment = env
        and d.user_id = subject and d.other_id = person and not d.yes)
      and nunchi.match_fits(me, other))
$$;
revoke execute on function nunchi.match_stands(uuid, text, text, text) from public;
