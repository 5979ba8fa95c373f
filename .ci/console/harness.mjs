// What the checks of the console share: a headless Chromium, axe, and the ways in which a reader uses the page.
//
// CONSOLE_PACKAGES is where the packages of node/ are installed. With SCREENSHOTS, a folder, it writes the pictures of
// docs/console.md there.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const require = createRequire(resolve(process.env.CONSOLE_PACKAGES, "node_modules") + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Machines that do ten things at once are slow. */
const PATIENCE_MS = 120_000;

let browser;
let url;

/** Starts the browser, for pages that begin at this URL. */
export async function launch(start) {
  url = start;
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  return browser;
}

/** Stops the browser and the process. */
export async function end() {
  await browser.close();
  console.log(`${failed} failed`);
  process.exit(failed ? 1 : 0);
}

let failed = 0;
export function check(what, condition, found = "") {
  failed += condition ? 0 : 1;
  console.log(`${(condition ? "ok" : "FAILED").padEnd(7)} console       ${what}${condition || found === "" ? "" : `: ${found}`}`);
}

/** Runs one group of checks with a page of its own. */
export async function group(name, options, run) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, timezoneId: "UTC", acceptDownloads: true, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text()) && faults.push(message.text()));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => document.querySelector("[name=model]").options.length > 1);
    await run(page);
  } catch (error) {
    check(`${name} runs to its end`, false, error.message);
  }
  check(`${name}: no script fails, and the policy blocks nothing`, faults.length === 0, faults.join(" | "));
  await context.close();
}

async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return violations.map((it) => `${it.id} at ${it.nodes.slice(0, 3).map((node) => node.target.join(" "))}`);
}

/** One check: axe, with the rules of WCAG 2.2 AA and its best practices, finds nothing. */
export async function isAccessible(page, what) {
  const found = await violations(page);
  check(`axe finds nothing: ${what}`, found.length === 0, found.join("; "));
}

/** Takes a picture for the pages. */
export async function shoot(page, name) {
  if (process.env.SCREENSHOTS) {
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
  }
}

/** Sends a message, and returns its exchange when the reply has ended. */
export async function send(page, text) {
  const before = await page.locator(".exchange").count();
  await page.fill("#chat-text", text);
  await page.click("#chat-send");
  await page.locator(".exchange").nth(before).locator(".meta > *").first().waitFor();
  await page.locator("#chat-send:enabled").waitFor();
  return page.locator(".exchange").nth(before);
}

/** Opens a view, and waits until something of it is there. */
export async function open(page, hash, ready) {
  await page.goto(`${new URL(url).origin}/${hash}`);
  await page.locator(ready).first().waitFor();
}

/** The rows of the trail. */
export const rows = (page) => page.locator("#trail-rows tbody tr");
