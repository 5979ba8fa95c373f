package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessTreeTest {

  @Test
  void theTreeOfAProcessHasItsChildren() throws Exception {
    Process child = new ProcessBuilder("cat").start();
    try {
      assertThat(ProcessTree.of(ProcessHandle.current().pid()))
          .startsWith(ProcessHandle.current().pid())
          .contains(child.pid());
    } finally {
      child.destroyForcibly().onExit().join();
    }
  }

  @Test
  void aProcessThatHasWorkedHasUsedTimeAndMemory() throws Exception {
    long pid = ProcessHandle.current().pid();

    assertThat(ProcessTree.cpu(pid)).isGreaterThan(Duration.ZERO);
    assertThat(ProcessTree.residentBytes(pid)).isGreaterThan(10_000_000);
  }
}
