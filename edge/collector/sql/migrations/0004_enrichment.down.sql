-- Takes 0004 back: programs are marked in the context only.
alter table nunchi.analytics_events drop column bot;
