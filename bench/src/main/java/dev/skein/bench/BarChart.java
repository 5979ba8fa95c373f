package dev.skein.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars, each of one or two parts. Its colours are for light and dark pages. */
final class BarChart {

  private static final int LEFT = 330;
  private static final int WIDTH = 480;
  private static final int ROW = 26;
  private static final int TOP = 40;
  private static final List<String> COLOURS = List.of("#3b82c4", "#d97706");

  private final String title;
  private final List<String> parts;
  private final List<Bar> bars = new ArrayList<>();

  private record Bar(String name, List<Double> values) {
    double total() {
      return values.stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  /**
   * A chart without bars.
   *
   * @param parts what the parts of each bar are, at most two
   */
  BarChart(String title, String... parts) {
    this.title = title;
    this.parts = List.of(parts);
  }

  /** Adds a bar with a value for each part. */
  BarChart bar(String name, Double... values) {
    bars.add(new Bar(name.replace("`", ""), List.of(values)));
    return this;
  }

  /** The picture; the longest bar has the whole width. */
  String svg() {
    int height = TOP + ROW * bars.size() + 10;
    var svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 %d\"".formatted(height)
            + " font-family=\"sans-serif\" font-size=\"13\" fill=\"#808890\">\n"
            + "<title>%s</title>\n".formatted(escape(title)));
    for (int i = 0; i < parts.size(); i++) {
      int x = LEFT + i * 150;
      svg.append(
          "<rect x=\"%d\" y=\"10\" width=\"12\" height=\"12\" fill=\"%s\"/>\n"
              .formatted(x, COLOURS.get(i)));
      svg.append("<text x=\"%d\" y=\"21\">%s</text>\n".formatted(x + 18, escape(parts.get(i))));
    }
    double longest = bars.stream().mapToDouble(Bar::total).max().orElse(1);
    for (int i = 0; i < bars.size(); i++) {
      row(svg, bars.get(i), TOP + i * ROW, longest);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void row(StringBuilder svg, Bar bar, int y, double longest) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n"
            .formatted(LEFT - 10, y + 14, escape(bar.name())));
    double x = LEFT;
    for (int i = 0; i < bar.values().size(); i++) {
      double width = bar.values().get(i) / longest * WIDTH;
      svg.append(
          "<rect x=\"%s\" y=\"%d\" width=\"%s\" height=\"18\" fill=\"%s\"/>\n"
              .formatted(tenths(x), y, tenths(width), COLOURS.get(i)));
      x += width;
    }
    String total = bar.total() < 100 ? tenths(bar.total()) : Long.toString(Math.round(bar.total()));
    svg.append("<text x=\"%s\" y=\"%d\">%s</text>\n".formatted(tenths(x + 6), y + 14, total));
  }

  private static String tenths(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
