/** The goods of the shop: names, prices and words in both languages. */
import { moreGoods } from './more-goods.js'

/** The kinds of goods, in the order of the filter. */
export const categories = ['light', 'table', 'cloth', 'room', 'paper', 'tea', 'scent', 'garden']

/**
 * The house's own choice, in the order of the patchwork. `patch` is the colour of its cloth, `cut` its size in the grid,
 * prices are whole won and dollars, and `facts` are material and size.
 */
export const products = [
  {
    id: 'lamp',
    category: 'light',
    patch: 'indigo',
    cut: 'large',
    price: { KRW: 68000, USD: 52 },
    ko: {
      name: '한지 무드등',
      about:
        '닥나무 한지를 세 겹 발라 빛을 한 번 거릅니다. 방에 누가 들어와도 눈부시지 않은 밝기로, 밤에 제일 예쁩니다.',
      facts: ['닥나무 한지, 자작나무', '높이 31cm'],
    },
    en: {
      name: 'Hanji lamp',
      about:
        'Three layers of mulberry paper soften the light before it reaches you. Bright enough to read by, never bright enough to wake anyone.',
      facts: ['Mulberry paper, birch', '31 cm tall'],
    },
  },
  {
    id: 'moon-jar',
    category: 'room',
    patch: 'celadon',
    cut: 'tall',
    price: { KRW: 84000, USD: 64 },
    ko: {
      name: '달항아리',
      about:
        '위아래를 따로 빚어 붙인 탓에 어느 쪽에서 보아도 조금씩 다르게 둥급니다. 꽃은 꽂아도 좋고 비워 두어도 좋습니다.',
      facts: ['백자', '지름 22cm'],
    },
    en: {
      name: 'Moon jar',
      about:
        'Two halves thrown apart and joined, so it is round a little differently from every side. Lovely with one branch, lovelier empty.',
      facts: ['White porcelain', '22 cm across'],
    },
  },
  {
    id: 'bowl',
    category: 'table',
    patch: 'pine',
    cut: 'small',
    price: { KRW: 24000, USD: 18 },
    ko: {
      name: '청자 밥그릇',
      about: '두 손에 꼭 들어오는 크기입니다. 유약이 고인 자리마다 푸른빛이 깊어집니다.',
      facts: ['청자', '지름 12cm'],
    },
    en: {
      name: 'Celadon bowl',
      about: 'Sized for two hands. The glaze turns a deeper green wherever it gathered in the kiln.',
      facts: ['Celadon', '12 cm across'],
    },
  },
  {
    id: 'clock',
    category: 'room',
    patch: 'persimmon',
    cut: 'small',
    price: { KRW: 52000, USD: 39 },
    ko: {
      name: '소리 없는 시계',
      about: '초침이 소리 내지 않고 흐릅니다. 숫자도 없습니다. 대강의 때를 아는 데는 이것으로 충분합니다.',
      facts: ['호두나무, 황동', '지름 26cm'],
    },
    en: {
      name: 'Quiet clock',
      about: 'The second hand glides without a tick. There are no numerals: roughly is often enough.',
      facts: ['Walnut, brass', '26 cm across'],
    },
  },
  {
    id: 'soban',
    category: 'room',
    patch: 'plum',
    cut: 'tall',
    price: { KRW: 138000, USD: 105 },
    ko: {
      name: '소반',
      about: '한 사람을 위한 작은 상입니다. 아침에는 밥상, 낮에는 책상, 밤에는 찻상이 됩니다.',
      facts: ['은행나무, 옻칠', '36 × 36 × 28cm'],
    },
    en: {
      name: 'Soban table',
      about: 'A small table for one. Breakfast in the morning, a desk by noon, tea at night.',
      facts: ['Ginkgo wood, lacquer', '36 × 36 × 28 cm'],
    },
  },
  {
    id: 'jogakbo',
    category: 'cloth',
    patch: 'linen',
    cut: 'large',
    price: { KRW: 120000, USD: 91 },
    ko: {
      name: '모시 조각보',
      about: '남은 천을 버리지 않고 이어 붙인 보자기입니다. 창에 걸면 빛이 조각조각 물들어 들어옵니다.',
      facts: ['모시, 쌈솔 바느질', '90 × 90cm'],
    },
    en: {
      name: 'Ramie jogakbo',
      about:
        'A wrapping cloth sewn from the pieces others would throw away. Hang it in a window and the light comes in patches.',
      facts: ['Ramie, flat-felled by hand', '90 × 90 cm'],
    },
  },
  {
    id: 'teapot',
    category: 'table',
    patch: 'sky',
    cut: 'small',
    price: { KRW: 46000, USD: 35 },
    ko: {
      name: '무쇠 찻주전자',
      about: '두 사람이 두 번씩 마실 만큼 담깁니다. 오래 쓸수록 물맛이 부드러워집니다.',
      facts: ['무쇠', '600ml'],
    },
    en: {
      name: 'Iron teapot',
      about: 'Holds two cups each for two people. The water tastes softer with every year of use.',
      facts: ['Cast iron', '600 ml'],
    },
  },
  {
    id: 'cushion',
    category: 'cloth',
    patch: 'pollen',
    cut: 'small',
    price: { KRW: 36000, USD: 27 },
    ko: {
      name: '누비 방석',
      about: '솜을 얇게 두고 한 줄씩 누볐습니다. 바닥의 찬기를 막아 주고 접으면 한 손에 들립니다.',
      facts: ['면, 목화솜', '45 × 45cm'],
    },
    en: {
      name: 'Nubi cushion',
      about: 'Thin cotton, quilted line by line. Keeps the cold of the floor away and folds into one hand.',
      facts: ['Cotton', '45 × 45 cm'],
    },
  },
]

/** All that the shop has. */
export const allProducts = [...products, ...moreGoods]

/** The product with this id, or undefined. */
export function findProduct(id) {
  return allProducts.find((product) => product.id === id)
}

/**
 * The products whose words in either language hold the query, and which are of the category if one is given; where
 * neither is asked for, the house's own choice.
 */
export function searchProducts(query, category) {
  const wanted = query.trim().toLocaleLowerCase()
  if (!wanted && !category) return products
  return allProducts.filter((product) => {
    const words = [product.ko, product.en].map((text) => `${text.name} ${text.facts.join(' ')}`).join(' ')
    return (!category || product.category === category) && words.toLocaleLowerCase().includes(wanted)
  })
}
