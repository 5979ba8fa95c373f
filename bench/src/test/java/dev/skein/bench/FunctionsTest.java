package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is measured, as the build has just made it. */
class FunctionsTest {

  /** Else a measurement would stop, long after the change that the stubs do not know. */
  @Test
  @Timeout(180)
  void everyFunctionDoesAtTheStubsWhatItIsMeasuredFor(@TempDir Path work) throws Exception {
    var functions = new Functions(Path.of("..").toAbsolutePath().normalize(), work);
    var done = new ArrayList<String>();
    try (var upstream = new Upstream(null)) {
      var subjects = new ArrayList<>(functions.all());
      subjects.removeAll(functions.chatAot()); // which may be older than the others
      for (Subject subject : subjects) {
        upstream.received().clear();
        try (var process = new FunctionProcess(subject, upstream.variables(), _ -> {})) {
          process.await();
          subject.contract().checkTraces(subject.name(), upstream.received(), 1);
        }
        done.add(subject.name());
      }
    }
    assertThat(done).contains("authorizer", "chat", "analyze", "audit consumer", "audit reader");
  }
}
