/** What the page says, in Korean and English; and what people call things in each. */

const remembered = () => {
  try {
    return localStorage.getItem('club.language')
  } catch {
    return null
  }
}

let current = remembered() ?? (navigator.language.startsWith('ko') ? 'ko' : 'en')

/** The page's own sentences. */
const sentences = {
  en: {
    brand: 'Good neighbours',
    skip: 'To the people',
    youAre: 'You are',
    language: 'Language',
    title: 'People like you, just around the corner.',
    lead: 'Say hello to anybody you like. They are told only if they say hello to you, too.',
    consent: 'Show me to others',
    consentSays:
      'While this is on, others can find you, and you can find them. Turn it off at any time: you are gone from all lists at once.',
    people: 'You may get along with',
    both: 'You both said hello',
    facts: '{0} · {1}',
    years: '{0} years old',
    begin: 'How to begin',
    hello: 'Say hello',
    helloTo: 'Say hello to {0}',
    no: 'Not for me',
    noTo: 'Not for me: {0}',
    block: 'Never show us to each other',
    blockTo: 'Never show us to each other: {0}',
    more: 'Show more people',
    saidHello: 'You said hello to {0}. If they do, too, you will find them above.',
    saidBoth: '{0} said hello to you, too! You will find them above.',
    saidNo: '{0} will not be shown to you again.',
    saidBlock: 'You and {0} will not be shown to each other again.',
    on: 'You are shown to others now.',
    off: 'You are not shown to anybody any more.',
    no_consent: 'Turn on “Show me to others” to see who is here.',
    no_profile: 'You have no profile yet.',
    nobody: 'That was everybody for now. Come again in a few days.',
    trouble: 'That did not work just now. Please try again in a moment.',
    foot: 'Nobody here is a real person. The reasons come only from what the two wrote about themselves. Nothing is sent anywhere else.',
  },
  ko: {
    brand: '좋은 이웃',
    skip: '이웃들 보기',
    youAre: '나는',
    language: '언어',
    title: '나와 잘 맞는 이웃이 가까이에 있어요.',
    lead: '마음에 드는 분께 인사해 보세요. 그분도 인사하셨을 때만 서로 알게 됩니다.',
    consent: '다른 분들에게 나를 보여 주기',
    consentSays: '켜 두시면 서로를 찾을 수 있어요. 언제든 끌 수 있고, 끄는 즉시 모든 목록에서 사라집니다.',
    people: '잘 맞을 것 같은 분들',
    both: '서로 인사한 분들',
    facts: '{0} · {1}',
    years: '{0}세',
    begin: '이렇게 말을 걸어 보세요',
    hello: '인사하기',
    helloTo: '{0} 님께 인사하기',
    no: '저와는 안 맞아요',
    noTo: '{0} 님: 저와는 안 맞아요',
    block: '서로 보이지 않게 하기',
    blockTo: '서로 보이지 않게 하기: {0}',
    more: '더 보기',
    saidHello: '{0} 님께 인사했어요. 그분도 인사하시면 위에 나타나요.',
    saidBoth: '{0} 님도 인사하셨어요! 위에서 확인해 보세요.',
    saidNo: '{0} 님은 다시 보이지 않아요.',
    saidBlock: '{0} 님과는 이제 서로 보이지 않아요.',
    on: '이제 다른 분들에게 보여요.',
    off: '이제 아무에게도 보이지 않아요.',
    no_consent: '‘다른 분들에게 나를 보여 주기’를 켜면 이웃들이 보여요.',
    no_profile: '아직 프로필이 없어요.',
    nobody: '지금은 여기까지예요. 며칠 뒤에 다시 들러 주세요.',
    trouble: '지금은 잘 안 되네요. 잠시 후 다시 해 주세요.',
    foot: '여기 나오는 분들은 모두 지어낸 인물입니다. 잘 맞는 이유는 두 분이 직접 적은 내용만 보고 알려 드립니다. 다른 곳으로 보내는 것은 없습니다.',
  },
}

/** Profiles hold these words; people read others. */
const things = {
  en: {
    seongbuk: 'Seongbuk',
    jongno: 'Jongno',
    mapo: 'Mapo',
    birds: 'birdwatching',
    maps: 'old maps',
    garden: 'gardening',
    radio: 'old radio plays',
    choir: 'choir singing',
    town: 'neighbourhood',
  },
  ko: {
    seongbuk: '성북동',
    jongno: '종로',
    mapo: '마포',
    walking: '산책',
    tea: '차',
    birds: '새 보기',
    radio: '옛날 라디오극',
    baking: '빵 굽기',
    chess: '체스',
    cooking: '요리',
    garden: '화초 가꾸기',
    choir: '합창',
    maps: '옛 지도',
    knitting: '뜨개질',
    town: '동네',
  },
}

/** `ko` or `en`. */
export const language = () => current

/** Switches the language and keeps it. */
export function speak(next) {
  current = next
  try {
    localStorage.setItem('club.language', next)
  } catch {
    // Without storage the choice holds for this visit.
  }
}

/** The sentence of this key, with `{0}` filled in. */
export function t(key, ...values) {
  return (sentences[current][key] ?? key).replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]))
}

/** What a thing of a profile is called. */
export const called = (thing) => things[current][thing] ?? thing

/** A sentence of the collector, with the things of profiles as they are called here. */
export const inWords = (text) => text.replace(/\b[a-z]{2,}\b/g, called)

/** A name as it is read here: "한글 · Latin". */
export const nameOf = (title) => title.split(' · ')[current === 'ko' ? 0 : 1] ?? title

/** Puts every sentence that the HTML names in place. */
export function translatePage() {
  document.documentElement.lang = current
  document.title = t('title')
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t)
  for (const node of document.querySelectorAll('[data-t-label]'))
    node.setAttribute('aria-label', t(node.dataset.tLabel))
  for (const node of document.querySelectorAll('[data-language]'))
    node.setAttribute('aria-pressed', String(node.dataset.language === current))
}
