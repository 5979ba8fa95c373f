package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersTest {

  @Test
  void theVersionsOfTheClientsAreReadFromTheJars(@TempDir Path lib) throws Exception {
    for (String jar :
        new String[] {"sqs-2.54.14.jar", "openai-java-core-4.101.0.jar", "aws-core-2.54.14.jar"}) {
      Files.createFile(lib.resolve(jar));
    }

    assertThat(Peers.clients(lib))
        .containsExactly("openai-java-core 4.101.0 (Java)", "sqs 2.54.14 (Java)");
  }
}
