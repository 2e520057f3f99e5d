// The policy, as a form and as the text of its file: each follows the other.

import { byId, el, later, tell } from "/dom.js";

let state;
let on;
let fields;
let running;
let turn = 0;

const text = () => byId("policy-text");

export function start(from, callbacks) {
  state = from;
  on = callbacks;
  running = state.policy;
  fields = new Map();
  for (const group of state.settings) byId("policy-form").append(groupOf(group));
  const preset = byId("preset");
  for (const { name, title } of state.presets) preset.append(el("option", { value: name }, title));

  preset.addEventListener("change", () => {
    const chosen = state.presets.find(({ name }) => name === preset.value);
    if (chosen) write(chosen.text);
  });
  for (const radio of document.getElementsByName("view")) radio.addEventListener("change", view);
  text().addEventListener("input", later(250, fromText));
  text().addEventListener("input", () => gutter([]));
  text().addEventListener("scroll", () => (byId("gutter").scrollTop = text().scrollTop));
  byId("policy-form").addEventListener("input", later(250, fromForm));
  byId("policy-form").addEventListener("submit", (event) => event.preventDefault());
  byId("apply").addEventListener("click", apply);
  byId("revert").addEventListener("click", () => write(running));
  view();
  write(running);
}

// What the servers run now.
export function runs(policy) {
  running = policy;
  note();
}

export const draft = () => text().value;

// Takes a policy as a draft, which the servers do not run before it is applied.
export function write(value) {
  text().value = value;
  text().scrollTop = 0;
  return fromText();
}

function view() {
  const asText = document.querySelector("[name=view]:checked").value === "text";
  byId("form-view").hidden = asText;
  byId("text-view").hidden = !asText;
  byId("gutter").scrollTop = text().scrollTop;
}

function showView(name) {
  document.querySelector(`[name=view][value=${name}]`).checked = true;
  view();
}

async function fromText() {
  const mine = ++turn;
  note();
  const converted = await tell("/api/convert", { text: text().value });
  if (mine !== turn) return;
  byId("no-form").hidden = !converted.no_form;
  byId("no-form").textContent = converted.no_form ?? "";
  byId("policy-form").hidden = !converted.form;
  if (converted.form) fill(converted.form);
  faults(converted);
}

async function fromForm() {
  const mine = ++turn;
  const converted = await tell("/api/convert", { text: text().value, form: readForm() });
  if (mine !== turn) return;
  if (converted.text !== null) text().value = converted.text;
  note();
  faults(converted);
}

async function apply() {
  const applied = text().value;
  const answer = await tell("/api/policy", { text: applied });
  if (answer.applied) running = applied;
  note();
  faults(answer);
  if (answer.applied) on.applied();
  else byId("faults").querySelector("button")?.focus();
}

function note() {
  const isDraft = text().value !== running;
  const badge = byId("policy-state");
  badge.textContent = isDraft ? "Draft, not applied" : "Running on all four";
  badge.dataset.tone = isDraft ? "draft" : "good";
  byId("revert").hidden = !isDraft;
  byId("preset").value = state.presets.find((preset) => preset.text === text().value)?.name ?? "";
  on.edited(isDraft);
}

// The form

function groupOf(group) {
  const own = group.fields.map((field) => [field, fieldOf(field)]);
  const children = own.map(([, element]) => element);
  const folded = ["More", "Dangerous with credentials"].includes(group.title);
  const set = folded
    ? el("details", { class: "group" }, el("summary", null, group.title), ...children)
    : el("fieldset", { class: "group" }, el("legend", null, group.title), ...children);
  return set;
}

function fieldOf({ key, label, kind, hint }) {
  const id = `field-${key}`;
  const described = { "aria-describedby": `${id}-hint ${id}-faults` };
  const wrong = el("ul", { id: `${id}-faults`, class: "field-faults" });
  const help = el("small", { id: `${id}-hint` }, hint);
  if (kind === "switch") {
    const input = el("input", { id, type: "checkbox", ...described });
    fields.set(key, { kind, input, wrong });
    const words = el("span", null, label, " ", help);
    return el("div", { class: "field" }, el("label", { class: "check" }, input, words), wrong);
  }
  const input =
    kind === "list"
      ? el("textarea", { id, rows: 1, spellcheck: "false", autocapitalize: "off", wrap: "off", ...described })
      : el("input", { id, type: "text", inputmode: "numeric", ...described });
  fields.set(key, { kind, input, wrong });
  if (kind === "list") input.addEventListener("input", () => fit(input));
  return el("div", { class: `field ${kind}` }, el("label", { for: id }, label), input, help, wrong);
}

