// What the script saw on each server beside what the model predicted, and every line of it.

import { byId, el } from "/dom.js";

export function show(runs) {
  const marked = runs.map((run) => ({ ...run, columns: columnsOf(run) }));
  const all = marked.flatMap(({ columns }) => columns);
  const agreed = all.filter(({ agrees }) => agrees === true).length;
  const differ = all.filter(({ agrees }) => agrees === false).length;
  const isKnown = all.every(({ agrees, predicted }) => agrees !== false || predicted.known);
  const badge = byId("results-state");
  badge.textContent =
    differ > 0
      ? `${differ} of ${all.length} differ from the model${isKnown ? ", as known" : ""}`
      : `${agreed} of ${all.length} as the model predicted`;
  badge.dataset.tone = differ > 0 ? "odd" : "good";
  byId("runs").replaceChildren(
    ...(marked.length > 1 ? [overviewOf(marked)] : []),
    ...marked.map((run, index) => runOf(run, marked.length > 1 && `run-${index}`)),
  );
  const worth = marked.findIndex(({ columns }) => columns.some(({ agrees }) => agrees === false));
  unfold(`run-${worth < 0 ? 0 : worth}`);
  if (byId("results").getBoundingClientRect().top > innerHeight / 2) byId("results").scrollIntoView();
}

function unfold(id) {
  if (byId(id)) byId(id).open = true;
}

// One column for each server

function columnsOf({ servers, prediction, seen, exchanges }) {
  return servers.map(({ name }, index) => {
    const predicted = prediction.throws
      ? { outcome: { kind: "throws", why: prediction.throws }, steps: [], advice: [] }
      : prediction.servers.find(({ server }) => server === name);
    const wire = exchanges.find(({ server }) => server === name)?.exchanges ?? [];
    const column = { name, predicted, seen: seen[index], wire };
    return { ...column, ...compare(column) };
  });
}

const names = (headers) => [...new Set(headers.map(([name]) => name.toLowerCase()))].sort();
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const onWire = ({ preflight, method }) => (preflight ? "preflight" : method);

function compare({ predicted, seen, wire }) {
  if (seen.skipped) return { agrees: null, differences: [] };
  const { outcome, steps } = predicted;
  const differences = [];
  const got = kindOf(seen);
  if (got !== outcome.kind) {
    differences.push(`the model says ${WORDS[outcome.kind]}, the browser ${WORDS[got]}`);
  } else if (got === "readable") {
    if (seen.status !== outcome.status) differences.push(`status ${seen.status}, not ${outcome.status}`);
    const read = names(seen.headers);
    const more = read.filter((name) => !outcome.headers.includes(name));
    const less = outcome.headers.filter((name) => !read.includes(name));
    if (more.length > 0) differences.push(`also readable: ${more.join(", ")}`);
    if (less.length > 0) differences.push(`not readable: ${less.join(", ")}`);
  }
  const expected = steps.map(onWire);
  // What follows a redirect has no number of its own, so the browser may remember its preflight.
  const remembered = steps.filter(({ preflight }, index) => index === 0 || !preflight).map(onWire);
  const sent = wire.map(onWire);
  if (!same(expected, sent) && !same(remembered, sent)) {
    differences.push(`the server saw ${sent.join(", ") || "nothing"}, not ${expected.join(", ") || "nothing"}`);
  }
  return { agrees: differences.length === 0, differences };
}

const WORDS = { readable: "an answer", blocked: "an error", throws: "an exception" };

function kindOf(seen) {
  if (seen.threw !== undefined) return "throws";
  return seen.error === undefined ? "readable" : "blocked";
}

// All origins at a glance

function overviewOf(runs) {
  const head = el(
    "tr",
    null,
    el("th", { scope: "col" }, "From"),
    runs[0].columns.map(({ name }) => el("th", { scope: "col" }, name)),
  );
  const rows = runs.map(({ origin, columns }, index) =>
    el(
      "tr",
      null,
      el("th", { scope: "row" }, el("a", { href: `#run-${index}`, onclick: () => unfold(`run-${index}`) }, origin.label), el("code", null, bare(origin.origin))),
      columns.map((column) => el("td", { "data-server": column.name }, statusOf(column), markOf(column))),
    ),
  );
  return el("table", { class: "overview" }, el("caption", { class: "hidden" }, "From each origin, on each server"), el("thead", null, head), el("tbody", null, rows));
}

const bare = (origin) => origin.replace("http://", "");

// Folded where it has an id, to be one of several.
function runOf({ origin, call, columns }, id) {
  const title = [el("b", null, `${call.method} ${call.path}`), " from ", el("code", null, bare(origin.origin)), ` (${origin.label.toLowerCase()})`];
  const body = [
    el("div", { class: "columns" }, columns.map(columnOf)),
    whyOf(columns),
    el("h4", null, "On the wire"),
    el("div", { class: "wires" }, columns.map(wireOf)),
  ];
  return id
    ? el("details", { class: "run", id }, el("summary", null, title), body)
    : el("article", { class: "run" }, el("h3", null, title), body);
}

function columnOf(column) {
  const { name, seen, predicted, differences } = column;
  return el(
    "section",
    { class: "column", "aria-label": name, "data-tone": column.agrees === false ? "odd" : toneOf(seen) },
    el("h4", null, name, markOf(column)),
    el("h5", null, "The script saw"),
    sawOf(seen, predicted.outcome),
    el("h5", null, "The model predicted"),
    predictedOf(predicted.outcome, seen),
    differences.length === 0
      ? null
      : [
          el("ul", { class: "differences" }, differences.map((text) => el("li", null, text))),
          predicted.known ? el("p", { class: "because" }, `Known: ${predicted.known}`) : null,
        ],
  );
}

