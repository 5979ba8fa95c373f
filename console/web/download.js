// Saves a response's body as a file, as it arrives.

import { Problem } from "./api.js";
import { element } from "./dom.js";
import { size } from "./format.js";

/**
 * Offers the body as a download. A body that breaks off is not offered, because it would look whole.
 *
 * @param {Function} report receives the progress, as a sentence
 * @returns {Promise<string>} the result, as a sentence
 * @throws {Problem} if the body breaks off; an abort throws its own error
 */
export async function download(response, name, report) {
  const pieces = [];
  let bytes = 0;
  const reader = response.body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      pieces.push(next.value);
      bytes += next.value.length;
      report(`Exporting: ${size(bytes)}`);
    }
  } catch (error) {
    throw error.name === "AbortError" ? error : brokenOff(bytes);
  }
  const url = URL.createObjectURL(new Blob(pieces, { type: response.headers.get("content-type") ?? "" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return `Exported ${size(bytes)} to ${name}.`;
}

const brokenOff = (bytes) =>
  new Problem({
    title: "The export broke off",
    detail: `The connection ended after ${size(bytes)}, before the export was complete. Nothing was saved. Export a shorter range of time.`,
  });
