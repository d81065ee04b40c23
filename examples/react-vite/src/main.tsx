/** Puts the shop into the page. */
import { NunchiProvider } from 'nunchi/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { nunchi } from './nunchi.ts'
import './shop.css'

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <NunchiProvider client={nunchi}>
      <App />
    </NunchiProvider>
  </StrictMode>,
)