function markOf({ agrees, predicted }) {
  if (agrees === null) return el("span", { class: "mark" }, "not compared");
  return agrees
    ? el("span", { class: "mark", "data-tone": "good" }, "✓ agrees")
    : el("span", { class: "mark", "data-tone": "odd" }, predicted.known ? "≠ differs, as known" : "≠ differs");
}

const toneOf = (seen) => (kindOf(seen) === "readable" && !seen.skipped ? "good" : "bad");

function statusOf({ seen }) {
  const words = seen.skipped ? "not sent" : kindOf(seen) === "readable" ? `${seen.status}` : kindOf(seen);
  return el("span", { class: "status", "data-tone": toneOf(seen) }, `${toneOf(seen) === "good" ? "●" : "✕"} ${words}`);
}

function sawOf(seen, outcome) {
  if (seen.skipped) return el("p", { class: "status", "data-tone": "bad" }, `✕ ${seen.skipped}`);
  if (kindOf(seen) !== "readable") return el("p", { class: "status", "data-tone": "bad" }, `✕ ${seen.threw ?? seen.error}`);
  const odd = (name) => outcome.kind === "readable" && !outcome.headers.includes(name);
  return [
    el("p", { class: "status", "data-tone": "good" }, `● ${seen.status}, readable`),
    el("ul", { class: "headers" }, names(seen.headers).map((name) => el("li", { class: odd(name) ? "odd" : null }, name))),
    seen.text === "" ? null : el("pre", { class: "body" }, seen.text),
  ];
}

function predictedOf(outcome, seen) {
  if (outcome.kind === "throws") return el("p", { class: "status", "data-tone": "bad" }, `✕ exception: ${outcome.why}`);
  if (outcome.kind === "blocked") {
    const where = { preflight: "The preflight fails", sending: "Never sent", response: "The answer can't be read" }[outcome.at];
    return [
      el("p", { class: "status", "data-tone": "bad" }, `✕ ${where}`),
      el("p", { class: "because" }, `${outcome.why}.`),
      outcome.console && el("p", { class: "because console" }, "Chromium's console: ", el("code", null, outcome.console)),
    ];
  }
  const read = kindOf(seen) === "readable" && !seen.skipped ? names(seen.headers) : null;
  const isSame = read !== null && same(read, outcome.headers);
  return [
    el("p", { class: "status", "data-tone": "good" }, `● ${outcome.status}, readable`),
    isSame
      ? el("p", { class: "because" }, "The same headers.")
      : el("ul", { class: "headers" }, outcome.headers.map((name) => el("li", { class: read && !read.includes(name) ? "odd" : null }, name))),
  ];
}

// The reason, and what to change; once where it is the same on every server

function whyOf(columns) {
  const by = new Map();
  for (const { name, predicted } of columns) {
    const { steps, advice, outcome } = predicted;
    if (outcome.kind === "throws") continue;
    const key = JSON.stringify([steps, outcome.kind, outcome.why]);
    const known = by.get(key) ?? { names: [], steps, advice, isRead: outcome.kind === "readable" };
    // The longest list of headers to expose covers the others.
    if (advice.join().length > known.advice.join().length) known.advice = advice;
    known.names.push(name);
    by.set(key, known);
  }
  const parts = [...by.values()].map(({ names, steps, advice, isRead }) => [
    by.size > 1 ? el("h5", null, names.join(", ")) : null,
    el("ol", { class: "steps" }, steps.map(stepOf)),
    advice.length === 0 ? null : el("div", { class: "advice" }, el("b", null, isRead ? "To let it read more" : "What to change"), advice.map((text) => el("p", null, text))),
  ]);
  return by.size === 0 ? null : el("div", { class: "why" }, el("h4", null, "Why"), parts);
}

function stepOf({ method, path, preflight, verdict, reason }) {
  const tone = { allowed: "good", refused: "bad" }[verdict] ?? "odd";
  const words = { allowed: "● allowed", refused: "✕ refused", unseen: "○ not judged" }[verdict];
  return el(
    "li",
    null,
    el("code", null, preflight ? `preflight for ${path}` : `${method} ${path}`),
    el("span", { class: "status", "data-tone": tone }, words),
    el("span", null, `${reason}.`),
  );
}

// The exchanges

function wireOf({ name, wire }) {
  const words = wire.map((exchange) => `${onWire(exchange)} ${exchange.status}`).join(", ");
  return el(
    "details",
    { class: "wire" },
    el("summary", null, el("b", null, name), " ", words === "" ? "nothing reached the server" : words),
    wire.map(({ method, target, preflight, request, status, response }) =>
      el(
        "div",
        { class: "exchange" },
        el("div", null, el("h5", null, preflight ? "The preflight, as the server saw it" : "The request, as the server saw it"), headOf(`${method} ${target}`, request)),
        el("div", null, el("h5", null, "What it answered"), headOf(String(status), response)),
      ),
    ),
  );
}

const MATTERS = /^(origin|vary|cookie|set-cookie|location|access-control-.*)$/;

function headOf(first, lines) {
  const sorted = [...lines].sort(([one], [other]) => MATTERS.test(other) - MATTERS.test(one) || one.localeCompare(other));
  const rows = sorted.map(([name, value]) =>
    el("div", { class: MATTERS.test(name) ? "matters" : null }, el("span", null, `${name}: `), value),
  );
  return el("div", { class: "lines" }, el("div", { class: "first" }, first), rows);
}
