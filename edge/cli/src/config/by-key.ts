/** The members of an object in the order of their keys: the database keeps none. */
export function byKey<Item>(items: { [key: string]: Item }): [key: string, item: Item][] {
  return Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1))
}
