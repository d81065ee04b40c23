-- Takes 0002 back: events, their queue, and the records of what was not stored.
drop table nunchi.sdk_drops;
drop table nunchi.event_rejects;
drop table nunchi.event_processing_queue;
drop table nunchi.analytics_events;
