alter table nunchi.analytics_events drop column bot;
