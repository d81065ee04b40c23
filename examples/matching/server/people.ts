/** The people of the example, all made up, and what they have said of each other before anybody opens the page. */

/** Somebody of the club. */
export interface Somebody {
  id: string
  ko: string
  en: string
  town: string
  age: number
  interests: string[]
  /** What matching alone reads: whom they look for, and what they keep to themselves. */
  more?: object
}

const somebody = (
  id: string,
  ko: string,
  en: string,
  town: string,
  age: number,
  interests: string,
  more: object = {},
): Somebody => ({ id, ko, en, town, age, interests: interests.split(' '), more })

/** Twelve neighbours. */
export const people: readonly Somebody[] = [
  somebody('sun-ok', '문선옥', 'Sun-ok Moon', 'seongbuk', 67, 'walking tea birds radio'),
  somebody('edith', '이디스 홀름', 'Edith Holm', 'seongbuk', 71, 'tea birds baking walking'),
  somebody('jong-su', '백종수', 'Jong-su Baek', 'jongno', 69, 'chess walking radio tea'),
  somebody('harun', '하룬 데미르', 'Harun Demir', 'mapo', 64, 'tea chess cooking radio', {
    private: ['age'],
  }),
  somebody('mi-ran', '온미란', 'Mi-ran On', 'seongbuk', 62, 'garden baking choir'),
  somebody('tomas', '토마스 린', 'Tomas Lind', 'jongno', 73, 'birds walking maps'),
  somebody('young-ja', '도영자', 'Young-ja Do', 'mapo', 75, 'choir radio knitting', {
    wants: { age: { $gte: 65 } },
  }),
  somebody('ines', '이네스 로카', 'Inês Roca', 'jongno', 59, 'cooking garden walking'),
  somebody('dae-ho', '임대호', 'Dae-ho Im', 'seongbuk', 66, 'maps chess garden'),
  somebody('ruth', '루스 아베', 'Ruth Abe', 'mapo', 68, 'knitting tea choir birds'),
  somebody('seok-jin', '표석진', 'Seok-jin Pyo', 'jongno', 61, 'radio cooking birds'),
  somebody('gil-nam', '선우길남', 'Gil-nam Sunwoo', 'seongbuk', 78, 'walking chess tea maps'),
]

/** Who has said hello to whom already. */
export const hellos: readonly [from: string, to: string][] = [
  ['edith', 'sun-ok'],
  ['tomas', 'sun-ok'],
  ['gil-nam', 'jong-su'],
  ['ruth', 'edith'],
]

/** A person as an item of the catalog: its type says that it is one. */
export function itemOf({ id, ko, en, town, age, interests, more }: Somebody): object {
  return {
    id,
    type: 'person',
    title: `${ko} · ${en}`,
    attributes: { town, age, interests, ...more },
  }
}
