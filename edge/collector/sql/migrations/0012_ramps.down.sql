-- Takes 0012 back: what ramps did is forgotten (the audit log keeps it); the configs that they published stay in force.
drop table nunchi.ramp_looks;
drop table nunchi.ramp_steps;
drop table nunchi.ramps;
