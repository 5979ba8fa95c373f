package dev.skein.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A session as an animated picture, in the colours of the reader's page. It stands still for a
 * reader who prefers that, and shows everything at its end.
 */
final class TerminalSvg {
  static final String PROMPT = "$ ";

  private static final int COLUMNS = 112;
  private static final int LINE_HEIGHT = 17;
  private static final int PADDING = 14;
  private static final int GAP = 14;
  private static final int WIDTH = 920;

  private static final Pattern TEXT = Pattern.compile("<text [^>]*>([^<]*)</text>");

  private static final String STYLE =
      """
      <style>
      text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: #1f2328 }
      rect { fill: #f6f8fa; stroke: #d1d9e0 }
      .command { fill: #0550ae } .bold { font-weight: bold }
      @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 } rect { fill: #151b23; stroke: #3d444d } .command { fill: #79c0ff }
      }
      @media (prefers-reduced-motion: no-preference) {
        text { animation: show 1ms backwards } @keyframes show { from { opacity: 0 } }
      }
      </style>
      """;

  private record Line(String text, String style, double seconds) {}

  private TerminalSvg() {}

  /** The picture of a session. */
  static String of(TerminalSession session) {
    var stack = new ArrayList<Line>();
    var shell = new ArrayList<Line>();
    double at = 0.4;
    for (String line : session.start()) {
      String style = line.startsWith(PROMPT) ? "command" : line.startsWith("Ready") ? "bold" : "";
      add(line, style, at, stack);
      at += line.startsWith(PROMPT) || line.startsWith("[") ? 0.7 : 0.1;
    }
    for (TerminalSession.Step step : session.steps()) {
      at += 1.5;
      add(PROMPT + step.command(), "command", at, shell);
      at += 0.6;
      for (String line : step.output().lines().toList()) {
        add(line, "", at, shell);
      }
      add(step.request(), "", at + 0.2, stack);
    }
    int stackHeight = height(stack);
    var svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">%n",
            WIDTH,
            stackHeight + GAP + height(shell)));
    svg.append("<title>A session with the local stack in two terminals</title>\n").append(STYLE);
    terminal(stack, 0, svg);
    terminal(shell, stackHeight + GAP, svg);
    return svg.append("</svg>\n").toString();
  }

  /** As a terminal does, a long line continues in the next row. */
  private static void add(String text, String style, double seconds, List<Line> lines) {
    for (int from = 0; from < Math.max(1, text.length()); from += COLUMNS) {
      String row = text.substring(from, Math.min(from + COLUMNS, text.length()));
      lines.add(new Line(row, style, seconds));
    }
  }

  private static int height(List<Line> lines) {
    return lines.size() * LINE_HEIGHT + 2 * PADDING;
  }

  private static void terminal(List<Line> lines, int top, StringBuilder svg) {
    svg.append(
        "<rect x=\"1\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n"
            .formatted(top + 1, WIDTH - 2, height(lines) - 2));
    int y = top + PADDING;
    for (Line line : lines) {
      y += LINE_HEIGHT;
      if (!line.text().isEmpty()) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\"%s xml:space=\"preserve\""
                    + " style=\"animation-delay:%.1fs\">%s</text>%n",
                PADDING,
                y - 4,
                line.style().isEmpty() ? "" : " class=\"" + line.style() + "\"",
                line.seconds(),
                escaped(line.text())));
      }
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** The rows of a picture without the breaks between them. */
  static String text(String svg) {
    var text = new StringBuilder();
    TEXT.matcher(svg).results().forEach(row -> text.append(row.group(1)));
    return text.toString().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
  }
}
