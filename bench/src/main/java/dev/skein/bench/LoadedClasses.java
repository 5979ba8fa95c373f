package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How many classes a JVM loads until its first response, from archives or from files. */
final class LoadedClasses {

  private LoadedClasses() {}

  /** Of each subject that is a JVM, in a start of its own, which the log slows down. */
  static Map<String, Long> count(TestBed bed, List<Subject> subjects, Path work)
      throws IOException, InterruptedException {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Subject subject : subjects) {
      Path log = Files.createTempFile(work, "classes", ".log");
      String options = subject.variables().getOrDefault("JAVA_TOOL_OPTIONS", "");
      Subject logged =
          subject.with(
              Map.of(
                  "JAVA_TOOL_OPTIONS",
                  options + " -Xlog:class+load:file=%s::filecount=0".formatted(log)));
      try (FunctionProcess process = bed.start(logged, Condition.TLS)) {
        process.await();
        process.awaitIdle();
      }
      try (Stream<String> lines = Files.lines(log)) {
        long loaded = lines.filter(line -> line.contains(" source: ")).count();
        if (loaded > 0) {
          counts.put(subject.name(), loaded);
        }
      }
    }
    return counts;
  }
}
