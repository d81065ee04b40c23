-- Takes 0009 back: the published configs go, so save them first (nunchi flags list --json).
drop table nunchi.experiment_conversions, nunchi.experiment_assignments, nunchi.experiment_variants,
  nunchi.experiments, nunchi.feature_flags, nunchi.config_refusals, nunchi.config_versions;
