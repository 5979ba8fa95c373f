package dev.skein.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs {@code verify} on files in a folder, sixty days after the first record's time. */
final class VerifyRun {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Samples.TIME.plus(Duration.ofDays(60)));

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final Path folder;

  VerifyRun(Path folder) {
    this.folder = folder;
  }

  /** The findings that are printed for an export of these lines. */
  List<String> findingsOf(List<String> lines, String... options) throws IOException {
    int code = verify(lines, options);
    var findings = output().lines().filter(it -> it.matches("[A-Z]{6,} .*")).toList();
    assertThat(code).as(output()).isEqualTo(findings.isEmpty() ? 0 : 1);
    return findings;
  }

  /** The exit code for an export of these lines. */
  int verify(List<String> lines, String... options) throws IOException {
    var arguments = new ArrayList<>(Arrays.asList(options));
    arguments.add(file("export", lines));
    return run(arguments.toArray(String[]::new));
  }

  /** The exit code for these arguments. */
  int run(String... arguments) {
    screen.reset();
    var out = new PrintStream(screen, true, UTF_8);
    var in = new ByteArrayInputStream(new byte[0]);
    var main = new Main(in, out, new Progress(out, false, () -> 0), _ -> {}, CLOCK);
    var all = new ArrayList<>(List.of("verify"));
    all.addAll(List.of(arguments));
    return main.run(all);
  }

  /** The name of a new file. */
  String file(String name, List<String> lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines)).toString();
  }

  /** What the last run printed. */
  String output() {
    return screen.toString(UTF_8);
  }
}
