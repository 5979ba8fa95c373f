package dev.skein.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The table of {@code docs/model-faults.md}: the expected result of each fault. */
public final class FaultTable {
  private static final Pattern ROW =
      Pattern.compile(
          "\\| (\\w+) \\| `([a-z0-9-]+)` \\| (\\w+) \\| (\\w+) \\| ([a-z-]+) \\| (\\d+)"
              + " \\| (\\d+)(?: to (\\d+))? \\|");

  private FaultTable() {}

  /**
   * The expected result of a fault.
   *
   * @param outcome the simple name of the model client's outcome
   * @param problem the name of the problem document, or {@code none} for a success
   * @param attempts how often the request is sent, at least
   * @param mostAttempts how often it is sent at most: once more where a pooled connection may fail
   *     first
   */
  public record Row(
      String family,
      String name,
      Fault.Wire wire,
      String outcome,
      String problem,
      int status,
      int attempts,
      int mostAttempts) {

    /** The fault of this row. */
    public Fault fault() {
      return FaultCatalogue.named(name).orElseThrow();
    }

    /** The name, which tests display. */
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * The rows, in order.
   *
   * @param project the project's folder
   */
  public static List<Row> rows(Path project) {
    try {
      return Files.readAllLines(project.resolve("docs/model-faults.md")).stream()
          .map(ROW::matcher)
          .filter(row -> row.matches())
          .map(
              row ->
                  new Row(
                      row.group(1),
                      row.group(2),
                      Fault.Wire.valueOf(row.group(3).toUpperCase(Locale.ROOT)),
                      row.group(4),
                      row.group(5),
                      Integer.parseInt(row.group(6)),
                      Integer.parseInt(row.group(7)),
                      Integer.parseInt(row.group(8) == null ? row.group(7) : row.group(8))))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
