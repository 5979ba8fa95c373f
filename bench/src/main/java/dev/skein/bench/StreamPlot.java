package dev.skein.bench;

import dev.skein.bench.TokenStream.Token;
import java.util.function.ToLongFunction;

/**
 * One stream as a picture: a dot for each token, at the time when the model wrote it and below at
 * the time when its caller had it. Its colours are for light and dark pages.
 */
final class StreamPlot {

  private static final int LEFT = 130;
  private static final int WIDTH = 640;
  private static final String BLUE = "#3b82c4";
  private static final String ORANGE = "#d97706";

  private StreamPlot() {}

  /** An SVG of this stream; times are counted from its request. */
  static String of(TokenStream stream) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 140\""
            + " font-family=\"sans-serif\" font-size=\"13\" fill=\"#808890\">\n"
            + "<title>The tokens of one stream</title>\n");
    row(svg, stream, 35, "the model writes", BLUE, Token::written);
    row(svg, stream, 75, "the caller reads", ORANGE, Token::arrived);
    long millis = stream.whole().toMillis();
    line(svg, "<path d=\"M%d 100H%d\" stroke=\"#808890\"/>".formatted(LEFT, LEFT + WIDTH));
    for (long at = 0; at <= millis; at += 1_000) {
      double x = x(stream, stream.asked() + at * 1_000_000);
      line(svg, "<path d=\"M%s 100v5\" stroke=\"#808890\"/>".formatted(x));
      line(
          svg,
          "<text x=\"%s\" y=\"122\" text-anchor=\"middle\">%d s</text>".formatted(x, at / 1_000));
    }
    return svg.append("</svg>\n").toString();
  }

  private static void row(
      StringBuilder svg,
      TokenStream stream,
      int y,
      String name,
      String colour,
      ToLongFunction<Token> time) {
    line(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>".formatted(LEFT - 15, y + 4, name));
    line(svg, "<g fill=\"%s\">".formatted(colour));
    for (Token token : stream.tokens()) {
      double x = x(stream, time.applyAsLong(token));
      line(svg, "<circle cx=\"%s\" cy=\"%d\" r=\"4\"/>".formatted(x, y));
    }
    line(svg, "</g>");
  }

  /** To a tenth, and with a point in every language. */
  private static double x(TokenStream stream, long time) {
    double x = LEFT + (double) WIDTH * (time - stream.asked()) / stream.whole().toNanos();
    return Math.round(x * 10) / 10.0;
  }

  private static void line(StringBuilder svg, String text) {
    svg.append(text).append('\n');
  }
}
