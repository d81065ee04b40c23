-- The imported events stay; an import begun again finds each of them there.
drop table nunchi.import_runs;
