package dev.skein.local.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import dev.skein.runtimeapi.RuntimeApi.PostedResult.Failed;
import dev.skein.runtimeapi.RuntimeApi.PostedResult.Whole;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The authorizer's zip, started as Lambda starts it. */
@Timeout(60)
class AuthorizerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path ZIP = ROOT.resolve("functions/authorizer/target/authorizer.zip");
  private static final String HANDLER = "dev.skein.functions.authorizer.AuthorizerFunction";

  /** All but a handful are the JVM's and the runtime loop's. A JSON library would add hundreds. */
  private static final int MAX_CLASSES = 1000;

  private static final int MAX_ZIP_BYTES = 100_000;

  @Test
  void itsZipAnswersTheSampleEventRefusesOthersAndLogsNoKey(@TempDir Path folder) throws Exception {
    String sample = Files.readString(ROOT.resolve("events/authorizer.json"));
    Path output = folder.resolve("output");
    Path classes = folder.resolve("classes");
    try (var api =
        RuntimeApi.open(
            "arn:aws:lambda:us-east-1:123456789012:function:authorizer", Duration.ofMinutes(1))) {
      Process process = start(TaskRoot.unpack(ZIP, folder.resolve("task")), api, output, classes);
      try {
        var allowed = (Whole) invoke(api, sample);
        assertThat(new String(allowed.payload(), StandardCharsets.UTF_8))
            .isEqualTo(
                """
                {"principalId":"api-key","policyDocument":{"Version":"2012-10-17","Statement":[\
                {"Action":"execute-api:Invoke","Effect":"Allow","Resource":\
                "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/api/*"}]},\
                "usageIdentifierKey":"sk-skein-0000EXAMPLE0000000000000000000000000000"}\
                """);
        long loaded = loaded(classes);
        var refused = (Failed) invoke(api, sample.replace("Bearer ", "Basic "));

        assertThat(refused.message()).isEqualTo("Unauthorized");
        assertThat(Files.readString(output))
            .contains("invocation_failed")
            .doesNotContain("EXAMPLE", "ERROR");
        assertThat(loaded).isBetween(1L, (long) MAX_CLASSES);
      } finally {
        process.destroyForcibly().onExit().join();
      }
    }
    assertThat(Files.size(ZIP)).isLessThan(MAX_ZIP_BYTES);
  }

  private static PostedResult invoke(RuntimeApi api, String event) throws Exception {
    PendingInvocation next = api.asked().get(30, TimeUnit.SECONDS);
    next.give(event.getBytes(StandardCharsets.UTF_8));
    return next.result().get(30, TimeUnit.SECONDS);
  }

  private static Process start(Path root, RuntimeApi api, Path output, Path classes)
      throws Exception {
    var builder =
        new ProcessBuilder(
            List.of(
                root.resolve("streaming-runtime").toString(),
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xlog:class+load:file=" + classes,
                "-cp",
                "-",
                "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
                HANDLER));
    builder
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .environment()
        .putAll(
            Map.of(
                "_HANDLER", HANDLER,
                "LAMBDA_TASK_ROOT", root.toString(),
                "AWS_LAMBDA_RUNTIME_API", api.address()));
    return builder.start();
  }

  private static long loaded(Path classes) throws Exception {
    try (Stream<String> lines = Files.lines(classes)) {
      return lines.filter(line -> line.contains(" source: ")).count();
    }
  }
}
