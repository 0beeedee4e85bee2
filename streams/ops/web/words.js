// Figures as people say them.

export const count = (number) => (number === null || number === undefined ? "–" : Math.round(number).toLocaleString("en"));

export const percent = (share) => (share === null || share === undefined ? "–" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`);

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.995) return value < 0.001 ? "0\u00a0s" : `${Math.round(value * 1000)}\u00a0ms`;
  if (value < 9.95) return `${value.toFixed(1)}\u00a0s`;
  if (value < 90) return `${Math.round(value)}\u00a0s`;
  if (value < 5400) return `${Math.round(value / 60)}\u00a0min`;
  if (value < 129600) return `${Math.round(value / 3600)}\u00a0h`;
  return `${Math.round(value / 86400)}\u00a0days`;
}

export function rate(value) {
  if (value === null || value === undefined) return "–";
  return `${value > 0 && value < 10 ? value.toFixed(1) : count(value)}/s`;
}

export const dollars = (value) => {
  if (value < 10_000) return `$ ${count(value)}`;
  return value < 1_000_000 ? `$ ${(value / 1000).toFixed(0)} k` : `$ ${(value / 1e6).toFixed(1)} M`;
};

const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
export const date = (text) => (text ? day.format(new Date(`${text}T00:00:00Z`)) : "–");

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const dayTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const dayOf = (ms) => new Date(ms).toISOString().slice(0, 10);
/** Time of day in UTC, as in the worker's own sentences; with the day where that is another one. */
export const clock = (ms) => (dayOf(ms) === dayOf(Date.now()) ? time : dayTime).format(ms);

export const plain = (word) => String(word ?? "").replaceAll("_", " ").replaceAll("-", " ");

/** State of a reader as one of the four classes. */
export const look = (state) => ({
  "up to date": "ok", reading: "ok", OK: "ok", "catching up": "warn", "falling behind": "warn", rewound: "warn", WARN: "warn", REWIND: "warn",
  stopped: "bad", stalled: "bad", STOP: "bad", STALL: "bad", "no reader": "none",
}[state] || "none");
