// The request, as a script would write it, and what is known of it before it is sent.

import { byId, el, later, tell } from "/dom.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const OTHER = "other";
const BODIES = {
  none: "",
  text: "hello",
  form: "name=value&other=1",
  json: '{"name":"value"}',
  stream: "one, two, three",
};
const FIELDS = ["method", "other-method", "path", "other-path", "headers", "body", "credentials"];
const CHIPS = ["Authorization: Bearer 1", "X-Requested-With: fetch", "X-Echo: hello", "Accept: application/json"];

let state;
let turn = 0;

export function start(from) {
  state = from;
  byId("origins").append(...state.origins.map(originOf));
  for (const method of [...METHODS, OTHER]) {
    byId("method").append(el("option", { value: method }, method === OTHER ? "another" : method));
  }
  byId("method").value = "PUT";
  for (const { path, answer } of state.paths) {
    byId("path").append(el("option", { value: path }, `${path}: ${answer}`));
  }
  byId("path").append(el("option", { value: OTHER }, "another"));
  byId("headers").value = "X-Csrf-Token: 7";
  byId("header-chips").append(...CHIPS.map(chipOf));
  byId("request-form").addEventListener("input", changed);
  refresh();
}

const soon = later(120, refresh);

function changed() {
  byId("other-method-label").hidden = byId("method").value !== OTHER;
  byId("other-path-label").hidden = byId("path").value !== OTHER;
  const lines = byId("headers").value.split("\n").length;
  byId("headers").rows = Math.min(Math.max(2, lines), 12);
  soon();
}

function originOf({ id, origin, label, note }, index) {
  return el(
    "label",
    { class: "origin" },
    el("input", { type: "radio", name: "origin", value: id, checked: index === 0 }),
    el("span", null, el("b", null, label), el("code", null, origin.replace("http://", "")), el("small", null, note)),
  );
}

function chipOf(line) {
  const add = () => {
    const area = byId("headers");
    const before = area.value.trimEnd();
    area.value = before === "" ? line : `${before}\n${line}`;
    changed();
  };
  return el("button", { type: "button", onclick: add }, line.split(":")[0]);
}

export function origin() {
  const chosen = document.querySelector("[name=origin]:checked").value;
  return state.origins.find(({ id }) => id === chosen);
}

// The form as it stands.
export function form() {
  const values = Object.fromEntries(FIELDS.map((id) => [id, byId(id).value]));
  return { ...values, origin: origin().id, upload: byId("upload").checked };
}

// Fills the form with what another one held. A choice that is not there is left as it is.
export function fill(form) {
  for (const id of FIELDS) {
    const field = byId(id);
    if (typeof form[id] !== "string") continue;
    if (field.tagName !== "SELECT" || [...field.options].some(({ value }) => value === form[id])) field.value = form[id];
  }
  for (const choice of document.getElementsByName("origin")) choice.checked ||= choice.value === form.origin;
  byId("upload").checked = form.upload === true;
  changed();
}

