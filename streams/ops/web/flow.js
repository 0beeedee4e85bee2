// The flow as a picture: boxes from the topic declarations, widths from live rates.

import { isNarrow } from "./charts.js";
import { h } from "./dom.js";
import { count, rate } from "./words.js";

const GAP = 46, BOX = 34;

export function flow({ flow: { topics, workers, partitions }, figures, dead_letters: dead }) {
  const processor = "placement processor";
  const inputs = families(topics.filter((topic) => topic.consumers.includes(processor) && !topic.producers.includes(processor)), "in_per_second");
  const outputs = families(topics.filter((topic) => topic.producers.includes(processor) && !topic.consumers.includes(processor)), "out_per_second");
  const inside = topics.filter((topic) => topic.family === "rekeyed-event");
  const most = Math.max(1, ...[...inputs, ...outputs].map((one) => one.rate));
  const busiest = [...outputs].sort((a, b) => b.rate - a.rate).filter((one) => one.rate > 0).slice(0, 3).map((one) => `${one.label} ${rate(one.rate)}`);
  const sentence = `${rate(figures.records_per_second)} records go through ${partitions} tasks on ${workers} workers; ` +
    (busiest.length ? `most goes to ${busiest.join(", ")}` : "nothing comes out at the moment") + `; ${count(figures.dead_letters_today)} dead letters today.`;
  const center = [processor, `${partitions} tasks, ${workers} ${workers === 1 ? "worker" : "workers"}`,
    `${rate(inside.reduce((sum, topic) => sum + topic.out_per_second, 0))} sent on inside`];
  const given = { inputs, outputs, center, sentence, thick: (value) => (value > 0 ? 1 + 11 * Math.sqrt(value / most) : 1).toFixed(1) };
  return h("section", { class: "panel", "aria-label": "Flow" }, h("h2", {}, "Flow now"), isNarrow() ? upright(given) : lying(given));
}

/** From left to right. */
function lying({ inputs, outputs, center, sentence, thick }) {
  const height = Math.max(inputs.length, outputs.length) * GAP + 20, middle = height / 2;
  const place = (list, n) => middle + (n - (list.length - 1) / 2) * GAP;
  return picture(1200, height, sentence,
    inputs.map((one, n) => edge(one, thick, `M320 ${place(inputs, n)}C420 ${place(inputs, n)} 420 ${middle} 500 ${middle}`)),
    outputs.map((one, n) => edge(one, thick, `M720 ${middle}C800 ${middle} 800 ${place(outputs, n)} 880 ${place(outputs, n)}`)),
    inputs.map((one, n) => box(one, 20, place(inputs, n), 300, told(one))),
    heart(500, middle, center),
    outputs.map((one, n) => box(one, 880, place(outputs, n), 300, rate(one.rate))));
}

/** From top to bottom, for a phone: the boxes in one column, the streams beside them. */
function upright({ inputs, outputs, center, sentence, thick }) {
  const middle = inputs.length * GAP + 50, below = middle + 60;
  const input = (n) => 24 + n * GAP, output = (n) => below + 24 + n * GAP;
  return picture(340, output(outputs.length), sentence,
    inputs.map((one, n) => edge(one, thick, `M44 ${input(n)}C${4 + n * 8} ${input(n)} ${4 + n * 8} ${middle} 44 ${middle}`)),
    outputs.map((one, n) => edge(one, thick, `M44 ${middle}C${4 + n * 2} ${middle} ${4 + n * 2} ${output(n)} 44 ${output(n)}`)),
    inputs.map((one, n) => box(one, 44, input(n), 292, told(one))),
    heart(44, middle, center),
    outputs.map((one, n) => box(one, 44, output(n), 292, rate(one.rate))));
}

const picture = (width, height, sentence, ...parts) => h("svg", { class: "flow chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": sentence }, parts);

const told = (one) => (one.lag === null ? rate(one.rate) : `${rate(one.rate)}, ${count(one.lag)} behind`);

const edge = (one, thick, d) => h("path", { key: `e ${one.name}`, d, class: one.rate > 0 ? (one.name === "dead-letter" ? "dead" : null) : "still", "stroke-width": thick(one.rate) });

const heart = (x, middle, lines) => [
  h("rect", { x, y: middle - 38, width: 220, height: 76, rx: 8 }),
  lines.map((line, n) => h("text", { class: n ? "q" : null, x: x + 16, y: middle - 12 + 18 * n }, line)),
];

const box = (one, x, y, width, figure) => [
  h("rect", { x, y: y - BOX / 2, width, height: BOX, rx: 6 }, h("title", {}, one.purpose)),
  h("text", { x: x + 12, y: y + 4 }, one.label),
  h("text", { class: "q", x: x + width - 12, y: y + 4, "text-anchor": "end" }, figure),
];

function families(topics, field) {
  const found = new Map();
  for (const topic of topics) {
    const one = found.get(topic.family) || { name: topic.family, number: 0, rate: 0, lag: null, purpose: topic.purpose };
    one.number += 1;
    one.rate += topic[field] || 0;
    if (topic.lag !== null && topic.lag !== undefined) one.lag = (one.lag || 0) + topic.lag;
    found.set(topic.family, one);
  }
  return [...found.values()].map((one) => ({ ...one, label: one.number > 1 ? `${one.name.replace("-{slug}", "")} ×${one.number}` : one.name }));
}
