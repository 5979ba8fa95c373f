package dev.skein.aot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A function that runs from its folder, with a Runtime API that hands out events to it. */
final class FunctionProcess implements AutoCloseable {

  private static final String ARN = "arn:aws:lambda:us-east-1:123456789012:function:aot";
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The credentials that the functions get. No file of a build may contain them. */
  static final String SECRET_KEY = "secret-access-key-of-the-training-run";

  static final String SESSION_TOKEN = "session-token-of-the-training-run";

  private static final Map<String, String> VARIABLES =
      Map.ofEntries(
          entry("OPENAI_API_KEY_SECRET_ARN", "aot"),
          entry("OPENAI_EMBEDDING_MODELS", "text-embedding-3-small"),
          entry("AWS_LAMBDA_FUNCTION_NAME", "aot"),
          entry("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
          entry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
          entry("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/aot"),
          entry("AWS_LAMBDA_LOG_STREAM_NAME", "aot"),
          entry("AWS_REGION", "us-east-1"),
          entry("AWS_ACCESS_KEY_ID", "none"),
          entry("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
          entry("AWS_SESSION_TOKEN", SESSION_TOKEN),
          entry("LANG", "en_US.UTF-8"),
          entry("PATH", "/usr/local/bin:/usr/bin:/bin"),
          entry("TZ", ":UTC"));

  private final RuntimeApi api;
  private final Process process;
  private final Path log;

  /**
   * Starts it.
   *
   * @param command without the folder, for example {@code bootstrap}
   * @param options of the JVM, beside those of the command
   */
  FunctionProcess(
      AotFunction function,
      Path folder,
      List<String> command,
      TrainingServers servers,
      String options)
      throws IOException {
    api = RuntimeApi.open(ARN, TIMEOUT);
    log = folder.resolveSibling(folder.getFileName() + ".log");
    List<String> whole = new ArrayList<>(command);
    whole.set(0, folder.resolve(command.getFirst()).toString());
    ProcessBuilder builder =
        new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(VARIABLES);
    environment.putAll(function.variables());
    environment.put("_HANDLER", function.handler());
    environment.put("LAMBDA_TASK_ROOT", folder.toString());
    environment.put("AWS_LAMBDA_RUNTIME_API", api.address());
    environment.put("OPENAI_BASE_URL", servers.modelUrl());
    environment.put("AWS_ENDPOINT_URL_SQS", servers.queueUrl());
    environment.put("AWS_ENDPOINT_URL_SECRETS_MANAGER", servers.queueUrl());
    environment.put("AUDIT_QUEUE_URL", servers.queueUrl() + "/123456789012/audit");
    environment.put(
        "JAVA_TOOL_OPTIONS", "-Djavax.net.ssl.trustStore=" + servers.trustStore() + " " + options);
    process = builder.start();
  }

  /**
   * Hands out an event, and reads the response to its end.
   *
   * @return the HTTP status
   * @throws AotBuildException if the invocation fails
   */
  int invoke(byte[] event) throws IOException, InterruptedException {
    RuntimeApi.PendingInvocation invocation = within(api.asked());
    invocation.give(event);
    JsonNode response =
        switch (within(invocation.result())) {
          case PostedResult.Whole(byte[] payload) -> JSON.readTree(payload);
          case PostedResult.Streamed stream -> {
            String text = new String(stream.body().readAllBytes(), UTF_8);
            yield JSON.readTree(text.substring(0, text.indexOf('\0')));
          }
          case PostedResult.Failed failed -> throw failure(failed.toString());
          case PostedResult.TooLarge _ -> throw failure("a response is too large");
        };
    return response.path("statusCode").asInt();
  }

  /** Waits until the work after the last response is done, sends SIGTERM and waits for the exit. */
  void stop() throws IOException, InterruptedException {
    within(api.asked());
    process.destroy();
    if (!process.waitFor(TIMEOUT)) {
      throw failure("the process does not exit");
    }
  }

  /** What it has written to standard output and standard error. */
  String output() throws IOException {
    return Files.readString(log);
  }

  AotBuildException failure(String reason) throws IOException {
    return new AotBuildException(reason + ". The function's output:\n" + output());
  }

  private <T> T within(CompletableFuture<T> awaited) throws IOException, InterruptedException {
    try {
      var ended = process.onExit();
      CompletableFuture.anyOf(awaited, ended).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (awaited.isDone()) {
        return awaited.get();
      }
      throw failure("the process has ended");
    } catch (TimeoutException e) {
      throw failure("the function does not respond");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    api.close();
  }
}
