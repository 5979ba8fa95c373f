// Requests to the API that serves this page, and its errors.

const TOKEN_HEADER = "X-Skein-Console-Token";

/** What to do if the local stack, which serves this page itself, checks signatures. */
const UNSIGNED =
  " This page cannot sign requests. Run the console that can, with the access key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and" +
  ` AWS_REGION=us-east-1: mvn -q -Pconsole package -pl console -am -Dconsole.url=${globalThis.location?.origin}`;

let key = "";

/** The first character of a key that fetch puts into no header, as one that was copied from a page may have; or undefined. */
export const unsendable = (value) => /[\0\u{100}-\u{10ffff}]/u.exec(value)?.[0];

/** The key that requests carry from now on; empty for none. It is not stored, and has no character that is unsendable. */
export function useKey(value) {
  key = value;
}

/**
 * Keeps the token of `mvn -Pconsole`, which the printed URL has in its fragment, for this tab, and removes it from
 * the address.
 */
export function takeToken() {
  const match = /^#token=([\w-]+)$/.exec(location.hash);
  if (match) {
    sessionStorage.setItem("skein.token", match[1]);
    history.replaceState(null, "", "#/chat");
  }
}

/** A request that failed, as the API described it. */
export class Problem extends Error {
  constructor(fields) {
    super(fields.title);
    Object.assign(this, fields);
  }
}

/**
 * Sends a request.
 *
 * @param {string} path with its query
 * @param {{body?: object, accept?: string, signal?: AbortSignal}} options a body makes it a POST
 * @returns {Promise<Response>} with a status below 400
 * @throws {Problem} for any other status, and if there is no response; an abort throws its own error
 */
export async function call(path, { body, accept = "application/json", signal } = {}) {
  const headers = { accept };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
  }
  if (key && !path.startsWith("/audit")) {
    headers.authorization = `Bearer ${key}`;
  }
  const token = sessionStorage.getItem("skein.token");
  if (token) {
    headers[TOKEN_HEADER] = token;
  }
  let response;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal,
    });
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
  if (!response.ok) {
    const found = await problemOf(response);
    if (path.startsWith("/audit") && !token && /\bsigned\b/.test(found.detail)) {
      found.detail += UNSIGNED;
    }
    throw found;
  }
  return response;
}

/** The JSON of a response to {@link call}. */
export async function callJson(path, options) {
  return (await call(path, options)).json();
}

/** What {@link callJson} threw: if it is no problem, the body was no JSON, or not of the form that was expected. */
export function asProblem(error) {
  return error instanceof Problem ? error : new Problem({ title: "The reply cannot be read", detail: error.message });
}

/** A query string of the parameters that are not empty. */
export function query(parameters) {
  const text = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
  return text && `?${text}`;
}

const unreachable = () =>
  new Problem({ title: "No response", detail: "The server cannot be reached, or closed the connection." });

async function problemOf(response) {
  const text = await response.text().catch(() => "");
  let document = {};
  try {
    document = JSON.parse(text) ?? {};
  } catch {
    // A proxy on the way may answer in HTML, which is not shown.
  }
  return problem(document, response.status, response.headers);
}

/**
 * A problem document, an error object in OpenAI's format or API Gateway's own message, with the headers of its response.
 *
 * @param {Headers} headers empty for an event of a stream
 */
export function problem(document, status, headers = new Headers()) {
  const openai = document.error ?? {};
  return new Problem({
    title: document.title ?? openai.code ?? document.message ?? "Request failed",
    status: document.status ?? status,
    detail: document.detail ?? openai.message ?? "",
    type: document.type ?? openai.type ?? "",
    code: document.code ?? null,
    errors: Array.isArray(document.errors) ? document.errors : [],
    requestId: headers.get("x-request-id") ?? requestOf(document.instance),
    auditId: headers.get("x-skein-audit-id") ?? document.audit_id ?? null,
    retryAfter: headers.get("retry-after"),
    attempts: headers.get("x-skein-attempts"),
    tried: headers.get("x-skein-tried"),
  });
}

const requestOf = (instance) => instance?.replace("urn:skein:request:", "") ?? null;
