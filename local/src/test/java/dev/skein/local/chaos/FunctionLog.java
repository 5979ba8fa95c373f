package dev.skein.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.ProxiedRequest;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The console of a stack, of which records and problems are kept. Thread-safe. */
final class FunctionLog extends OutputStream {
  private static final String RECORD = "record={";

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final List<JsonNode> records = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /** The records of the alternate sink. */
  synchronized List<JsonNode> records() {
    return List.copyOf(records);
  }

  /** What the console marked as a problem, and bugs of the functions. */
  synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  @Override
  public synchronized void write(int next) {
    if (next == '\n') {
      read(line.toString(StandardCharsets.UTF_8));
      line.reset();
    } else {
      line.write(next);
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    for (byte next : Arrays.copyOfRange(bytes, from, from + length)) {
      write(next);
    }
  }

  private void read(String text) {
    int start = text.indexOf(RECORD);
    if (text.contains("| ERROR audit_alternate ") && start >= 0) {
      // Jackson reads one value, and leaves what may follow it.
      records.add(ProxiedRequest.json(text.substring(start + RECORD.length() - 1)));
    } else if (text.contains(" ! ") || text.contains("| ERROR ") || text.contains(" bug ")) {
      problems.add(text);
    }
  }
}
