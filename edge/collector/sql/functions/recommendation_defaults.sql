-- The settings of recommendations where a project says nothing else; what each means stands in
-- docs/guide/recommendations.md. A name in `events` means a kind, and a kind weighs.
create or replace function nunchi.recommendation_defaults() returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb '{
    "events": {
      "Item Viewed": "view", "Product Viewed": "view",
      "Item Clicked": "click", "Product Clicked": "click", "Recommendation Clicked": "click",
      "Item Added": "add", "Product Added": "add", "prompt_usage": "add", "tool_interactions": "add",
      "Item Liked": "like", "Item Saved": "like", "Product Liked": "like", "Product Saved": "like",
      "Product Added to Wishlist": "like",
      "Order Completed": "buy", "Item Completed": "buy", "workflow_completions": "buy",
      "Item Dismissed": "dismiss", "Product Dismissed": "dismiss", "Item Removed": "dismiss",
      "Product Removed": "dismiss"
    },
    "weights": { "view": 1, "click": 2, "add": 3, "like": 3, "buy": 5 },
    "cap": 10, "halfLifeDays": 30, "popularityHalfLifeDays": 7, "networkCap": 1.5, "shrinkage": 5,
    "newDays": 14, "explore": true, "diversity": 0.1, "cacheSeconds": 300,
    "preferences": ["brand", "category"], "rules": []
  }'
$$;
revoke execute on function nunchi.recommendation_defaults() from public;
