"""How the report of a study looks: light and dark, wide and narrow."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1c1d21; --quiet: #5c5f68; --rule: #d9dad5;
  --model: #0f6b8f; --control: #a9acb3; --bound: #b4641e; }
@media (prefers-color-scheme: dark) { :root { --paper: #17181b; --ink: #ecebe6; --quiet: #a3a6ae;
  --rule: #3a3c42; --model: #57b8dd; --control: #6d7078; --bound: #e39a57; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
details { max-width: 56rem; overflow-wrap: anywhere; } summary { cursor: pointer; }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
.quiet, figcaption { color: var(--quiet); }
p, li { max-width: 56rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0 0; max-width: 56rem; } figcaption { font-size: .9rem; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr));
  gap: 1.5rem; }
.card { margin: 0; } .card img { width: 100%; height: 8rem; display: block; image-rendering: auto; }
.scale { display: flex; justify-content: space-between; font-size: .75rem; }
.wide, .plot { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th:first-child { text-align: left; } .words td, .words th { text-align: left; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; white-space: normal; }
tbody th { font-weight: 400; }
.wrap tbody th { white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; } svg.broad { min-width: 34rem; max-width: 56rem; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg text.small { font-size: 10px; }
svg text.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 3px;
  stroke-linejoin: round; font-weight: 600; }
svg .grid { stroke: var(--rule); fill: none; }
svg .whisker, svg .cross { stroke: var(--ink); stroke-width: 1.3; fill: none; }
svg .box { fill: var(--model); fill-opacity: .35; stroke: var(--ink); stroke-width: 1; }
svg .middle { stroke: var(--ink); stroke-width: 2.4; fill: none; }
svg .patch { stroke: var(--rule); }
svg .ring { stroke: var(--ink); fill: none; }
svg .area, svg .cell { fill: var(--model); } svg .area { opacity: .45; }
svg .dot { fill: var(--bound); stroke: var(--paper); stroke-width: 1; }
svg .wave { fill: var(--model); stroke: var(--model); stroke-width: .6; }
rect.model { fill: var(--model); } rect.control { fill: var(--control); }
.on-dark { display: none; }
@media (prefers-color-scheme: dark) { .on-dark { display: block; } .on-light { display: none; } }
@media print { .on-dark { display: none; } .on-light { display: block; } }
@media (max-width: 40rem) { tbody th { position: sticky; left: 0; min-width: 8rem; max-width: 10rem;
  white-space: normal; overflow-wrap: break-word; background: var(--paper); } }
"""
