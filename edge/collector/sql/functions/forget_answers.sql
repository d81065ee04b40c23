-- Takes away the kept recommendations of the visitors, and of the people behind them, whom the facts tell of: something
-- happened, so the next answer is computed. Part of process().
create or replace function nunchi.forget_answers(facts nunchi.fact[]) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  if not exists (
    select from (select distinct f.project_id, f.environment from unnest(facts) f) p
    join nunchi.recommendation_cache c on c.project_id = p.project_id and c.environment = p.environment)
  then
    return;
  end if;
  delete from nunchi.recommendation_cache c where c.ctid = any (array(
    select k.ctid from nunchi.recommendation_cache k
    join (
      select w.project_id, w.environment, w.anonymous_id as actor, false as by_user from (
        select distinct f.project_id, f.environment, f.anonymous_id from unnest(facts) f) w
      where w.anonymous_id is not null
      union all
      -- Whom the events name, and whom the visitor first became.
      select w.project_id, w.environment, nunchi.person_of(w.project_id, w.user_id, w.anonymous_id), true from (
        select distinct f.project_id, f.environment, f.user_id, f.anonymous_id from unnest(facts) f) w
      where w.user_id is not null or exists (select from nunchi.identities i
        where i.project_id = w.project_id and i.anonymous_id = w.anonymous_id)
    ) t on t.project_id = k.project_id and t.environment = k.environment and t.actor = k.actor and t.by_user = k.by_user
    order by k.project_id, k.environment, k.actor, k.by_user, k.cache_key for update of k));
end
$$;
revoke execute on function nunchi.forget_answers(nunchi.fact[]) from public;
