package dev.skein.tools;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a log or an export, one after the other, from a text or from one of the JSON
 * documents in which AWS returns them: the response of {@code filter-log-events}, {@code
 * get-log-events} or {@code get-query-results}, the array that the Logs Insights console saves, the
 * records of a subscription, the items of a table, or a page of {@code GET /audit}.
 */
final class Lines {
  /** More than a message of SQS or an event of CloudWatch Logs can have. */
  private static final int MAX_LINE = 16 << 20;

  private static final int PROBE = 1 << 12;

  /** A document rather than a line; in a document of many lines, `{` is a line of its own. */
  private static final Pattern DOCUMENT =
      Pattern.compile(
          "\\s*(\\[\\s*[\\[{]|\\{\\s*[\r\n"
              + "]|\\{\\s*\"(events|results|searchedLogStreams|nextForwardToken"
              + "|queryLanguage|messageType|Items|Count|records)\").*",
          Pattern.DOTALL);

  private static final List<String> LISTS =
      List.of("events", "results", "logEvents", "Items", "records");

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  static {
    JSON.getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(MAX_LINE)
                .maxDocumentLength(-1)
                .maxTokenCount(-1)
                .build());
  }

  /** Receives the lines. */
  @FunctionalInterface
  interface Receiver {
    /**
     * One line.
     *
     * @param number from 1; of a document, of the entries of its lists
     */
    void line(long number, String text) throws ToolException;
  }

  private final BufferedReader from;
  private final Receiver to;
  private final char[] buffer = new char[1 << 16];
  private int at;
  private int end;
  private long number;

  private Lines(BufferedReader from, Receiver to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Reads all lines.
   *
   * @throws IOException if the file cannot be read
   * @throws ToolException if the receiver throws it
   */
  static void read(BufferedReader from, Receiver to) throws IOException, ToolException {
    char[] probe = new char[PROBE];
    from.mark(PROBE);
    int length = 0;
    for (int n = 0; n >= 0 && length < PROBE; n = from.read(probe, length, PROBE - length)) {
      length += n;
    }
    from.reset();
    var lines = new Lines(from, to);
    if (DOCUMENT.matcher(new String(probe, 0, length)).matches()) {
      lines.readDocuments();
    } else {
      lines.readText();
    }
  }

  private void readText() throws IOException, ToolException {
    for (String line = nextLine(); line != null; line = nextLine()) {
      long first = number;
      to.line(first, line.equals("{") ? indented(line) : line);
    }
  }

  /** An object over several lines, as {@code aws logs tail --format json} prints it. */
  private String indented(String firstLine) throws IOException {
    var object = new StringBuilder(firstLine);
    String line = firstLine;
    while (line != null && !line.equals("}")) {
      line = nextLine();
      object.append(line == null ? "" : line);
      checkLength(object.length());
    }
    return object.toString();
  }

  private @Nullable String nextLine() throws IOException {
    number++;
    if (!fill()) {
      return null;
    }
    var line = new StringBuilder();
    while (fill()) {
      int start = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      line.append(buffer, start, at - start);
      checkLength(line.length());
      if (at < end) {
        at++;
        break;
      }
    }
    if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
      line.setLength(line.length() - 1);
    }
    return line.toString();
  }

  /** Whether the buffer has a character, after reading more if it has none left. */
  private boolean fill() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, from.read(buffer));
    }
    return at < end;
  }

  private void checkLength(int length) throws UnreadableException {
    if (length > MAX_LINE) {
      throw new UnreadableException("line %d is longer than 16 MiB".formatted(number));
    }
  }

  private void readDocuments() throws IOException, ToolException {
    try (JsonParser tokens = JSON.createParser(from)) {
      while (tokens.nextToken() != null) {
        if (tokens.currentToken() == JsonToken.START_ARRAY) {
          readElements(tokens);
        } else if (tokens.currentToken() == JsonToken.START_OBJECT) {
          readObject(tokens);
        }
      }
    } catch (JsonProcessingException e) {
      throw new UnreadableException("the JSON is cut or invalid after its entry " + number);
    }
  }

  /** The lists of a response; an object without any is a line itself. */
  private void readObject(JsonParser tokens) throws IOException, ToolException {
    var rest = JSON.createObjectNode();
    boolean isResponse = false;
    for (String name = tokens.nextFieldName(); name != null; name = tokens.nextFieldName()) {
      if (tokens.nextToken() == JsonToken.START_ARRAY && LISTS.contains(name)) {
        readElements(tokens);
        isResponse = true;
      } else {
        rest.set(name, tokens.<JsonNode>readValueAsTree());
      }
    }
    if (!isResponse) {
      deliver(rest);
    }
  }

  private void readElements(JsonParser tokens) throws IOException, ToolException {
    while (tokens.nextToken() != JsonToken.END_ARRAY) {
      deliver(tokens.readValueAsTree());
    }
  }

  private void deliver(JsonNode element) throws ToolException {
    number++;
    to.line(number, element.toString());
  }
}
