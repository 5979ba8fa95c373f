// One exchange in the conversation: what was sent, the reply as it arrives, and what it took.

import { element } from "./dom.js";
import { count, dollars, duration, tokens, UNKNOWN } from "./format.js";
import { facts, problemCard } from "./problem.js";

/**
 * Adds an exchange to the conversation.
 *
 * @param {Element} log the conversation
 * @param {string} message what is sent
 * @param {Function} retry sends it again
 */
export function startReply(log, message, retry) {
  const text = element("div", { class: "text" });
  const meta = element("div", { class: "meta" });
  const waiting = element("div", { class: "waiting", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
  const sent = element("p", {}, message);
  const article = element(
    "article",
    { class: "exchange" },
    element("div", { class: "sent" }, element("h2", { class: "unseen" }, "You"), sent),
    element("div", { class: "reply" }, element("h2", { class: "unseen" }, "Reply"), text, waiting, meta),
  );
  log.append(article);
  if (sent.scrollHeight > sent.clientHeight) {
    // So that the keyboard can scroll it.
    sent.tabIndex = 0;
  }
  article.scrollIntoView({ block: "end" });
  return new Reply({ text, meta, waiting, article }, retry);
}

class Reply {
  #parts;
  #retry;
  #start = performance.now();
  #firstToken = null;
  #headers = new Headers();

  constructor(parts, retry) {
    this.#parts = parts;
    this.#retry = retry;
  }

  headers(headers) {
    this.#headers = headers;
  }

  /** Adds a piece of a stream. */
  append(piece) {
    this.#firstToken ??= performance.now() - this.#start;
    const { text, waiting, article } = this.#parts;
    waiting.hidden = true;
    // One text node: a node for each token would make a long reply slow.
    if (text.firstChild === null) {
      text.append("");
    }
    text.firstChild.appendData(piece);
    if (innerHeight + scrollY > document.body.scrollHeight - 160) {
      article.scrollIntoView({ block: "end" });
    }
  }

  /** Shows the reply's end: the `done` event of a stream, or a whole reply. */
  complete(mode, reply) {
    const { text, waiting } = this.#parts;
    waiting.remove();
    if (mode === "analyze") {
      text.append(analysis(reply));
    } else if (mode === "summaries") {
      text.append(summaries(reply));
    } else if (reply.response !== undefined) {
      text.append(reply.response);
    }
    this.#facts(reply);
  }

  #facts(reply) {
    const usage = reply.usage ?? {};
    this.#parts.meta.append(
      facts([
        ["Model", reply.model],
        ["Tokens", element("span", { title: "prompt + completion" }, tokens(usage.prompt_tokens, usage.completion_tokens))],
        ["Cached", usage.cached_tokens ? count(usage.cached_tokens) : null],
        ["Reasoning", usage.reasoning_tokens ? count(usage.reasoning_tokens) : null],
        ["Cost", dollars(reply.cost_usd ?? this.#headers.get("x-skein-cost-usd"))],
        ["First token", this.#firstToken === null ? null : duration(this.#firstToken)],
        ["Total", duration(performance.now() - this.#start)],
        ["Ended", ended(reply)],
        ["Tried", this.#headers.get("x-skein-tried")],
        ["Attempts", this.#headers.get("x-skein-attempts")],
      ]),
      this.#recordLink(reply.request_id),
    );
    this.#end();
  }

  /** Shows that the reader stopped it. */
  stopped() {
    this.#parts.waiting.remove();
    this.#parts.meta.append(
      facts([
        ["Stopped after", duration(performance.now() - this.#start)],
        ["Tokens", UNKNOWN],
        ["Cost", UNKNOWN],
      ]),
      this.#recordLink(this.#headers.get("x-request-id")),
    );
    this.#end();
  }

  /** Shows the problem, below what has arrived. */
  fail(problem) {
    this.#parts.waiting.remove();
    this.#parts.meta.append(problemCard(problem, this.#retry), problem.auditId ? this.#recordLink(problem.requestId) : "");
    this.#end();
  }

  #recordLink(requestId) {
    const link = `#/trail?${new URLSearchParams({ request_id: requestId ?? "" })}`;
    return requestId ? element("a", { href: link, class: "record-link" }, "Audit record") : "";
  }

  #end() {
    this.#parts.article.scrollIntoView({ block: "end" });
  }
}

function ended(reply) {
  const cut = Array.isArray(reply.truncated) ? reply.truncated.length > 0 : reply.truncated;
  return cut ? "token limit reached" : reply.finish_reason === "stop" ? null : reply.finish_reason;
}

function analysis(reply) {
  const part = (name, value) => [name, value ?? element("span", { class: "bad-text" }, reply.errors?.[name.toLowerCase()]?.detail ?? UNKNOWN)];
  return facts([
    part("Sentiment", reply.sentiment),
    part("Topics", reply.topics?.join(", ")),
    part("Summary", reply.summary),
  ]);
}

function summaries(reply) {
  return element(
    "ol",
    { class: "summaries" },
    reply.results.map((result) =>
      element(
        "li",
        {},
        element("span", { class: "source" }, result.text),
        result.error ? element("span", { class: "bad-text" }, result.error.detail ?? result.error.type) : element("span", {}, result.summary),
      ),
    ),
  );
}
