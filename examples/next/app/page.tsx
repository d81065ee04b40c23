/** The shop: a headline that is being tested, rendered on the server, and three teas. */
import { Experiment } from 'nunchi/react'
import { Shop } from './shop'
import { visit } from './visit'

const headlines = {
  calm: { title: 'Tea for two.', text: 'Three teas from Hadong, in tins that hold their scent.' },
  bold: { title: 'Stop drinking dust.', text: 'Whole leaves from Hadong. You will taste where they grew.' },
}

export default async function Page() {
  const hero = (await visit()).experiment('hero', 'calm')
  const { title, text } = headlines[hero.variant || 'calm']
  return (
    <main>
      <header className={`hero ${hero.variant}`}>
        <h1>{title}</h1>
        <p>{text}</p>
      </header>
      {/* The server has shown it; this counts it. */}
      <Experiment name="hero" />
      <Shop />
    </main>
  )
}
