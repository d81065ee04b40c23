-- { projectId, id, actor? } → { lifted }: lets an erased id return; what was erased does not come back. Other ids
-- of the same person stay refused: nobody knows any more which they were.
create or replace function nunchi.lift_erasure(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  subject constant text := nunchi.id_hash(project, args ->> 'id');
begin
  if exists (select from nunchi.erasure_runs r where r.project_id = project and args ->> 'id' = any (r.ids)) then
    raise object_in_use using message = 'This id is being erased; run nunchi erase again until it is done, then lift it.';
  end if;
  delete from nunchi.erasures e where e.project_id = project and e.id_hash = subject;
  if not found then
    return jsonb_build_object('lifted', false);
  end if;
  perform nunchi.audit(project, args ->> 'actor', 'person.lift', subject, '{"refused": true}', '{"refused": false}');
  return jsonb_build_object('lifted', true);
end
$$;
revoke execute on function nunchi.lift_erasure(jsonb) from public;
