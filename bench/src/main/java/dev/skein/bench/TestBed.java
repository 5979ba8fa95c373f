package dev.skein.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What functions are started in: stubs in the clear and over TLS, and a limit of the CPU where this
 * machine permits one.
 */
record TestBed(Certificates certificates, Upstream plain, Upstream tls, CpuQuota quota)
    implements AutoCloseable {

  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  /**
   * Opens one.
   *
   * @param work an existing folder, for the certificates
   */
  static TestBed open(Path work) throws IOException, InterruptedException {
    var certificates =
        Certificates.create(Files.createDirectories(work.resolve("certificates").toAbsolutePath()));
    return new TestBed(
        certificates, new Upstream(null), new Upstream(certificates), CpuQuota.in(CGROUPS));
  }

  /** The stubs that functions reach under this condition. */
  Upstream upstream(Condition condition) {
    return condition.tls() ? tls : plain;
  }

  /** What a program needs in its environment to reach them. */
  Map<String, String> variables(Condition condition) {
    Map<String, String> variables = new HashMap<>(upstream(condition).variables());
    if (condition.tls()) {
      variables.putAll(certificates.variables());
    }
    return variables;
  }

  /** Starts a function, whose traces at the stubs are counted from now on. */
  FunctionProcess start(Subject subject, Condition condition) throws IOException {
    upstream(condition).received().clear();
    upstream(condition).modelTime(condition.modelTime());
    return new FunctionProcess(
        subject,
        variables(condition),
        pid -> {
          if (condition.limited() && quota instanceof CpuQuota.Permitted permitted) {
            permitted.limit(pid);
          }
        });
  }

  @Override
  public void close() {
    plain.close();
    tls.close();
    quota.close();
  }
}
