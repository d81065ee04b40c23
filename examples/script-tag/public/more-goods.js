/** The rest of the goods, which the shelf for you chooses from: id, cloth, won, dollars, then name and material in both languages. */

const light = [
  [
    'paper-lantern',
    'pollen',
    42000,
    32,
    '한지 등롱',
    '한지, 대나무',
    'Paper lantern',
    'Mulberry paper, bamboo',
  ],
  ['floor-lamp', 'indigo', 158000, 120, '긴 스탠드', '자작나무, 삼베', 'Floor lamp', 'Birch, hemp'],
  ['candle', 'linen', 14000, 11, '밀랍 초', '밀랍', 'Beeswax candle', 'Beeswax'],
  ['candlestick', 'persimmon', 39000, 30, '놋 촛대', '황동', 'Brass candlestick', 'Brass'],
  ['oil-lamp', 'plum', 47000, 36, '유리 호롱', '유리, 면 심지', 'Glass oil lamp', 'Glass, cotton wick'],
  ['night-light', 'sky', 33000, 25, '머리맡 등', '도자기', 'Bedside light', 'Ceramic'],
  ['clip-lamp', 'pine', 36000, 28, '책등', '철, 가죽', 'Reading lamp', 'Steel, leather'],
  ['shade', 'celadon', 28000, 21, '모시 갓', '모시', 'Ramie shade', 'Ramie'],
  ['garland', 'pollen', 31000, 24, '작은 전구 줄', '면, 유리', 'String of lights', 'Cotton, glass'],
  ['wall-lamp', 'indigo', 72000, 55, '벽등', '황동, 한지', 'Wall lamp', 'Brass, mulberry paper'],
  ['moon-lamp', 'linen', 64000, 49, '달 모양 등', '백자', 'Moon lamp', 'White porcelain'],
]

const table = [
  ['plate', 'sky', 22000, 17, '분청 접시', '분청', 'Buncheong plate', 'Stoneware'],
  ['chopsticks', 'plum', 18000, 14, '옻칠 수저', '나무, 옻', 'Lacquer spoon and chopsticks', 'Wood, lacquer'],
  ['brass-bowl', 'pollen', 58000, 44, '유기 국그릇', '놋쇠', 'Brass soup bowl', 'Bronze'],
  ['tray', 'persimmon', 45000, 34, '나무 쟁반', '느티나무', 'Wooden tray', 'Zelkova'],
  ['cup', 'celadon', 19000, 15, '청자 잔', '청자', 'Celadon cup', 'Celadon'],
  ['jar', 'linen', 34000, 26, '작은 단지', '옹기', 'Small crock', 'Onggi'],
  ['ladle', 'pine', 16000, 12, '나무 국자', '대추나무', 'Wooden ladle', 'Jujube wood'],
  ['salt-dish', 'indigo', 9000, 7, '소금 종지', '백자', 'Salt dish', 'White porcelain'],
  ['bottle', 'plum', 41000, 31, '술병', '분청', 'Flask', 'Stoneware'],
  ['pot-stand', 'persimmon', 15000, 12, '냄비 받침', '왕골', 'Pot stand', 'Sedge'],
]

const cloth = [
  ['blanket', 'plum', 98000, 75, '누비 이불', '면, 목화솜', 'Quilted blanket', 'Cotton'],
  ['runner', 'linen', 38000, 29, '삼베 상보', '삼베', 'Hemp table runner', 'Hemp'],
  ['napkin', 'pine', 12000, 9, '광목 냅킨', '면', 'Cotton napkin', 'Cotton'],
  ['pillow', 'sky', 44000, 34, '메밀 베개', '면, 메밀 껍질', 'Buckwheat pillow', 'Cotton, buckwheat'],
  ['curtain', 'celadon', 86000, 66, '모시 발', '모시', 'Ramie curtain', 'Ramie'],
  ['apron', 'indigo', 42000, 32, '쪽빛 앞치마', '면, 쪽물', 'Indigo apron', 'Cotton, indigo'],
  ['scarf', 'persimmon', 49000, 37, '감물 목도리', '무명, 감물', 'Persimmon-dyed scarf', 'Cotton'],
  ['pouch', 'pollen', 21000, 16, '조각 주머니', '비단', 'Patchwork pouch', 'Silk'],
  ['towel', 'sky', 17000, 13, '소창 수건', '면', 'Sochang towel', 'Cotton'],
  ['slippers', 'plum', 32000, 25, '누비 덧신', '면', 'Quilted slippers', 'Cotton'],
]

