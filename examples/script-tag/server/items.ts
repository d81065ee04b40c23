/** The catalog of the demo: the goods that the page shows, as items that can be recommended. */
import type { Storage } from '@nunchi/collector'

/** One thing of the shop, as public/catalog.js has it. */
interface Product {
  id: string
  category: string
  price: { USD: number }
  en: { name: string; about: string; facts: string[] }
}

/** The tags of a product: its kind, and what it is made of. */
function tagsOf({ category, en }: Product): string[] {
  const materials = (en.facts[0] ?? '').toLowerCase().split(', ')
  return [...new Set([category, ...materials.filter(Boolean)])]
}

/** The goods as items; the page's own file is the one place where they stand. */
export async function shopItems(): Promise<object[]> {
  const file = new URL('../public/catalog.js', import.meta.url).href
  const { allProducts } = (await import(file)) as { allProducts: Product[] }
  return allProducts.map((product) => ({
    id: product.id,
    type: 'products',
    title: product.en.name,
    url: `/?p=${product.id}`,
    tags: tagsOf(product),
    text: product.en.about,
    attributes: { category: product.category, price: product.price.USD },
  }))
}

/**
 * Writes the catalog; what is there already stays as it is.
 *
 * @param owner storage as `nunchi_owner`
 */
export async function loadItems(owner: Storage, projectId: string): Promise<void> {
  await owner.call('set_items_of', { projectId, environment: 'development', items: await shopItems() })
}
