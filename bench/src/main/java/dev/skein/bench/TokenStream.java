package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One streamed reply of a {@link TokenModel}, as its reader saw it; times as {@link
 * System#nanoTime} tells them.
 *
 * @param asked when the request, or the event, was on its way
 * @param tokens never none
 * @param end when the whole reply was here
 */
record TokenStream(long asked, List<Token> tokens, long end) {

  /**
   * One token.
   *
   * @param written when the model wrote it
   * @param arrived when its reader had it
   */
  record Token(long written, long arrived) {
    Duration latency() {
      return Duration.ofNanos(arrived - written);
    }
  }

  private static final Pattern TIME = Pattern.compile("w(\\d+)w");

  /** How both formats say that a reply is whole. */
  private static final Pattern DONE = Pattern.compile("event: ?done|data: ?\\[DONE]");

  /** From the request to the first token. */
  Duration first() {
    return Duration.ofNanos(tokens.getFirst().arrived() - asked);
  }

  /** From the request to the end. */
  Duration whole() {
    return Duration.ofNanos(end - asked);
  }

  /** Reads to the end, and notes each token when its line is here. */
  static TokenStream read(InputStream in, long asked) throws IOException {
    List<Token> tokens = new ArrayList<>();
    var line = new ByteArrayOutputStream();
    boolean done = false;
    byte[] piece = new byte[16 * 1024];
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      long now = System.nanoTime();
      for (int i = 0; i < count; i++) {
        line.write(piece[i]);
        if (piece[i] == '\n') {
          String text = line.toString(UTF_8);
          done |= DONE.matcher(text).find();
          note(text, now, tokens);
          line.reset();
        }
      }
    }
    if (tokens.isEmpty() || !done) {
      throw new MeasurementException(
          "A stream ended early, after %d tokens: %s".formatted(tokens.size(), line));
    }
    return new TokenStream(asked, List.copyOf(tokens), System.nanoTime());
  }

  private static void note(String text, long now, List<Token> tokens) {
    Matcher time = TIME.matcher(text);
    if (time.find()) {
      tokens.add(new Token(Long.parseLong(time.group(1)), now));
    }
  }
}
