"""How the HTML pages look: serif text in a narrow column, light or dark as the reader's system, from phone to paper."""

CSS = """\
:root {
  color-scheme: light dark;
  --paper: #fffefb;
  --ink: #1c1b19;
  --quiet: #6b675f;
  --rule: #d9d5cb;
  --link: #0b4f8a;
  --shade: #f5f2ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17181a;
    --ink: #dddbd5;
    --quiet: #98958d;
    --rule: #3a3b3d;
    --link: #8ec1ee;
    --shade: #202225;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto;
  padding: 1.5rem 1.1rem 5rem;
  max-width: 44rem;
  background: var(--paper);
  color: var(--ink);
  font: 1.06rem/1.55 "Latin Modern Roman", "STIX Two Text", Charter, "Bitstream Charter", Cambria, Georgia, serif;
  overflow-wrap: break-word;
}
header { margin: 14vh 0 3rem; }
.title { margin: 0; font-size: 2.3rem; font-weight: bold; line-height: 1.15; }
.quiet, .name, .check { color: var(--quiet); }
h1 { margin: 4rem 0 1rem; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 0 0 0.2rem; font-size: 1.35rem; line-height: 1.25; }
h3, section.result > h2:not(:first-child) {
  margin: 1.5rem 0 0.3rem;
  font: bold 0.85rem/1.4 system-ui, sans-serif;
}
section.result { margin-top: 3.5rem; padding-top: 1.2rem; border-top: 1px solid var(--rule); }
body > main > section.result:first-child { margin-top: 0; padding-top: 0; border-top: 0; }
section.result > h1 { margin: 0 0 0.2rem; font-size: 1.6rem; }
p { margin: 0.6rem 0; }
.name { margin: 0 0 0.8rem; }
code { font: 0.82em/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
nav ul, nav ol { padding-left: 1.6rem; }
nav > ul { padding-left: 0; list-style: none; }
nav li { margin: 0.2rem 0; }
ul { padding-left: 1.3rem; }
li > p:first-child { margin-top: 0; }
.equation { margin: 0.7rem 0; padding: 0.15rem 0; overflow-x: auto; overflow-y: hidden; }
math { font-size: 1.05em; }
math[display="block"] { margin: 0; }
mtd { padding: 0.3em 0; text-align: left; }
mtd:first-child { text-align: right; }
.steps { padding-left: 1.6rem; }
.steps > li { margin: 0.9rem 0; }
.steps > li > p { margin: 0; }
.check {
  padding: 0 0.45em;
  border: 1px solid var(--rule);
  border-radius: 0.6em;
  font: 0.72rem/1.5 system-ui, sans-serif;
  white-space: nowrap;
}
.unbroken { white-space: nowrap; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.95rem; line-height: 1.4; }
th { color: var(--quiet); font: 0.8rem/1.4 system-ui, sans-serif; text-align: left; }
td, th { padding: 0.25rem 0.9rem 0.25rem 0; vertical-align: baseline; border-bottom: 1px solid var(--rule); }
td:first-child, td:last-child, td code { white-space: nowrap; overflow-wrap: normal; }
.references { padding-left: 0; list-style: none; }
.references li { margin: 0.8rem 0; }
summary { color: var(--quiet); font: 0.8rem/1.6 system-ui, sans-serif; cursor: pointer; }
pre { padding: 0.7rem; background: var(--shade); font-size: 0.8rem; overflow-x: auto; }
@media (max-width: 36rem) {
  body { font-size: 1rem; padding-top: 0.8rem; }
  header { margin-top: 2rem; }
  .title { font-size: 1.8rem; }
  .steps { padding-left: 1.3rem; }
}
@media print {
  body { max-width: none; }
  .equation, .wide { overflow: visible; }
  nav { break-after: page; }
}
"""
