// Server-sent events of a response that is read with fetch: https://html.spec.whatwg.org/#parsing-an-event-stream

/** Collects events from pieces of text, however the stream was cut into them. */
export class EventParser {
  #rest = "";
  #name = "";
  #data = [];

  /**
   * Reads a piece.
   *
   * @returns {{name: string, data: string}[]} the events that it completes
   */
  push(piece) {
    this.#rest += piece;
    const events = [];
    // A carriage return at the end may be the first half of a line break.
    for (let end; (end = /\r\n|\n|\r(?=[^])/.exec(this.#rest)); ) {
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      this.#line(line, events);
    }
    return events;
  }

  #line(line, events) {
    if (line === "") {
      if (this.#data.length > 0) {
        events.push({ name: this.#name || "message", data: this.#data.join("\n") });
      }
      this.#name = "";
      this.#data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      this.#name = value;
    } else if (field === "data") {
      this.#data.push(value);
    }
  }
}

/** The events of a response's body, as they arrive. */
export async function* events(body) {
  const parser = new EventParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield* parser.push(next.value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
