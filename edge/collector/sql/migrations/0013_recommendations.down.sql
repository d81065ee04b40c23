-- Takes 0013 back: the catalog, its settings and all that was learned go, so keep the files that items came from.
-- Functions that speak of these types go along; an older version of the collector calls none of them.
drop table nunchi.recommendation_errors, nunchi.recommendation_days, nunchi.recommendation_cache,
  nunchi.user_preferences, nunchi.recommendation_models, nunchi.item_popularity, nunchi.item_stats,
  nunchi.item_neighbors, nunchi.actor_changes, nunchi.item_changes, nunchi.interactions,
  nunchi.recommendation_settings, nunchi.recommendation_catalogs, nunchi.item_features, nunchi.items cascade;
drop type nunchi.actor, nunchi.candidate cascade;
