// Charts as SVG: lines with their labels on them, and a sentence for those who do not see them.

import { h } from "./dom.js";
import { clock, count, seconds } from "./words.js";

const HEIGHT = 220, LEFT = 52, RIGHT = 12, TOP = 14, BOTTOM = 24;

/** Whether there is room for one column only. */
export const isNarrow = () => innerWidth <= 520;

/** Width of a chart in its own units, about one a pixel, so that its letters are as large as those around it. */
const widthOf = (isWide) => (isNarrow() ? 340 : isWide ? 1240 : innerWidth <= 1000 ? Math.max(480, innerWidth - 90) : 740);

/** Return a good upper end for an axis, at least `least`. */
export function ceiling(value, least) {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 3, 5, 10].map((step) => step * power).find((step) => step >= wanted);
}

/** A chart of lines over time. `series`: [{name, look, points: [[at, value|null]]}], `unit`: "seconds" or "offsets". */
export function lines(series, { unit, title, hover, onHover, isWide }) {
  const WIDTH = widthOf(isWide);
  const all = series.flatMap((one) => one.points);
  if (all.length < 2) return h("p", { class: "quiet hint" }, "The first points come within half a minute.");
  const word = unit === "seconds" ? seconds : count;
  const from = Math.min(...all.map(([at]) => at)), to = Math.max(...all.map(([at]) => at), from + 60);
  const top = ceiling(Math.max(...all.map(([, value]) => value ?? 0)), unit === "seconds" ? 5 : 10);
  const x = (at) => LEFT + ((at - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const last = (one) => one.points.findLast(([, value]) => value !== null)?.[1] ?? 0;
  const peak = (one) => Math.max(...one.points.map(([, value]) => value ?? 0));
  const high = series.filter((one) => peak(one) > top / 5).sort((a, b) => last(b) - last(a)).slice(0, 5);
  const rest = series.length - high.length;
  const others = `${rest} ${high.length ? "other" : "reader"}${rest === 1 ? "" : "s"}`;
  const sentence = `${title}. ${[...high.map((one) => `${one.name} now ${word(last(one))}, at most ${word(peak(one))}`),
    rest ? `${others} at most ${word(Math.max(0, ...series.filter((one) => !high.includes(one)).map(peak)))}` : ""].filter(Boolean).join("; ")}.`;
  const labels = spread(high.map((one) => ({ one, at: y(last(one)) - 5 })));
  const move = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    onHover(from + (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT) * (to - from));
  };
  return h("div", {},
    h("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": sentence, onpointermove: move, onpointerleave: () => onHover(null) },
      [0, 0.5, 1].map((part) => [
        h("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(top * part), y2: y(top * part) }),
        h("text", { x: LEFT - 6, y: y(top * part) + 4, "text-anchor": "end" }, word(top * part)),
      ]),
      [0, 0.5, 1].map((part) => h("text", { x: x(from + (to - from) * part), y: HEIGHT - 6, "text-anchor": ["start", "middle", "end"][part * 2] }, hhmm(from + (to - from) * part))),
      series.map((one) => h("path", { key: one.name, class: `line ${one.look}`, d: path(one.points, x, y) })),
      labels.map(({ one, at }) => h("text", { key: `l ${one.name}`, class: one.look, x: WIDTH - RIGHT, y: at, "text-anchor": "end" }, one.name)),
      hover !== null && hover !== undefined && h("line", { class: "cursor", x1: x(clamp(hover, from, to)), x2: x(clamp(hover, from, to)), y1: TOP, y2: HEIGHT - BOTTOM })),
    h("p", { class: "hint", "aria-hidden": "true" }, hover === null || hover === undefined ? (rest ? `${others} below ${word(top / 5)}` : "") : told(series, hover, word)));
}

function told(series, at, word) {
  const values = series.map((one) => [one.name, nearest(one.points, at)]).filter(([, point]) => point && point[1] !== null);
  values.sort((a, b) => b[1][1] - a[1][1]);
  return `${hhmm(values[0]?.[1][0] ?? at)}: ${values.slice(0, 6).map(([name, [, value]]) => `${name} ${word(value)}`).join(", ")}`;
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const hhmm = (at) => clock(at * 1000);
const nearest = (points, at) => points.reduce((best, point) => (!best || Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best), null);

/** Move labels apart so that none hides another. */
function spread(labels) {
  labels.sort((a, b) => a.at - b.at);
  labels.forEach((label, n) => { label.at = Math.max(label.at, TOP, n ? labels[n - 1].at + 12 : TOP); });
  return labels;
}

/** A path through points; where nothing is known, the line is broken. */
function path(points, x, y) {
  let pen = "M";
  return points.map(([at, value]) => {
    if (value === null || value === undefined) { pen = "M"; return ""; }
    const step = `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
    return step;
  }).join("");
}

/** A small line without axes; what it says stands beside it as a figure. */
export function spark(points, look) {
  const known = points.filter(([, value]) => value !== null && value !== undefined);
  const svg = { viewBox: "0 0 192 34", preserveAspectRatio: "none", "aria-hidden": "true" };
  if (known.length < 2) return h("svg", svg);
  const from = known[0][0], to = known.at(-1)[0], top = ceiling(Math.max(...known.map(([, value]) => value)), 10);
  const line = known.map(([at, value]) => `${(((at - from) / (to - from || 1)) * 192).toFixed(1)} ${(32 - (value / top) * 28).toFixed(1)}`).join("L");
  return h("svg", svg, h("path", { class: `area ${look}`, d: `M0 34L${line}L192 34Z` }), h("path", { class: `line ${look}`, d: `M${line}` }));
}
