// The chat view: one request at a time, in the three formats that call a model.

import { asProblem, call, callJson, Problem, problem, unsendable, useKey } from "./api.js";
import { startReply } from "./reply.js";
import { byId, element, values } from "./dom.js";
import { events } from "./sse.js";

const SAMPLES = ["What is a skein of geese?", "Explain a write-ahead log in two sentences.", "Write a haiku about autumn."];

const MODES = {
  chat: { label: "Message", hint: "Enter sends, Shift+Enter adds a line.", send: "Send" },
  analyze: { label: "Text to analyze", hint: "Sentiment, topics and a summary, by three calls at once.", send: "Analyze" },
  summaries: { label: "Texts to summarize", hint: "An empty line separates one text from the next.", send: "Summarize" },
};

const form = byId("chat-form");
const options = byId("chat-options");
const text = byId("chat-text");
const status = byId("chat-status");
const keyHint = byId("key-hint");
const KEY_HINT = keyHint.textContent;
let abort = null;
let modelsLoaded = false;

export function setUpChat() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(text.value);
  });
  form.addEventListener("change", showMode);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && mode() !== "summaries") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  options.addEventListener("submit", (event) => event.preventDefault());
  options.elements.key.addEventListener("input", checkKey);
  options.elements.key.addEventListener("change", () => {
    if (options.elements.key.validity.valid) {
      useKey(options.elements.key.value.trim());
      loadModels();
    }
  });
  byId("chat-stop").addEventListener("click", () => abort?.abort());
  byId("chat-samples").append(
    ...SAMPLES.map((sample) => element("button", { type: "button", class: "secondary", on: { click: () => send(sample) } }, sample)),
  );
  byId("chat-settings").open = matchMedia("(min-width: 60rem)").matches;
  showMode();
}

export function showChat() {
  if (!modelsLoaded) {
    loadModels();
  }
}

const mode = () => form.elements.mode.value;

function showMode() {
  const { label, hint, send: verb } = MODES[mode()];
  byId("chat-text-label").textContent = label;
  text.placeholder = label;
  byId("chat-hint").textContent = hint;
  byId("chat-send").textContent = verb;
  for (const field of options.querySelectorAll("[data-for]")) {
    field.hidden = field.dataset.for !== mode();
  }
}

/** A request with such a key would fail as if there were no server. */
function checkKey() {
  const { key } = options.elements;
  const found = unsendable(key.value.trim());
  const fault = found ? `The key has a character that cannot be sent: U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}. Copy the key again.` : "";
  key.setCustomValidity(fault);
  key.ariaInvalid = fault ? "true" : null;
  keyHint.textContent = fault || KEY_HINT;
  keyHint.classList.toggle("bad-text", Boolean(fault));
}

/** Until the models are known, the only choice is the default model. */
async function loadModels() {
  const select = options.elements.model;
  const chosen = select.value;
  let models = [];
  try {
    models = (await callJson("/v1/models")).data.filter((model) => model.skein_api !== "embeddings");
    modelsLoaded = true;
  } catch {
    // The next request shows the problem.
  }
  select.replaceChildren(new Option("Default", ""), ...models.map((model) => new Option(model.id, model.id)));
  select.value = models.some((model) => model.id === chosen) ? chosen : "";
}

async function send(message) {
  if (abort || !options.reportValidity()) {
    return;
  }
  const sent = { mode: mode(), message };
  const request = bodyOf(sent);
  useKey(options.elements.key.value.trim());
  byId("chat-empty").hidden = true;
  text.value = "";
  await sendRequest(sent, request);
}

/** Sends what was typed, or the same again, whatever is chosen now. */
async function sendRequest(sent, request) {
  if (abort) {
    return;
  }
  const reply = startReply(byId("chat-log"), sent.message, () => sendRequest(sent, request));
  busy(new AbortController());
  try {
    await (request.stream ? stream(request, reply) : whole(sent.mode, request, reply));
    status.textContent = "The reply is complete.";
  } catch (error) {
    failed(error, reply);
  } finally {
    busy(null);
    text.focus();
  }
}

function failed(error, reply) {
  if (error.name === "AbortError") {
    reply.stopped();
    status.textContent = "Stopped.";
  } else {
    // A body that ends too soon is no SyntaxError: reading it fails.
    const known = error instanceof Problem || error instanceof SyntaxError;
    const shown = known ? asProblem(error) : new Problem({ title: "The reply was cut off", detail: "The connection ended before the reply was complete." });
    reply.fail(shown);
    status.textContent = `Failed: ${shown.title}.`;
  }
}

function busy(controller) {
  abort = controller;
  byId("chat-stop").hidden = !controller;
  byId("chat-send").disabled = Boolean(controller);
  byId("chat-log").ariaBusy = String(Boolean(controller));
  if (controller) {
    status.textContent = "Waiting for the reply.";
  }
}

function bodyOf({ mode, message }) {
  const set = values(options);
  const user = set.user_id ? { user_id: set.user_id } : {};
  if (mode === "analyze") {
    return { text: message, ...user };
  }
  if (mode === "summaries") {
    const texts = message.split(/\n\s*\n/).map((part) => part.trim()).filter((part) => part !== "");
    return { texts, style: set.style, ...numbers(set, ["max_concurrent"]), ...user };
  }
  const chosen = Object.fromEntries(["model", "system"].filter((name) => set[name]).map((name) => [name, set[name]]));
  return { message, ...chosen, ...numbers(set, ["temperature", "max_tokens"]), ...user, stream: options.elements.stream.checked };
}

const numbers = (set, names) =>
  Object.fromEntries(names.filter((name) => set[name] !== undefined).map((name) => [name, Number(set[name])]));

async function whole(mode, body, reply) {
  const path = { chat: "/chat", analyze: "/analyze", summaries: "/summaries" }[mode];
  const response = await call(path, { body, signal: abort.signal });
  reply.headers(response.headers);
  reply.complete(mode, await response.json());
}

async function stream(body, reply) {
  const response = await call("/chat", { body, accept: "text/event-stream", signal: abort.signal });
  reply.headers(response.headers);
  for await (const event of events(response.body)) {
    const data = JSON.parse(event.data);
    if (event.name === "delta") {
      reply.append(data.text);
    } else if (event.name === "done") {
      reply.complete("chat", data);
      return;
    } else if (event.name === "error") {
      throw problem(data, data.status);
    }
  }
  throw new Error("cut off");
}
