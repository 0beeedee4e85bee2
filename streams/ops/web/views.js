// What each page shows, as a function of the figures alone.

import { h } from "./dom.js";
import { lines, spark } from "./charts.js";
import { flow } from "./flow.js";
import { clock, count, date, dollars, look, percent, plain, rate, seconds } from "./words.js";

const stateWord = (word) => h("span", { class: `state ${look(word)}` }, word);
const panel = (title, ...rest) => h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), ...rest);
const scrolling = (name, ...rest) => h("div", { class: "wide", tabindex: 0, role: "group", "aria-label": name }, ...rest);
const table = (heads, rows, empty) => (rows.length
  ? h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col", class: head.startsWith(">") ? "n" : null }, head.replace(">", ""))))), h("tbody", {}, rows))
  : h("p", { class: "quiet" }, empty));
const row = (key, heads, cells) => h("tr", { key }, cells.map((cell, n) => h("td", { class: heads[n].startsWith(">") ? "n" : heads[n].startsWith("~") ? "long" : null }, cell)));
const rows = (heads, list, keyOf, cellsOf, empty) => table(heads.map((head) => head.replace("~", "")), list.map((one, n) => row(keyOf(one, n), heads, cellsOf(one))), empty);
const command = (act, text) => h("span", {}, h("code", {}, text), " ", h("button", { class: "copy", type: "button", "aria-label": `Copy: ${text}`, onclick: (event) => act.copy(text, event.currentTarget) }, "Copy"));
/** A command as it has to be given here: topics may have a prefix. */
const here = (data, text) => (data.namespace ? `${text} --namespace ${data.namespace}` : text);
const shortWorker = (url) => url.replace(/^https?:\/\//, "");

export function overview(state, act) {
  const { data } = state;
  return [
    answerPanel(data),
    h("section", { "aria-label": "Centers", key: "centers" }, h("h2", { class: "unseen" }, "Centers"), tiles(state)),
    h("div", { class: "two", key: "chart" }, panel("Lag in seconds, last hour, per reader", lagChart(state, act, "seconds")), tasks(data)),
    h("div", { class: "two", key: "why" }, whyPanel(state, act), h("div", {}, refusedPanel(data, act), h("div", { class: "above" }, changesPanel(data, 5)))),
    h("div", { key: "flow" }, flow(data)),
  ];
}

function answerPanel({ answer, figures }) {
  const cells = [["records in", rate(figures.records_per_second)], ["work out", rate(figures.items_per_second)], ["processor lag", seconds(figures.lag_seconds)],
    ["p99 through", seconds(figures.p99)], ["dead letters today", count(figures.dead_letters_today)]];
  return h("section", { class: "panel answer", "aria-label": "State", key: "answer" },
    h("div", {}, h("h1", {}, h("span", { class: `state ${answer.state}` }, answer.sentence)), h("p", {}, answer.more)),
    h("dl", { class: "figures" }, cells.map(([name, figure]) => h("div", {}, h("dt", {}, name), h("dd", {}, figure)))));
}

function tiles(state) {
  return h("ul", { class: "centers" }, state.data.centers.map((center) => h("li", { key: center.slug }, tile(state, center))));
}

function tile(state, center) {
  const level = look(center.state), points = seriesOf(state, center.readers, "seconds");
  const late = center.lag_seconds === null ? (center.lag === null ? "–" : count(center.lag)) : seconds(center.lag_seconds);
  const unread = center.waiting === null ? `${count(center.lag)} unread` : `${count(center.waiting)} waiting`;
  return h("a", { class: `panel center is-${level}`, href: `#/centers/${center.slug}`, "data-center": center.slug },
    h("b", {}, center.name),
    h("span", { class: "row" }, h("span", { class: "lag", title: "lag" }, late), stateWord(center.state)),
    spark(points, level),
    h("span", { class: "row quiet small" }, h("span", {}, center.office), h("span", {}, unread), h("span", {}, rate(center.per_second))),
    h("span", { class: "clocks" },
      h("span", {}, h("strong", {}, count(center.open)), "open"),
      h("span", { class: center.due_soon ? "warn" : null }, h("strong", {}, count(center.due_soon)), "due soon"),
      h("span", { class: center.overdue ? "bad" : null }, h("strong", {}, count(center.overdue)), "overdue"),
      h("span", { class: center.dead_letters ? "bad" : null }, h("strong", {}, count(center.dead_letters)), "dead")));
}

/** The lag over time of the slowest of some groups: 0 is seconds, 1 is offsets. */
function seriesOf({ moments }, groups, unit) {
  const part = unit === "seconds" ? 0 : 1;
  return moments.map(([at, lags]) => {
    const values = groups.map((group) => lags[group]?.[part]).filter((value) => value !== null && value !== undefined);
    return [at, values.length ? Math.max(...values) : null];
  });
}

function lagChart(state, act, unit, isWide) {
  const series = state.data.groups.map((group) => ({ name: group.reader, look: look(group.verdict), points: seriesOf(state, [group.group], unit) }));
  return lines(series, { unit, title: `Lag in ${unit} over the last hour`, hover: state.hover, onHover: act.hover, isWide });
}

function tasks(data) {
  const workers = data.workers.map((worker) => worker.worker);
  const missing = Array.from({ length: data.partitions }, (_, n) => n).filter((n) => !data.tasks.some((task) => task.partition === n));
  const moving = data.tasks.filter((task) => ["restoring", "starting", "waiting"].includes(task.phase) || task.halted);
  const heads = ["worker", ">tasks", ">CPU", ">batch", ">commit p99", "time goes to"];
  return panel(`Tasks: ${data.partitions} partitions, ${workers.length} ${workers.length === 1 ? "worker" : "workers"}`,
    h("ul", { class: "tasks" }, data.tasks.map((task) => h("li", { key: `${task.partition} ${task.worker}`, class: `w${workers.indexOf(task.worker) % 4} ${task.halted ? "halted" : task.phase}` }, String(task.partition), h("span", {}, task.halted ? "halted" : task.phase)))),
    missing.length ? h("p", { class: "above state bad" }, `Nobody has partition ${missing.join(", ")}`) : null,
    moving.map((task) => h("div", { class: "above", key: `m ${task.partition} ${task.worker}` }, h("p", {}, h("b", {}, `Partition ${task.partition} `), taskWords(task)),
      task.phase === "restoring" && task.total ? h("progress", { max: task.total, value: task.restored, "aria-label": `Restore of partition ${task.partition}` }) : null)),
    h("div", { class: "above" }, scrolling("Workers", rows(heads, data.workers, (worker) => worker.worker, (worker) => [h("span", { title: worker.name }, shortWorker(worker.worker)), count(worker.tasks), percent(worker.cpu), count(worker.batch_records), seconds(worker.commit_p99), shares(worker.shares)], "No worker answers."))),
    data.silent.map((one) => h("p", { class: "state warn", key: one.worker }, `${shortWorker(one.worker)}: ${one.why}`)));
}

const shares = (given) => Object.entries(given).filter(([, share]) => share >= 0.01).map(([step, share]) => `${step} ${percent(share)}`).join(", ") || "nothing to do";

function taskWords(task) {
  if (task.halted) return `is halted on ${shortWorker(task.worker)}. ${task.halted}`;
  if (task.phase !== "restoring") return `is ${task.phase} on ${shortWorker(task.worker)}${task.trouble ? `: ${task.trouble}` : ""}.`;
  const left = task.seconds_left === null ? "" : `, about ${seconds(task.seconds_left)} left`;
  return `is restoring on ${shortWorker(task.worker)}: ${count(task.restored)} of ${count(task.total)} records${left}.`;
}

function whyPanel(state, act) {
  const { look: asked } = state;
  const submit = (event) => { event.preventDefault(); act.look(new FormData(event.target).get("importer")); };
  return panel("Why is this importer's work where it is?",
    h("form", { role: "search", onsubmit: submit }, h("label", {}, "Importer number", h("input", { name: "importer", autocomplete: "off", spellcheck: "false", required: true, placeholder: "12-3456789" })), h("button", { disabled: asked.busy }, asked.busy ? "Looking…" : "Look up")),
    h("div", { "aria-live": "polite", class: "found" }, asked.error ? h("p", { class: "state warn" }, asked.error) : asked.found ? found(state, asked.found) : h("p", { class: "quiet" }, "Placement, evidence by heading, what would have to change, and history.")));
}

function found({ data }, one) {
  const name = (slug) => data.centers.find((center) => center.slug === slug)?.name || plain(slug) || "no Center";
  const evidence = one.evidence, total = evidence.centers.reduce((sum, center) => sum + center.lines, 0);
  const mix = [...evidence.centers].sort((a, b) => b.lines - a.lines);
  const words = mix.map((center) => `${name(center.center)} ${percent(center.lines / total)}`).join(" · ");
  const headings = [...evidence.headings].sort((a, b) => b.lines - a.lines).slice(0, 12);
  const firm = one.firm ? "firm" : "provisional";
  return h("div", {},
    h("p", {}, h("b", {}, one.center ? name(one.center) : plain(one.ace_code)), one.center ? `, ${firm} since ${date(one.effective_from)}, by ${plain(one.basis)}` : "", one.stale ? ", stale" : "", ` · ${one.account_key} · as of ${date(one.as_of)}`),
    h("p", { class: "quiet" }, one.reason),
    total ? h("div", { class: "mix", role: "img", "aria-label": `Lines in the window by Center: ${words}` }, mix.map((center) => h("i", { key: center.center, style: { width: `${(center.lines / total) * 100}%` } }))) : null,
    total ? h("p", { class: "quiet" }, `${words} of ${count(total)} lines, ${date(evidence.first_day)} to ${date(evidence.last_day)}`) : null,
    scrolling("Evidence by heading", rows(["heading", "Center", ">lines", ">value"], headings, (line) => line.heading, (line) => [line.heading, name(line.center), count(line.lines), dollars(line.value_usd)], "No entries in the window.")),
    h("p", { class: "quiet above" }, changeWords(one, name), ` Coverage ${evidence.coverage_version}, policy ${evidence.policy_version}.`),
    one.override ? h("p", {}, h("b", {}, "Set by headquarters: "), `${name(one.override.center)}, ${plain(one.override.basis)}, ${one.override.reason}`) : null,
    h("h2", { class: "above" }, "History of the placement"),
    scrolling("History", rows(["day", "what", "from", "to", "~why"], one.changes || [], (change, n) => n, (change) => [date(change.decided_on), plain(change.kind), change.former_center ? name(change.former_center) : "–", change.center ? name(change.center) : plain(change.ace_code), change.why], "No change was found in the log.")));
}

function changeWords(one, name) {
  if (one.challenger) return `${name(one.challenger)} leads since ${date(one.challenger_since)} and takes over once it has led long enough (P7, P8).`;
  return one.firm ? "Another Center would have to lead clearly, and for long enough (P7, P8)." : "While provisional, the placement follows the plurality at every daily cut (P2).";
}

function kept(data, act, kind, title, empty) {
  return panel(title, scrolling(title, rows(["reason", ">today", "last"], data[kind].reasons, (one) => one.reason, (one) => [plain(one.reason), count(one.today), clock(one.last_ms)], empty)));
}

function refusedPanel(data, act) {
  const both = [...data.dead_letters.reasons.map((one) => ({ ...one, kind: "dead letter" })), ...data.refusals.reasons.map((one) => ({ ...one, kind: "refused" }))];
  return panel("Refused and dead letters today", scrolling("Reasons", rows(["reason", "what", ">count", "last"], both.slice(0, 8), (one) => one.kind + one.reason, (one) => [plain(one.reason), one.kind, count(one.today), clock(one.last_ms)], "Nothing was refused today, and nothing died.")),
    h("p", { class: "above" }, h("a", { href: "#/dead-letters" }, "All of them, and what to do")));
}

function changesPanel(data, most) {
  const name = (slug) => data.centers.find((center) => center.slug === slug)?.short || "no Center";
  const words = (change) => (change.former_center && change.former_center !== change.center ? `${name(change.former_center)} to ${name(change.center)}` : change.center ? `${plain(change.kind)} in ${name(change.center)}` : plain(change.kind));
  return panel("Placements changed", scrolling("Placements changed", rows(["when", "importer", "what"], data.changes.items.slice(0, most), (change, n) => n, (change) => [clock(change.at_ms), h("span", { class: "number" }, change.account_key), words(change)], "No placement has changed.")));
}

export function centers(state, act) {
  const { data } = state, heads = ["Center", "state", ">lag", ">unread", ">work", ">open", ">due soon", ">overdue", ">importers", "readers"];
  return [h("h1", { key: "h" }, "Centers"),
    h("section", { class: "panel", key: "t", "aria-label": "Centers" }, scrolling("Centers", rows(heads, data.centers, (center) => center.slug, (center) => [h("a", { href: `#/centers/${center.slug}` }, center.name), stateWord(center.state), seconds(center.lag_seconds), count(center.lag ?? center.waiting), rate(center.per_second), count(center.open), count(center.due_soon), count(center.overdue), count(center.importers), center.readers.join(", ") || "–"], ""))),
    h("section", { class: "panel", key: "d", "aria-label": "Beside the Centers" }, h("h2", {}, "Beside the Centers"), scrolling("Beside the Centers", rows(["desk", ">work", ">open", ">overdue", ">importers"], data.desks, (desk) => desk.desk, (desk) => [desk.desk, rate(desk.per_second), count(desk.open), count(desk.overdue), count(desk.importers)], ""))),
    h("div", { key: "c" }, changesPanel(data, 25))];
}

export function centerPage(state, act, slug) {
  const center = state.data.centers.find((one) => one.slug === slug);
  if (!center) return [h("h1", {}, "There is no such Center"), h("p", {}, h("a", { href: "#/centers" }, "All Centers"))];
  const groups = state.data.groups.filter((group) => center.readers.includes(group.group));
  return [h("h1", { key: "h" }, center.name, " ", stateWord(center.state)),
    h("div", { key: "tile", class: "two" }, panel("Lag in seconds, last hour", lines(groups.map((group) => ({ name: group.group, look: look(group.verdict), points: seriesOf(state, [group.group], "seconds") })), { unit: "seconds", title: `Lag of ${center.name}`, hover: state.hover, onHover: act.hover })), tile(state, center)),
    ...groups.map((group) => groupPanel(group, true)),
    groups.length ? null : h("section", { class: "panel", key: "none" }, h("p", {}, "No group reads this Center's work. To read it:"), h("p", { class: "above" }, command(act, here(state.data, `cee work ${slug} --follow`))))].filter(Boolean);
}

function groupPanel(group, all) {
  const facts = [group.state ? `${count(group.members)} members` : "a group of the newer protocol, of which the broker tells no members", group.state && group.state.toLowerCase(), group.uncommitted && `${group.uncommitted} partitions never committed`, group.lost && `${count(group.lost)} records lost to retention`,
    group.behind_since && `behind since ${clock(group.behind_since * 1000)}`, group.retention_left !== null && group.lag > 0 && `retention takes its next record in ${seconds(group.retention_left)}`].filter(Boolean);
  const heads = ["topic", ">partition", ">committed", ">end", ">unread", ">age", "status", "owner"];
  const placed = all ? group.places : group.places.filter((place) => place[4] > 0);
  return h("section", { class: "panel", key: `g ${group.group}`, "aria-label": `Group ${group.group}` }, h("p", {}, h("b", {}, group.reader), " · ", h("code", {}, group.group), " ", stateWord(group.verdict), ` · ${seconds(group.age_seconds ?? group.lag_seconds)}, ${count(group.lag)} unread`), h("p", { class: "quiet small" }, facts.join(" · ")),
    scrolling(`Partitions of ${group.group}`, rows(heads, placed, (place) => `${place[0]} ${place[1]}`, (place) => [place[0], String(place[1]), place[2] === null ? "never" : count(place[2]), count(place[3]), count(place[4]), seconds(place[5]), stateWord(place[6]), place[7] || (group.state ? "nobody" : "–")], "Nothing is unread.")));
}

export const importers = (state, act) => [h("h1", { key: "h" }, "Importers"), h("div", { key: "w" }, whyPanel(state, act)), h("div", { key: "c" }, changesPanel(state.data, 25))];

export function lag(state, act) {
  const { data, unit } = state;
  const button = (name) => h("button", { type: "button", "aria-pressed": String(unit === name), onclick: () => act.unit(name) }, name);
  const heads = ["reader", "group", "status", ">seconds", ">offsets", ">members", "since"];
  return [h("h1", { key: "h" }, "Lag"),
    h("section", { class: "panel", key: "c", "aria-label": "Lag over time" }, h("div", { class: "row" }, h("h2", {}, `Lag in ${unit}, last hour`), h("span", {}, button("seconds"), " ", button("offsets"))), lagChart(state, act, unit, true)),
    h("section", { class: "panel", key: "t", "aria-label": "Readers" }, scrolling("Readers", rows(heads, data.groups, (group) => group.group, (group) => [group.reader, h("code", {}, group.group), stateWord(group.verdict), seconds(group.age_seconds ?? group.lag_seconds), count(group.lag), count(group.members), group.behind_since ? clock(group.behind_since * 1000) : "–"], "No group reads our topics."))),
    data.gone.length ? h("section", { class: "panel", key: "g", "aria-label": "Deleted groups" }, h("h2", {}, "Deleted in the last hour"), data.gone.map((one) => h("p", { key: one.group }, h("code", {}, one.group), ` at ${clock(one.at * 1000)}`))) : null,
    h("div", { key: "tasks" }, tasks(data)),
    ...data.groups.filter((group) => group.lag > 0).map((group) => groupPanel(group, false))].filter(Boolean);
}

export function deadLetters(state, act) {
  const { data } = state;
  const place = (one) => `${one.topic} ${one.partition} @ ${one.offset}`;
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const what = (one) => [["show", ""], ...(one.became ? [] : [["replay", ""], ["return", ` --tell ${quoted(one.detail)}`]])].map(([verb, rest]) =>
    h("div", { key: verb }, command(act, here(data, `cee dlq ${verb} ${one.at_partition}/${one.at_offset}${rest}`))));
  const became = (one) => h("span", { class: `state ${one.became ? "ok" : "warn"}` }, one.became || "open");
  const halted = data.tasks.filter((task) => task.halted);
  return [h("h1", { key: "h" }, "Dead letters and refusals"),
    ...halted.map((task) => h("section", { class: "panel", key: `halt ${task.partition}`, "aria-label": `Partition ${task.partition}` }, h("p", { class: "state bad" }, `Partition ${task.partition} is halted`), h("p", {}, task.halted), h("p", { class: "above" }, command(act, here(data, `cee resume --partition ${task.partition}`))))),
    h("div", { class: "two", key: "k" }, kept(data, act, "dead_letters", "Dead letters today", "No record died today."), kept(data, act, "refusals", "Refusals today", "Nothing was refused today.")),
    h("section", { class: "panel", key: "d", "aria-label": "Last dead letters" }, h("h2", {}, "Last dead letters"), scrolling("Last dead letters", rows(["when", "reason", "state", "~detail", "where it came from", "~what to do"], data.dead_letters.items, (one) => `${one.at_partition} ${one.at_offset}`, (one) => [clock(one.at_ms), plain(one.reason), became(one), one.detail, place(one), what(one)], "There is none."))),
    h("section", { class: "panel", key: "r", "aria-label": "Last refusals" }, h("h2", {}, "Last refusals"), scrolling("Last refusals", rows(["when", "rule", "port", "entry", "~what the rule says", "~what the sender can do"], data.refusals.items, (one, n) => n, (one) => [clock(one.at_ms), plain(one.reason), one.port || one.source, one.entry_number || "–", one.sentence, one.ignored ? "nothing" : one.remedy], "There is none.")))];
}
