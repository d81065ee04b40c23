/** The overview's style: one sheet in the page itself, allowed by its hash. */

/** The text between the style tags. */
export const style = `
:root{color-scheme:light dark;--ground:#f7f6f3;--card:#fff;--ink:#1c1b19;--soft:#57534c;--line:#d9d5cd;--mark:#0b5c4d;--on-mark:#fff;--good:#0b5c4d;--fair:#8a4b00;--poor:#b3261e}
@media (prefers-color-scheme:dark){:root{--ground:#151513;--card:#1f1e1b;--ink:#f2efe9;--soft:#b8b2a7;--line:#3b3934;--mark:#7fd8c3;--on-mark:#0f2822;--good:#7fd8c3;--fair:#f0b866;--poor:#ffb4ab}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1.125rem/1.5 system-ui,"Apple SD Gothic Neo","Noto Sans KR","Noto Sans CJK KR",sans-serif;word-break:keep-all;overflow-wrap:anywhere}
header,main{max-width:76rem;margin:0 auto;padding:1rem clamp(1rem,3vw,2rem)}
header{display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;align-items:center;justify-content:space-between}
h1{font-size:1.5rem;margin:0;line-height:1.25}
h2{font-size:1.125rem;margin:0 0 .5rem}
p{margin:0}
.soft{color:var(--soft)}
nav,.tools{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
a,button{font:inherit;display:inline-flex;align-items:center;min-height:2.75rem;min-width:2.75rem;justify-content:center;padding:.25rem .9rem;border:1px solid var(--line);border-radius:.6rem;background:var(--card);color:var(--ink);text-decoration:none;cursor:pointer}
a[aria-current],button.main{background:var(--mark);border-color:var(--mark);color:var(--on-mark)}
a:hover,button:hover{border-color:var(--mark)}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
.grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));margin-bottom:1rem}
.figures{display:flex;flex-wrap:wrap}.figures>*{flex:1 1 10.5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1rem 1.15rem;min-width:0}
.figure{font-size:1.9rem;font-weight:650;line-height:1.2;font-variant-numeric:tabular-nums}
.now .figure{font-size:3rem;color:var(--mark)}
table{width:100%;border-collapse:collapse}
th,td{text-align:start;padding:.35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600}th[scope=row]{font-weight:400}
tr:last-child>*{border-bottom:0}
.number{text-align:end;padding-inline-start:1rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good)}.fair{color:var(--fair)}.poor{color:var(--poor)}
svg{display:block;width:100%;height:6rem;margin:.75rem 0 .25rem}
rect{fill:var(--mark)}
summary{min-height:2.75rem;display:flex;align-items:center;cursor:pointer;color:var(--soft)}
details>div{max-height:16rem;overflow:auto}
form.sign-in{max-width:34rem;margin:8vh auto 0;display:grid;gap:.9rem}
label{display:block;font-weight:600;margin-block-end:.4rem}
input{font:inherit;width:100%;min-height:3rem;padding:.4rem .8rem;border:1px solid var(--soft);border-radius:.6rem;background:var(--ground);color:var(--ink)}
code{font-family:ui-monospace,monospace;font-size:.95em}
pre{margin:0;padding:.6rem .8rem;background:var(--ground);border-radius:.6rem;white-space:pre-wrap;word-break:break-word}
[role=alert]{color:var(--poor)}
`
