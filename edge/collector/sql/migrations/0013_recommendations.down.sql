-- Takes 0013 back: the catalog, its settings and all that was learned go, so keep the files that items came from.
drop table nunchi.recommendation_errors, nunchi.recommendation_days, nunchi.recommendation_cache,
  nunchi.user_preferences, nunchi.recommendation_models, nunchi.item_popularity, nunchi.item_stats,
  nunchi.item_neighbors, nunchi.actor_changes, nunchi.item_changes, nunchi.interactions,
  nunchi.recommendation_settings, nunchi.recommendation_catalogs, nunchi.item_features, nunchi.items;
drop type nunchi.actor;
drop type nunchi.candidate;
