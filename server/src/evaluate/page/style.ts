/** How the page looks, by day and by night; nothing is loaded from anywhere. */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --card: #f5f6f8; --text: #1b1f24; --quiet: #5c6670; --grid: #dfe3e8;
  --model: #1f6fd6; --ellipse: #c4620a; --otsu: #5b7a3a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2126; --text: #e6e9ed; --quiet: #9aa4af;
  --grid: #323941; --model: #6ea8ff; --ellipse: #f2a14a; --otsu: #a3c678; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 80px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 4px; font-size: 26px; } h2 { margin: 44px 0 8px; font-size: 20px; } h3 { margin: 0; font-size: 15px; }
p { margin: 6px 0; max-width: 80ch; } .quiet { color: var(--quiet); } code { font-size: 13px; overflow-wrap: anywhere; }
nav a { margin-right: 14px; } a { color: var(--model); }
.wide { overflow-x: auto; } .wide table { font-size: 13.5px; }
table { border-collapse: collapse; margin: 10px 0; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 4px 8px; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--quiet); font-weight: 600; }
td.best { font-weight: 650; } td.bad { color: var(--bad); font-weight: 650; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 18px; }
.plots figure { margin: 0; padding: 12px; background: var(--card); border-radius: 8px; }
.plots svg { width: 100%; max-width: 640px; height: auto; display: block; margin: auto; }
.plots figcaption { color: var(--quiet); font-size: 13px; }
.tick { font: 12px system-ui, sans-serif; fill: var(--quiet); } .middle { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: var(--grid); fill: none; } .line { stroke: var(--model); fill: none; stroke-width: 1.2; }
.thin { opacity: .35; } .thin:hover { opacity: 1; } .thick { stroke-width: 2.5; } .dashed { stroke-dasharray: 6 4; }
.faint { stroke: var(--quiet); opacity: .6; }
.box { fill: var(--model); fill-opacity: .25; stroke: var(--model); } .median { stroke: var(--model); stroke-width: 2.5; }
.mean { fill: var(--text); } .dots { stroke: var(--model); stroke-width: 4; stroke-linecap: round; stroke-opacity: .35; fill: none; }
.ellipse { fill: var(--page); stroke: var(--ellipse); stroke-width: 1.8; }
.otsu { fill: var(--page); stroke: var(--otsu); stroke-width: 1.8; }
.key { display: inline-block; margin-right: 14px; font-size: 13px; } .key::before { content: attr(data-mark); margin-right: 4px; font-weight: 700; }
.key.is-ellipse::before { color: var(--ellipse); } .key.is-otsu::before { color: var(--otsu); } .key.is-model::before { color: var(--model); }
.key.is-truth::before { color: #00d27f; } .key.is-found::before { color: #ff4fa3; }
details { margin: 10px 0; } summary { cursor: pointer; font-weight: 600; padding: 4px 0; }
.cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 14px; margin: 10px 0; }
.case { margin: 0; background: var(--card); border-radius: 8px; overflow: hidden; scroll-margin: 40px; }
.case figcaption { padding: 8px 10px 10px; font-size: 12.5px; overflow-wrap: anywhere; } .case .turn { display: none; }
.case .open { display: block; background: #000; } .picture { display: block; width: 100%; height: 200px; }
.picture image { image-rendering: pixelated; }
.picture path, .picture rect { fill: none; vector-effect: non-scaling-stroke; stroke-width: 1.8; }
.truth { stroke: #00d27f; } .found { stroke: #ff4fa3; } .prompt { stroke: #ffd54a; stroke-dasharray: 4 4; stroke-opacity: .8; }
body:has(#hide-truth:checked) .truth, body:has(#hide-found:checked) .found, body:has(#hide-prompt:checked) .prompt { display: none; }
.hide { margin-right: 14px; white-space: nowrap; }
.case:target { position: fixed; inset: 0; z-index: 1; border-radius: 0; display: flex; flex-direction: column; background: var(--page); }
.case:target .open { flex: 1; min-height: 0; } .case:target .picture { height: 100%; }
.case:target figcaption { font-size: 15px; padding: 12px 20px; } .case:target .turn { display: inline; margin-right: 18px; }
@media print { details > * { display: block; } body { max-width: none; } }
`;

/** Arrow keys leaf through the cases, Escape closes the one that is open. Without it the links do. */
export const LEAFING = `
addEventListener('keydown', (event) => {
  const open = document.querySelector('.case:target');
  const link = { ArrowLeft: '.back', ArrowRight: '.next', Escape: '.close' }[event.key];
  const to = link && open && open.querySelector(link);
  if (!to) return;
  event.preventDefault();
  location.hash = to.hash;
});
`;
