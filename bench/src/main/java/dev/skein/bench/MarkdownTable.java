package dev.skein.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Markdown table that is aligned as text too: the first column to the left, others to the right.
 */
final class MarkdownTable {

  private final List<List<String>> rows = new ArrayList<>();

  MarkdownTable(String... header) {
    rows.add(List.of(header));
  }

  MarkdownTable row(String... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException("a row with another number of cells: " + List.of(cells));
    }
    rows.add(List.of(cells));
    return this;
  }

  /** A row of a name and times in milliseconds, to hundredths. */
  MarkdownTable times(String name, Duration... times) {
    var cells = Stream.of(times).map(MarkdownTable::millis);
    return row(Stream.concat(Stream.of(name), cells).toArray(String[]::new));
  }

  /** Milliseconds, to hundredths. */
  static String millis(Duration time) {
    return "%.2f".formatted(time.toNanos() / 1e6);
  }

  /** The lines, each with its line break. */
  String markdown() {
    List<Integer> widths =
        IntStream.range(0, rows.getFirst().size()).mapToObj(this::widthOf).toList();
    String rule =
        IntStream.range(0, widths.size())
            .mapToObj(i -> i == 0 ? "-".repeat(widths.get(i)) : "-".repeat(widths.get(i) - 1) + ":")
            .collect(Collectors.joining(" | ", "| ", " |\n"));
    List<String> lines = new ArrayList<>(rows.stream().map(row -> line(row, widths)).toList());
    lines.add(1, rule);
    return String.join("", lines);
  }

  private int widthOf(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElseThrow();
  }

  private static String line(List<String> row, List<Integer> widths) {
    return IntStream.range(0, row.size())
        .mapToObj(
            i -> {
              String space = " ".repeat(widths.get(i) - row.get(i).length());
              return i == 0 ? row.get(i) + space : space + row.get(i);
            })
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
