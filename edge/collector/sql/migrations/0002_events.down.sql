drop table nunchi.sdk_drops;
drop table nunchi.event_rejects;
drop table nunchi.event_processing_queue;
drop table nunchi.analytics_events;
