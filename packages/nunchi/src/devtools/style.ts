/** The panel's looks; they reach nothing of the page, and nothing of the page reaches them. */

/** The text of its style sheet. */
export const style = `
:host{all:initial;color-scheme:light dark;--ground:#fff;--ink:#1c1b19;--soft:#57534c;--line:#d3cfc6;--mark:#0b5c4d;--on-mark:#fff;--bad:#b3261e}
@media (prefers-color-scheme:dark){:host{--ground:#1f1e1b;--ink:#f2efe9;--soft:#b8b2a7;--line:#45423b;--mark:#7fd8c3;--on-mark:#0f2822;--bad:#ffb4ab}}
*{box-sizing:border-box;font:inherit}
.open,.panel{position:fixed;z-index:2147483647;right:1rem;bottom:1rem;font:16px/1.45 system-ui,sans-serif;color:var(--ink)}
button,select,summary{min-height:44px;min-width:44px;padding:.25rem .8rem;border:1px solid var(--line);border-radius:.5rem;background:var(--ground);color:var(--ink);cursor:pointer}
summary{border:0;padding:.25rem 0;font-weight:600}
.open{background:var(--mark);color:var(--on-mark);border:0;font-weight:600}
.panel{display:flex;flex-direction:column;width:min(30rem,calc(100vw - 2rem));max-height:min(80vh,44rem);background:var(--ground);border:1px solid var(--line);border-radius:.8rem;box-shadow:0 .5rem 2rem rgb(0 0 0/.25)}
header{display:flex;gap:.5rem;align-items:center;justify-content:space-between;padding:.5rem .75rem;border-bottom:1px solid var(--line)}
p{margin:.1rem 0 .5rem}h2{font-size:1.05rem;font-weight:650;margin:0}
.body{overflow:auto;padding:.25rem .75rem .75rem}
details{border-bottom:1px solid var(--line)}details:last-child{border:0}
pre{margin:0 0 .5rem;white-space:pre-wrap;font:.85rem/1.4 ui-monospace,monospace}ol,ul{list-style:none;margin:0 0 .5rem;padding:0}
li{padding:.4rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.row{display:flex;gap:.5rem 1rem;justify-content:space-between;align-items:center;flex-wrap:wrap}
.soft,dt{color:var(--soft)}
.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .9rem;margin:0 0 .5rem}dd{margin:0;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace;font-size:.94em}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
[hidden]{display:none}
`
