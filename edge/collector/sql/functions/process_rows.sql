-- Writes the effects of the queue's rows and marks them done; answers how many events there were. Part of
-- process(), which holds the rows' locks: what is written here and what is done go into one commit.
create or replace function nunchi.process_rows(rows bigint[], worker smallint) returns integer
language plpgsql set search_path = '' as $$
declare
  projects uuid[];
  ids uuid[];
  facts nunchi.fact[];
begin
  select array_agg(u.project_id), array_agg(u.id) into projects, ids
  from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
  where q.id = any (rows);
  facts := nunchi.process_facts(projects, ids);
  -- One order of the tables for everyone, as of the rows within each.
  perform nunchi.process_people(facts);
  perform nunchi.process_sessions(facts);
  perform nunchi.process_counts(facts, worker);
  perform nunchi.process_experiments(facts, worker);
  perform nunchi.process_interactions(facts, worker);
  perform nunchi.process_metrics(facts);
  perform nunchi.note_quality(projects, ids, worker);
  update nunchi.event_processing_queue q set processing_status = 'done', processed_at = clock_timestamp(),
    run_after = null
  where q.id = any (rows);
  return coalesce(cardinality(ids), 0);
end
$$;
revoke execute on function nunchi.process_rows(bigint[], smallint) from public;
