-- Takes 0016 back: what was written is forgotten, and what was spent.
drop table nunchi.insight_recommendations;
drop table nunchi.insight_usage;
drop table nunchi.insight_cache;
