package dev.skein.local.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult.Streamed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The chat function's process, started from its zip as Lambda starts it, with a model, a queue and
 * a secret that answer at once. Its heap is so large that no garbage is collected, and its threads
 * allocate in small buffers: so the heap's use shows what was allocated.
 */
final class MeasuredChat implements AutoCloseable {
  private static final String HANDLER = "dev.skein.functions.chat.ChatFunction";
  private static final Path JAVA_BIN = Path.of(System.getProperty("java.home"), "bin");
  private static final Pattern YOUNG_USED = Pattern.compile("(?i)def ?new .* used (\\d+)K");

  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "--enable-native-access=ALL-UNNAMED",
          "-Xms1g",
          "-Xmx1g",
          "-Xmn900m",
          "-XX:-ResizeTLAB",
          "-XX:TLABSize=16k",
          // Otherwise full collections begin when these have grown.
          "-XX:MetaspaceSize=256m",
          "-XX:ReservedCodeCacheSize=240m");

  private static final String COMPLETION =
      """
      {"id":"1","object":"chat.completion","created":1,"model":"stub","choices":[{"index":0,\
      "message":{"role":"assistant","content":"A skein of geese."},"finish_reason":"stop"}],\
      "usage":{"prompt_tokens":14,"completion_tokens":9,"total_tokens":23}}\
      """;

  private final Path output;
  private final Path classes;
  private final RuntimeApi api;
  private final LoopbackServer upstream;
  private final Process process;

  private MeasuredChat(Path zip, Path folder) throws IOException {
    Path root = TaskRoot.unpack(zip, folder.resolve("task"));
    this.output = folder.resolve("output");
    this.classes = folder.resolve("classes");
    this.api =
        RuntimeApi.open(
            "arn:aws:lambda:us-east-1:123456789012:function:chat", Duration.ofMinutes(1));
    this.upstream =
        LoopbackServer.start(
            0,
            Thread::startVirtualThread,
            connection -> connection.serve(it -> answer(it, connection)));
    var command = new ArrayList<>(List.of(root.resolve("streaming-runtime").toString()));
    command.add(JAVA_BIN.resolve("java").toString());
    command.addAll(FLAGS);
    command.add("-Xlog:class+load:file=" + classes);
    command.addAll(
        List.of("-cp", "-", "com.amazonaws.services.lambda.runtime.api.client.AWSLambda", HANDLER));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(output.toFile()).environment().putAll(variables(root));
    this.process = builder.start();
  }

  /** Starts the function. */
  static MeasuredChat start(Path zip, Path folder) throws IOException {
    return new MeasuredChat(zip, folder);
  }

  private Map<String, String> variables(Path root) {
    return Map.ofEntries(
        Map.entry("_HANDLER", HANDLER),
        Map.entry("LAMBDA_TASK_ROOT", root.toString()),
        Map.entry("AWS_LAMBDA_RUNTIME_API", api.address()),
        Map.entry("AWS_REGION", "us-east-1"),
        Map.entry("AWS_ACCESS_KEY_ID", "none"),
        Map.entry("AWS_SECRET_ACCESS_KEY", "none"),
        Map.entry("OPENAI_API_KEY_SECRET_ARN", "key"),
        Map.entry("AWS_ENDPOINT_URL_SECRETS_MANAGER", upstream.uri("").toString()),
        Map.entry("OPENAI_BASE_URL", upstream.uri("/v1").toString()),
        Map.entry("AUDIT_QUEUE_URL", upstream.uri("/123456789012/audit").toString()),
        Map.entry("AWS_ENDPOINT_URL_SQS", upstream.uri("").toString()));
  }

  private static void answer(IncomingRequest request, HttpConnection connection)
      throws IOException {
    request.body().drain();
    if (!request.method().equals("POST")) {
      // It only opens the connection; a response to HEAD has no body.
      connection.respond("404 Not Found", Map.of(), new byte[0]);
      return;
    }
    String reply =
        switch (request.header("X-Amz-Target")) {
          case "" -> COMPLETION;
          case "secretsmanager.GetSecretValue" -> "{\"SecretString\":\"none\"}";
          default -> "{\"MessageId\":\"1\"}";
        };
    connection.respondJson("200 OK", reply.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends events one by one, and waits until the function has done its work after the last. */
  void invoke(byte[] event, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      PendingInvocation next = api.asked().get(30, TimeUnit.SECONDS);
      next.give(event);
      var response = (Streamed) next.result().get(30, TimeUnit.SECONDS);
      String body = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(body).as(Files.readString(output)).contains("A skein of geese.");
    }
    api.asked().get(30, TimeUnit.SECONDS);
  }

  /** The classes that were loaded so far, those of lambdas included. */
  int classes() throws IOException {
    try (Stream<String> lines = Files.lines(classes)) {
      return (int) lines.filter(line -> line.contains(" source: ")).count();
    }
  }

  /** The bytes that were allocated so far. */
  long allocated() throws IOException {
    Process jcmd =
        new ProcessBuilder(
                JAVA_BIN.resolve("jcmd").toString(), Long.toString(process.pid()), "GC.heap_info")
            .redirectErrorStream(true)
            .start();
    String heap = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher used = YOUNG_USED.matcher(heap);
    assertThat(used.find()).as(heap).isTrue();
    return Long.parseLong(used.group(1)) * 1024;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    upstream.close();
    api.close();
  }
}