function fit(input) {
  input.rows = Math.min(Math.max(1, input.value.split("\n").length), 40);
}

function fill(form) {
  for (const [key, { kind, input }] of fields) {
    const value = form[key] ?? null;
    if (kind === "switch") input.checked = value === true;
    else if (kind === "number") input.value = value ?? "";
    else {
      input.value = (value ?? []).join("\n");
      fit(input);
    }
  }
}

function readForm() {
  const form = {};
  for (const [key, { kind, input }] of fields) {
    const value = input.value.trim();
    if (kind === "switch") form[key] = input.checked;
    else if (kind === "list") form[key] = input.value.split("\n").filter((line) => line !== "");
    else if (/^\d{1,15}$/.test(value)) form[key] = Number(value);
    else if (value !== "") form[key] = value;
  }
  return form;
}

// What is wrong, at the fields and at the lines

function faults({ problems, unreadable }) {
  for (const { input, wrong } of fields.values()) {
    input.removeAttribute("aria-invalid");
    wrong.replaceChildren();
  }
  const lines = problems.map(({ line }) => line).filter(Boolean);
  if (unreadable) lines.push(unreadable.line);
  gutter(lines);
  for (const problem of problems) {
    const field = problem.path === null && fields.get(problem.setting);
    if (!field) continue;
    field.input.setAttribute("aria-invalid", "true");
    const item = problem.index === null ? "" : `Line ${problem.index + 1}: `;
    field.wrong.append(el("li", null, item, el("q", null, problem.value), " ", problem.message, "."));
    const folded = field.input.closest("details");
    if (folded) folded.open = true;
  }
  const list = problems.map((problem) =>
    faultOf(problem.line, problem.place, problem.value, problem.message, problem),
  );
  if (unreadable) {
    const { line, column, key, message } = unreadable;
    list.push(faultOf(line, key ?? `column ${column}`, null, message, unreadable));
  }
  byId("faults").replaceChildren(
    ...(list.length === 0
      ? []
      : [
          el("p", null, list.length === 1 ? "One problem" : `${list.length} problems`, ". The servers keep the policy that they run."),
          el("ul", null, list),
        ]),
  );
}

function faultOf(line, place, value, message, fault) {
  const atField = fault.path === null && fields.has(fault.setting);
  return el(
    "li",
    { class: atField ? "at-field" : null },
    el("button", { type: "button", onclick: () => goTo(fault) }, line ? `Line ${line}` : "Field"),
    el("code", null, place),
    value === null ? null : el("q", null, value),
    el("span", null, `${message}.`),
  );
}

function goTo({ line, column, setting, path }) {
  const field = path === null && fields.get(setting);
  const inForm = !byId("form-view").hidden && !byId("policy-form").hidden && field;
  if (inForm) return field.input.focus();
  showView("text");
  const area = text();
  const before = area.value.split("\n").slice(0, (line ?? 1) - 1);
  const start = before.reduce((sum, each) => sum + each.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start + (column ?? 1) - 1, end < 0 ? area.value.length : end);
  const height = area.scrollHeight / area.value.split("\n").length;
  area.scrollTop = Math.max(0, (line ?? 1) * height - area.clientHeight / 2);
}

function gutter(wrong) {
  const count = text().value.split("\n").length;
  const number = (_, index) => {
    const isWrong = wrong.includes(index + 1);
    return el("div", { class: isWrong ? "wrong" : null }, isWrong ? `! ${index + 1}` : `${index + 1}`);
  };
  byId("gutter").replaceChildren(...Array.from({ length: count }, number));
  byId("gutter").scrollTop = text().scrollTop;
}
