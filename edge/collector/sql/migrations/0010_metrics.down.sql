-- Takes 0010 back: the metrics' definitions go, so save them first (nunchi metrics list --json).
drop table nunchi.metrics;
