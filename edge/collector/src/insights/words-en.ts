/** The sentences of insights in English. */
import type { PlainReason, Words } from './words.ts'

const people = ({ code, about, shared, by }: PlainReason): string => {
  if (code === 'mutual') return 'People with tastes like yours and theirs have often chosen each other.'
  if (about === '') return ''
  if (code === 'shared')
    return shared === '' ? `You both agree on: ${about}.` : `You share (${about}): ${shared}.`
  if (code === 'close') return `You are close to each other in: ${about}.`
  if (by === 'first') return `They have what you look for: ${about}.`
  if (by === 'second') return `You have what they look for: ${about}.`
  return `Each of you has what the other looks for: ${about}.`
}

const items = ({ code, about, because, shared }: PlainReason): string => {
  if (about === '') return ''
  if (code === 'because' && because !== '') return `“${about}”: because of your interest in “${because}”.`
  if (code === 'alike' && because !== '')
    return `“${about}”: much like “${because}”${shared === '' ? '' : ` (${shared})`}.`
  if (code === 'popular') return `“${about}”: many people look at it these days.`
  if (code === 'new') return `“${about}”: new here, and worth a look.`
  if (code === 'pinned') return `“${about}”: picked by hand.`
  return `“${about}”: people with tastes like yours like it.`
}

/** English. */
export const english: Words = {
  compatibility: {
    match: (common, reasons) => {
      if (common >= 3) return 'You two have a lot in common, and much to talk about.'
      if (common > 0) return 'You two have something in common: a good place to begin.'
      return reasons > 0
        ? 'There are good signs that you two could get along.'
        : 'You two do not know much of each other yet, which leaves much to find out.'
    },
    recommendation: (_, reasons) =>
      reasons > 0
        ? 'This list goes with what you have looked at, and with what people like you enjoy.'
        : 'This list is a first look around; it gets closer to you with every visit.',
  },
  reason: (reason) =>
    ['shared', 'close', 'wanted', 'mutual'].includes(reason.code) ? people(reason) : items(reason),
  noReason: {
    match: 'You are both here and open to meeting someone.',
    recommendation: 'It is chosen from what is there for everybody.',
  },
  startersAbout: [
    (topic) => `I saw that you like this too: ${topic}. How did that begin for you?`,
    (topic) => `What would you tell a beginner about this: ${topic}?`,
    (topic) => `Your best memory that has to do with this: ${topic}. What is it?`,
  ],
  startersWith: [
    (title) => `Begin with “${title}”.`,
    (title) => `Then have a look at “${title}”.`,
    (title) => `If there is time left: “${title}”.`,
  ],
  starters: {
    match: [
      'What made you smile this week?',
      'What does a good day off look like for you?',
      'What are you looking forward to at the moment?',
    ],
    recommendation: [
      'Open whatever catches your eye first.',
      'Put away what does not suit you: the list learns from it.',
      'Come back tomorrow: there will be something new.',
    ],
  },
}
