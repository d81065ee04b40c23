/** The sentences of insights in Korean, built so that no particle follows a word of somebody else's. */
import type { PlainReason, Words } from './words.ts'

/** Names of attributes that profiles often have. */
const names: { [name: string]: string } = {
  age: '나이',
  books: '책',
  category: '분야',
  city: '사는 곳',
  food: '음식',
  goals: '목표',
  hobbies: '취미',
  humor: '유머',
  interests: '관심사',
  languages: '언어',
  music: '음악',
  skills: '잘하는 일',
  sports: '운동',
  tags: '주제',
  town: '동네',
  travel: '여행',
  values: '가치관',
}

const people = ({ code, about, shared, by }: PlainReason): string => {
  if (code === 'mutual') return '취향이 비슷한 분들끼리 서로를 선택한 적이 많아요.'
  if (about === '') return ''
  const name = names[about.toLowerCase()] ?? about
  if (code === 'shared')
    return shared === '' ? `두 분이 같은 점: ${name}` : `두 분의 공통점(${name}): ${shared}`
  if (code === 'close') return `두 분이 비슷한 점: ${name}`
  if (by === 'first') return `찾으시던 점을 상대방이 갖고 있어요: ${name}`
  if (by === 'second') return `상대방이 찾던 점을 갖고 계세요: ${name}`
  return `서로가 찾던 점을 갖고 있어요: ${name}`
}

const items = ({ code, about, because, shared }: PlainReason): string => {
  if (about === '') return ''
  if (code === 'because' && because !== '') return `‘${about}’: ‘${because}’에 관심을 보이셔서 골랐어요.`
  if (code === 'alike' && because !== '')
    return `‘${about}’: ‘${because}’, 이런 점이 닮았어요${shared === '' ? '.' : `: ${shared}`}`
  if (code === 'popular') return `‘${about}’: 요즘 많은 분이 찾고 있어요.`
  if (code === 'new') return `‘${about}’: 새로 들어왔어요.`
  if (code === 'pinned') return `‘${about}’: 직접 골라 추천해 드려요.`
  return `‘${about}’: 취향이 비슷한 분들이 좋아해요.`
}

/** Korean. */
export const korean: Words = {
  compatibility: {
    match: (common, reasons) => {
      if (common >= 3) return '두 분은 닮은 점이 많아서 나눌 이야기가 많을 거예요.'
      if (common > 0) return '두 분에게는 공통점이 있어요. 거기서 이야기를 시작해 보세요.'
      return reasons > 0
        ? '두 분이 잘 어울릴 만한 좋은 신호가 보여요.'
        : '아직 서로에 대해 아는 것이 적어요. 그만큼 알아 갈 것이 많아요.'
    },
    recommendation: (_, reasons) =>
      reasons > 0
        ? '그동안 살펴보신 것과, 취향이 비슷한 분들이 좋아한 것을 보고 골랐어요.'
        : '처음이시니 두루 골라 보았어요. 오실 때마다 취향에 더 가까워져요.',
  },
  reason: (reason) =>
    ['shared', 'close', 'wanted', 'mutual'].includes(reason.code) ? people(reason) : items(reason),
  noReason: {
    match: '두 분 모두 새로운 만남에 열려 있어요.',
    recommendation: '모두가 볼 수 있는 것 가운데서 골랐어요.',
  },
  startersAbout: [
    (topic) => `저도 좋아해요, ${topic}! 어떻게 시작하셨어요?`,
    (topic) => `${topic}: 처음 해 보는 사람에게 한 가지만 알려 주신다면요?`,
    (topic) => `${topic}: 가장 기억에 남는 순간이 언제였어요?`,
  ],
  startersWith: [
    (title) => `‘${title}’부터 살펴보세요.`,
    (title) => `그다음은 ‘${title}’, 어떠세요?`,
    (title) => `시간이 남으면: ‘${title}’`,
  ],
  starters: {
    match: [
      '이번 주에 웃으신 일이 있었나요?',
      '쉬는 날은 보통 어떻게 보내세요?',
      '요즘 기다려지는 일이 있으세요?',
    ],
    recommendation: [
      '가장 먼저 눈에 들어온 것부터 열어 보세요.',
      '맞지 않는 것은 지워 주세요. 그만큼 취향에 가까워져요.',
      '내일 다시 오시면 새로운 것이 있을 거예요.',
    ],
  },
}
