// Charts of uPlot, each with the same figures as a table.

import uPlot from "./uPlot.esm.js";
import { element } from "./dom.js";
import { axisSpace, axisTime, compact, duration, minute } from "./format.js";

const HEIGHT = 180;
const plots = new Map();

new ResizeObserver(() => plots.forEach((plot, figure) => plot.setSize({ width: figure.clientWidth, height: HEIGHT }))).observe(document.body);
addEventListener("themechange", () => plots.forEach((plot) => plot.redraw(false, true)));

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Removes all charts, before others take their place. */
export function clearPlots() {
  plots.forEach((plot) => plot.destroy());
  plots.clear();
}

/**
 * A chart over time.
 *
 * @typedef {{name: string, of: Function, colour: string, dash?: number[], text: Function}} Series
 * @param {{title: string, buckets: object[], interval: number, bars: boolean, format: Function, series: Series[]}} chart
 *     `of` takes a value to draw from a bucket, null for none, and `text` the one to read; `format` writes those of the axis
 */
export function chart({ title, buckets, interval, bars, format, series }) {
  const place = element("div", { class: "plot", role: "img", "aria-label": `${title} over time: the table below has the figures.` });
  const readout = element("p", { class: "readout" });
  const rest = series.map((it) => element("span", {}, element("i", { class: `key ${it.colour}${it.dash ? " dashed" : ""}` }), it.name));
  readout.append(...rest);
  const figure = element(
    "figure",
    { class: "card" },
    element("figcaption", {}, title),
    readout,
    place,
    table(title, buckets, series),
  );
  const values = [buckets.map((bucket) => Date.parse(bucket.start) / 1000), ...series.map((it) => buckets.map(it.of))];
  const show = (plot) => {
    const index = plot.cursor.idx;
    readout.replaceChildren(
      ...(index === null || index === undefined
        ? rest
        : [element("span", {}, minute(buckets[index].start)), ...series.map((it) => element("span", {}, element("i", { class: `key ${it.colour}` }), `${it.name} ${it.text(buckets[index])}`))]),
    );
  };
  const lonely = buckets.filter((bucket) => bucket.records > 0).length < 3;
  // The place has a width only once it is in the page.
  figure.draw = () => plots.set(place, new uPlot(options({ width: place.clientWidth, interval, bars, format, series, show, lonely }), values, place));
  return figure;
}

function options({ width, interval, bars, format, series, show, lonely }) {
  const axis = { stroke: () => colour("muted"), font: "12px Inter, system-ui, sans-serif", grid: { stroke: () => colour("line"), width: 1 }, ticks: { show: false } };
  const paths = bars ? uPlot.paths.bars({ size: [0.72, 28], radius: 0.15, align: 1 }) : uPlot.paths.linear();
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: bars ? { show: false } : {} },
    scales: { x: { range: (_, min, max) => [min, max + interval] }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, space: (_, __, min) => axisSpace(min), size: 28, values: (_, ticks) => ticks.map(axisTime) },
      { ...axis, size: 56, values: (plot, ticks) => ticks.map((tick) => (isDrawn(plot, tick) ? format(tick) : "")) },
    ],
    series: [
      {},
      ...series.map((it) => ({
        label: it.name,
        stroke: () => colour(it.colour),
        fill: bars ? () => colour(it.colour) : undefined,
        width: bars ? 0 : 2,
        dash: it.dash,
        paths,
        spanGaps: !bars,
        points: { show: !bars && lonely, size: 6 },
      })),
    ],
    hooks: { setCursor: [show] },
  };
}

/** Whether a tick says something: above 0 only if a value is, and 0 only if a value is known. */
const isDrawn = (plot, tick) => plot.data.slice(1).some((values) => values.some((value) => value !== null && (value > 0 || value === tick)));

function table(title, buckets, series) {
  const filled = buckets.filter((bucket) => bucket.records > 0);
  return element(
    "details",
    { class: "figures" },
    element("summary", {}, "Table"),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table` },
      element(
        "table",
        {},
        element("caption", { class: "unseen" }, `${title}; intervals without requests are left out`),
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "From"), series.map((it) => element("th", { scope: "col", class: "number" }, it.name)))),
        element("tbody", {}, filled.map((bucket) => element("tr", {}, element("th", { scope: "row" }, minute(bucket.start)), series.map((it) => element("td", { class: "number" }, it.text(bucket)))))),
      ),
    ),
  );
}

/** Values at an axis: short, and whole where they count something or are milliseconds. */
export const axisCount = (value) => (Number.isInteger(value) ? compact(value) : "");
export const axisDuration = (value) => (Number.isInteger(value) ? duration(value) : "");
