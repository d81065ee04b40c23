-- Takes 0014 back: who takes part, who blocked whom and what was decided go; the profiles are items and stay.
drop table nunchi.match_runs, nunchi.match_candidates, nunchi.match_decisions, nunchi.match_blocks, nunchi.match_consents;
