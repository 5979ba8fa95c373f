package dev.skein.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The table of {@code docs/model-faults.md}: what is to come of each fault. */
public final class FaultTable {
  private static final Pattern ROW =
      Pattern.compile(
          "\\| (\\w+) \\| `([a-z0-9-]+)` \\| (\\w+) \\| (\\w+) \\| ([a-z-]+) \\| (\\d+)"
              + " \\| (\\d+)(?: to (\\d+))? \\|");

  private FaultTable() {}

  /**
   * What is to come of a fault.
   *
   * @param outcome the client's, by its simple name
   * @param problem the problem document's name; {@code none} for an answer
   * @param attempts how often the request is sent, at least
   * @param mostAttempts at most: one more where a connection from the pool may be met first
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

    /** The fault that this row is about. */
    public Fault fault() {
      return FaultCatalogue.named(name).orElseThrow();
    }

    /** The name: of a test's row. */
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
