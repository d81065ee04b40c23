/** The catalog of items, and how recommendations are made of it, without HTTP: for tools that stand beside the database. */
export {
  type Catalog,
  type ItemRejection,
  type ItemsPage,
  ownerCatalog,
  type PutItems,
} from './items/catalog.ts'
export { readItem } from './items/read-item.ts'
export { type RecommendationSettings, settingsMistakes } from './recommend/settings.ts'
