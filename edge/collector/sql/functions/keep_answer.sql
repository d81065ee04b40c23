-- Keeps an answer for a while, and takes away up to five that have expired, so that no more are there than are asked for
-- within that while. Part of recommend().
create or replace function nunchi.keep_answer(project uuid, env text, question text, keeper text, as_user boolean,
  given jsonb, seconds integer) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.recommendation_cache c where c.ctid = any (array(
    select k.ctid from nunchi.recommendation_cache k where k.expires_at < clock_timestamp()
    order by k.expires_at limit 5 for update skip locked));
  insert into nunchi.recommendation_cache as c (project_id, environment, cache_key, actor, by_user, answer, expires_at)
  values (project, env, question, keeper, as_user, given, clock_timestamp() + make_interval(secs => seconds))
  on conflict (project_id, environment, actor, by_user, cache_key) do update
  set answer = excluded.answer, expires_at = excluded.expires_at;
end
$$;
revoke execute on function nunchi.keep_answer(uuid, text, text, text, boolean, jsonb, integer) from public;
