-- Takes 0015 back: what verifies visitors' tokens goes, so note the verifiers first (nunchi tokens list --json).
drop table nunchi.token_verifiers;
