-- Takes 0008 back: everybody is signed out of the overview.
drop table nunchi.overview_sessions;