export function read() {
  const body = byId("body").value;
  const headers = byId("headers")
    .value.split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [line.trim(), ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
  const isTyped = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (body === "json" && !isTyped) headers.push(["Content-Type", "application/json"]);
  const value = (id) => (byId(id).value === OTHER ? byId(`other-${id}`).value.trim() : byId(id).value);
  return {
    method: value("method"),
    path: pathOf(value("path")),
    headers,
    credentials: byId("credentials").value,
    body,
    upload: byId("upload").checked,
  };
}

// As the browser will send it.
function pathOf(text) {
  try {
    return new URL(text.startsWith("/") ? text : `/${text}`, location.origin).pathname;
  } catch {
    return "/";
  }
}

export function forModel({ upload, ...call }, origin) {
  return { ...call, origin, upload_listener: upload };
}

export function forFrame(call, server, id) {
  return { ...call, text: BODIES[call.body], url: `${server}${call.path}?call=${id}` };
}

export async function refresh() {
  const mine = ++turn;
  const call = read();
  byId("script").textContent = scriptOf(call);
  const prediction = await tell("/api/predict", forModel(call, origin().origin));
  if (mine === turn) byId("verdict").replaceChildren(...verdictOf(call, prediction));
}

function verdictOf(call, { throws, reasons, preflight, servers }) {
  if (throws) {
    byId("verdict").dataset.tone = "bad";
    return [el("h3", null, "Never sent"), el("p", null, `The script gets an exception: ${throws}.`)];
  }
  const goesWell = servers.every(({ outcome }) => outcome.kind === "readable");
  byId("verdict").dataset.tone = goesWell ? "good" : "bad";
  const head = preflight
    ? [
        el("h3", null, "Preflighted, because"),
        el("ul", null, reasons.map(({ explanation }) => el("li", null, explanation))),
        el(
          "p",
          { class: "asks" },
          "The browser asks first: ",
          el("code", null, `Access-Control-Request-Method: ${preflight.method}`),
          preflight.headers === null
            ? null
            : el("code", null, `Access-Control-Request-Headers: ${preflight.headers}`),
        ),
      ]
    : [
        el("h3", null, "Simple"),
        el("p", null, `A form could send this ${call.method} as well, so the browser sends it without asking, and decides by the answer whether the script may read it.`),
      ];
  return [...head, ...inWords(servers).flat(2)];
}

// In a line for each group of servers that do the same.
function inWords(servers) {
  const by = new Map();
  for (const { server, outcome, steps, advice } of servers) {
    const refused = steps.find(({ verdict }) => verdict !== "allowed");
    const words =
      outcome.kind === "readable"
        ? `${outcome.status}, and the script may read it.`
        : `${STAGES[outcome.at]}: ${refused?.reason ?? outcome.why}.`;
    const known = by.get(words) ?? {
      names: [],
      tone: outcome.kind === "readable" ? "good" : "bad",
      advice: outcome.kind === "readable" ? [] : advice,
    };
    known.names.push(server);
    by.set(words, known);
  }
  return [...by].map(([words, { names, tone, advice }]) => [
    el("p", { class: "predicted", "data-tone": tone }, el("b", null, by.size === 1 ? "Predicted: " : `Predicted on ${names.join(", ")}: `), words),
    advice.slice(0, 1).map((text) => el("p", { class: "advice-line" }, text)),
  ]);
}

const STAGES = {
  preflight: "the preflight fails",
  sending: "never sent",
  response: "sent, but the answer can't be read",
};

function scriptOf(call) {
  const quoted = JSON.stringify;
  const url = quoted(`${state.servers[0].url}${call.path}`);
  if (call.upload) {
    return [
      "const request = new XMLHttpRequest();",
      `request.open(${quoted(call.method)}, ${url});`,
      call.credentials === "include" ? "request.withCredentials = true;" : null,
      ...call.headers.map(([name, value]) => `request.setRequestHeader(${quoted(name)}, ${quoted(value)});`),
      'request.upload.addEventListener("progress", () => {});',
      `request.send(${bodyOf(call)});`,
    ]
      .filter((line) => line !== null)
      .join("\n");
  }
  const lines = [`method: ${quoted(call.method)}`];
  if (call.headers.length > 0) {
    const headers = call.headers.map((pair) => `[${pair.map(quoted).join(", ")}]`);
    lines.push(`headers: [${headers.join(", ")}]`);
  }
  if (call.credentials !== "same-origin") lines.push(`credentials: ${quoted(call.credentials)}`);
  if (call.body !== "none") lines.push(`body: ${bodyOf(call)}`);
  if (call.body === "stream") lines.push('duplex: "half"');
  return `const response = await fetch(${url}, {\n${lines.map((line) => `  ${line},\n`).join("")}});`;
}

function bodyOf({ body }) {
  const text = JSON.stringify(BODIES[body]);
  return { none: "", text, form: `new URLSearchParams(${text})`, json: `'${BODIES.json}'`, stream: `new Blob([${text}]).stream()` }[body];
}