const room = [
  ['stool', 'pine', 89000, 68, '낮은 의자', '참나무', 'Low stool', 'Oak'],
  ['shelf', 'linen', 112000, 86, '벽 선반', '소나무', 'Wall shelf', 'Pine'],
  ['mirror', 'sky', 76000, 58, '손거울 함', '느티나무', 'Mirror box', 'Zelkova'],
  ['basket', 'pollen', 29000, 22, '댕댕이 바구니', '댕댕이덩굴', 'Vine basket', 'Vine'],
  ['screen', 'indigo', 185000, 141, '작은 가리개', '한지, 소나무', 'Small screen', 'Mulberry paper, pine'],
  ['hook', 'persimmon', 13000, 10, '나무 옷걸이 못', '참나무', 'Oak peg', 'Oak'],
  ['mat', 'celadon', 68000, 52, '왕골 돗자리', '왕골', 'Sedge mat', 'Sedge'],
  ['box', 'plum', 54000, 41, '오동 상자', '오동나무', 'Paulownia box', 'Paulownia'],
  ['vase', 'pine', 37000, 28, '외가지 꽃병', '분청', 'Bud vase', 'Stoneware'],
]

const paper = [
  ['notebook', 'persimmon', 16000, 12, '오침 공책', '한지, 면사', 'Five-hole notebook', 'Mulberry paper'],
  ['letter-set', 'sky', 12000, 9, '시전지', '한지', 'Letter paper', 'Mulberry paper'],
  ['brush', 'plum', 24000, 18, '작은 붓', '대나무, 양모', 'Small brush', 'Bamboo, wool'],
  ['ink', 'indigo', 18000, 14, '솔먹', '송연', 'Pine ink', 'Pine soot'],
  ['inkstone', 'pine', 46000, 35, '남포 벼루', '오석', 'Inkstone', 'Slate'],
  ['bookmark', 'pollen', 6000, 5, '매듭 책갈피', '비단실', 'Knot bookmark', 'Silk'],
  ['fan', 'linen', 35000, 27, '합죽선', '대나무, 한지', 'Folding fan', 'Bamboo, paper'],
  ['calendar', 'celadon', 22000, 17, '절기 달력', '한지', 'Calendar of seasons', 'Mulberry paper'],
  ['envelope', 'persimmon', 8000, 6, '봉투 다섯 장', '한지', 'Five envelopes', 'Mulberry paper'],
  ['seal', 'plum', 58000, 44, '이름 도장', '돌', 'Name seal', 'Stone'],
  ['paperweight', 'indigo', 27000, 21, '놋 서진', '황동', 'Brass paperweight', 'Brass'],
  ['pencil-case', 'pine', 33000, 25, '필갑', '오동나무', 'Pencil case', 'Paulownia'],
]

const tea = [
  [
    'green-tea',
    'celadon',
    26000,
    20,
    '우전 녹차',
    '하동 찻잎',
    'First-flush green tea',
    'Leaves from Hadong',
  ],
  ['barley-tea', 'pollen', 9000, 7, '보리차', '볶은 보리', 'Barley tea', 'Roasted barley'],
  ['mugwort-tea', 'pine', 14000, 11, '쑥차', '말린 쑥', 'Mugwort tea', 'Mugwort'],
  ['quince-tea', 'persimmon', 17000, 13, '모과차', '모과, 꿀', 'Quince tea', 'Quince, honey'],
  ['tea-whisk', 'linen', 31000, 24, '차선', '대나무', 'Tea whisk', 'Bamboo'],
  ['tea-caddy', 'indigo', 39000, 30, '차통', '옻칠 나무', 'Tea caddy', 'Lacquered wood'],
  ['tea-towel', 'sky', 11000, 8, '다포', '모시', 'Tea cloth', 'Ramie'],
  ['tea-bowl', 'plum', 48000, 37, '찻사발', '분청', 'Tea bowl', 'Stoneware'],
  ['strainer', 'pollen', 13000, 10, '거름망', '대나무', 'Strainer', 'Bamboo'],
  ['kettle', 'pine', 92000, 70, '구리 주전자', '구리', 'Copper kettle', 'Copper'],
  ['honey', 'persimmon', 21000, 16, '밤꿀', '밤꽃', 'Chestnut honey', 'Chestnut blossom'],
  ['tea-scoop', 'celadon', 12000, 9, '찻숟가락', '대추나무', 'Tea scoop', 'Jujube wood'],
]

