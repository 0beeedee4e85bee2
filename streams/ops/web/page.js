// Takes the figures from the worker every two seconds and shows the page that the address asks for.

import { h, render } from "./dom.js";
import { clock, seconds } from "./words.js";
import { centers, centerPage, deadLetters, importers, lag, overview } from "./views.js";

const EVERY = 2000, OLD = 12_000, HOUR = 3600;
const PAGES = [["", "Overview"], ["centers", "Centers"], ["importers", "Importers"], ["lag", "Lag"], ["dead-letters", "Dead letters"]];

const state = {
  data: null, moments: [], since: 0, reached: 0, trouble: "", hover: null, unit: "seconds",
  look: { number: "", found: null, error: "", busy: false }, token: sessionStorage.getItem("token") || "", needsToken: false,
};

async function ask(path) {
  const headers = state.token ? { Authorization: `Bearer ${state.token}` } : {};
  const answer = await fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(8000) });
  if (answer.status === 401) {
    state.needsToken = true;
    throw new Error((await answer.text()).trim());
  }
  const body = await answer.json();
  return { status: answer.status, body };
}

async function refresh() {
  try {
    const { status, body } = await ask("api/overview");
    if (status !== 200) throw new Error(body.error || `the worker answers with ${status}`);
    Object.assign(state, { data: body, reached: Date.now(), trouble: "", needsToken: false });
    await remember(body);
  } catch (error) {
    state.trouble = error.name === "TypeError" ? "the worker can't be reached" : error.name === "TimeoutError" ? "the worker gives no answer" : error.message;
  }
  show();
}

/** Take what is new of the last hour's lag. */
async function remember(body) {
  if (body.seen_at === null || body.seen_at - state.since < 9) return;
  const { status, body: { moments } } = await ask(`api/history?since=${state.since}`);
  if (status !== 200) return;
  const known = state.moments.filter(([at]) => at > body.at - HOUR && (moments.length === 0 || at < moments[0][0]));
  state.moments = [...known, ...moments];
  state.since = state.moments.at(-1)?.[0] ?? 0;
}

const act = {
  look: async (number) => {
    state.look = { number, found: null, error: "", busy: true };
    show();
    try {
      const { status, body } = await ask(`api/importer/${encodeURIComponent(number.trim())}`);
      state.look = status === 200 ? { number, found: body, error: "", busy: false } : { number, found: null, error: body.error || `the worker answers with ${status}`, busy: false };
    } catch (error) {
      state.look = { number, found: null, error: error.message, busy: false };
    }
    show();
  },
  hover: (at) => { state.hover = at; show(); },
  unit: (unit) => { state.unit = unit; show(); },
  copy: async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      document.getElementById("told").textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    } catch { // without a secure origin there is no clipboard: mark the text, so that Ctrl-C takes it
      getSelection().selectAllChildren(button.previousElementSibling);
    }
  },
};

function show() {
  const [page, detail] = location.hash.replace(/^#\/?/, "").split("/");
  const known = PAGES.find(([name]) => name === page) || PAGES[0];
  document.title = `${known[1]} – cee-streams`;
  render(document.querySelector("nav"), PAGES.map(([name, title]) => h("a", { href: `#/${name}`, "aria-current": name === known[0] ? "page" : null }, title)));
  const old = Boolean(state.data) && (Boolean(state.trouble) || Date.now() - state.reached > OLD);
  document.body.classList.toggle("old", old);
  banner(old);
  fresh();
  tell();
  const main = document.getElementById("main");
  if (state.needsToken) render(main, [tokenForm()]);
  else if (state.data) render(main, view(known[0], detail));
  else render(main, [h("p", { class: "quiet" }, state.trouble ? "" : "Loading the figures…")]);
}

function view(page, detail) {
  if (page === "centers" && detail) return centerPage(state, act, detail);
  return ({ "": overview, centers, importers, lag, "dead-letters": deadLetters }[page])(state, act);
}

function banner(old) {
  const since = state.reached ? ` Figures are those of ${clock(state.reached)}.` : "";
  const text = state.needsToken ? "" : state.trouble ? `${state.trouble[0].toUpperCase()}${state.trouble.slice(1)}.${since}` : old ? `No new figures.${since}` : "";
  render(document.getElementById("banner"), text ? [text] : []);
}

function fresh() {
  const data = state.data;
  if (!data) return;
  const age = Math.max(0, (Date.now() - state.reached) / 1000);
  const workers = `${data.workers.length} ${data.workers.length === 1 ? "worker" : "workers"}`;
  const looked = data.seen_at === null ? "lag not seen yet" : `lag seen ${seconds(Math.max(0, data.at - data.seen_at + age))} ago`;
  render(document.getElementById("fresh"), [`${state.trouble ? "not live" : "live"}, ${looked} · ${workers} · times are UTC`]);
}

/** Let a screen reader say the answer when it changes, and only then. */
function tell() {
  const told = document.getElementById("told"), sentence = state.data?.answer.sentence || "";
  const kind = sentence.replace(/\d[\d.,]*/g, "");
  if (told.dataset.kind !== kind) { told.dataset.kind = kind; told.textContent = sentence; }
}

function tokenForm() {
  const enter = (event) => {
    event.preventDefault();
    state.token = new FormData(event.target).get("token").trim();
    sessionStorage.setItem("token", state.token);
    refresh();
  };
  return h("section", { class: "panel", key: "token" }, h("h1", {}, "This page shows confidential trade data"),
    h("form", { class: "above", onsubmit: enter }, h("label", {}, "Token (CEE_WEB_TOKEN)", h("input", { name: "token", type: "password", autocomplete: "off", required: true })), h("button", {}, "Show")),
    state.token ? h("p", { class: "state bad" }, "The token is not right") : null);
}

addEventListener("hashchange", () => { show(); document.getElementById("main").focus({ preventScroll: true }); scrollTo(0, 0); });
addEventListener("resize", show);
setInterval(() => { fresh(); }, 1000);
(async function again() {
  await refresh();
  setTimeout(again, document.hidden ? 5 * EVERY : EVERY);
})();
