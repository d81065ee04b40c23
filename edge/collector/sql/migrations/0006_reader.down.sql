drop table nunchi.reader_grants;
