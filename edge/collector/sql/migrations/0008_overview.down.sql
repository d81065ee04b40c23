drop table nunchi.overview_sessions;