const scent = [
  ['incense', 'plum', 19000, 15, '선향', '백단', 'Incense sticks', 'Sandalwood'],
  ['burner', 'celadon', 52000, 40, '향로', '청자', 'Incense burner', 'Celadon'],
  ['sachet', 'persimmon', 15000, 11, '향낭', '비단, 정향', 'Scent pouch', 'Silk, cloves'],
  ['soap', 'linen', 11000, 8, '녹두 비누', '녹두', 'Mung bean soap', 'Mung beans'],
  ['pine-oil', 'pine', 28000, 21, '솔잎 기름', '솔잎', 'Pine oil', 'Pine needles'],
  ['bath-salt', 'sky', 16000, 12, '목욕 소금', '천일염, 쑥', 'Bath salt', 'Sea salt, mugwort'],
  ['diffuser', 'indigo', 37000, 28, '나무 방향기', '편백', 'Wooden diffuser', 'Cypress'],
  ['cypress-balls', 'pollen', 13000, 10, '편백 구슬', '편백', 'Cypress beads', 'Cypress'],
  ['balm', 'celadon', 14000, 11, '밀랍 연고', '밀랍, 들기름', 'Beeswax balm', 'Beeswax, perilla'],
  ['rose-water', 'persimmon', 23000, 18, '해당화 꽃물', '해당화', 'Rose water', 'Rugosa rose'],
  ['clove', 'plum', 9000, 7, '정향 한 줌', '정향', 'A handful of cloves', 'Cloves'],
  ['comb', 'linen', 34000, 26, '참빗', '대나무', 'Fine comb', 'Bamboo'],
]

const garden = [
  ['seeds', 'pine', 5000, 4, '봉숭아 씨', '씨앗', 'Balsam seeds', 'Seeds'],
  ['trowel', 'indigo', 24000, 18, '모종삽', '철, 참나무', 'Trowel', 'Steel, oak'],
  ['homi', 'persimmon', 19000, 15, '호미', '철, 나무', 'Homi hoe', 'Steel, wood'],
  ['pot', 'linen', 27000, 21, '토분', '흙', 'Clay pot', 'Clay'],
  ['watering-can', 'sky', 49000, 37, '물뿌리개', '구리', 'Watering can', 'Copper'],
  ['gloves', 'pollen', 14000, 11, '일손 장갑', '면', 'Work gloves', 'Cotton'],
  ['twine', 'celadon', 7000, 5, '삼끈', '삼', 'Hemp twine', 'Hemp'],
  ['bell', 'plum', 33000, 25, '풍경', '놋쇠', 'Wind bell', 'Bronze'],
  ['broom', 'pollen', 21000, 16, '수수비', '수수', 'Sorghum broom', 'Sorghum'],
  ['stone', 'indigo', 18000, 14, '이끼 돌', '화산석, 이끼', 'Moss stone', 'Lava rock, moss'],
  ['planter', 'pine', 56000, 43, '나무 화분대', '소나무', 'Planter', 'Pine'],
  ['herbs', 'celadon', 12000, 9, '방아 모종', '방아', 'Korean mint', 'Seedling'],
]

/** What is said of a thing of a kind that has no words of its own. */
const about = {
  light: ['저녁을 천천히 밝히는 물건입니다.', 'Made to light an evening slowly.'],
  table: ['밥상에서 제자리를 아는 물건입니다.', 'It knows its place at the table.'],
  cloth: ['손에 닿을수록 부드러워지는 천입니다.', 'A cloth that softens with every touch.'],
  room: ['방에 들여놓으면 곧 원래 있던 것 같습니다.', 'Bring it in, and it seems to have always been there.'],
  paper: ['손으로 쓰고 접는 사람을 위한 것입니다.', 'For people who write and fold by hand.'],
  tea: ['물이 끓는 동안의 시간을 위한 것입니다.', 'For the time it takes water to boil.'],
  scent: ['있는 줄 모르게 있다가 문득 알아차리게 됩니다.', 'You forget it is there, and then you notice.'],
  garden: ['창가 한 뼘도 마당으로 만드는 물건입니다.', 'It makes a garden of any window sill.'],
}

/** The goods of each kind. */
export const moreGoods = Object.entries({ light, table, cloth, room, paper, tea, scent, garden }).flatMap(
  ([category, goods]) =>
    goods.map(([id, patch, KRW, USD, koName, koFact, enName, enFact]) => ({
      id,
      category,
      patch,
      cut: 'small',
      price: { KRW, USD },
      ko: { name: koName, about: about[category][0], facts: [koFact] },
      en: { name: enName, about: about[category][1], facts: [enFact] },
    })),
)
