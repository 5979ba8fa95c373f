package dev.skein.local;

import dev.skein.faults.FaultProxy;
import dev.skein.faults.ProxiedRequest;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import dev.skein.local.testing.BorrowedParts;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The whole service with proxies in front of its queue and its table and with a secret, all of
 * which record what the functions call. The key of the model's provider is in the secret.
 */
final class RecordedStack implements AutoCloseable {
  /** The default of the template's parameter, which is the secret's name. */
  private static final String SECRET = "skein/openai-api-key";

  /** Each failed delivery takes one visibility timeout. */
  private static final Map<String, String> EDITS =
      Map.of(
          "VisibilityTimeout: 185",
          "VisibilityTimeout: 8",
          "Timeout: 30\n",
          "Timeout: 8\n",
          "    Default: preview\n",
          "    Default: full\n");

  /** The default model retires on a day that has passed. */
  private static final String PRICES =
      """
      provider recorded 127.0.0.1
      model gpt-6-luna
      price input=1 output=1
      retires 2026-01-01 gpt-6-luna
      """;

  private final AwsTraffic traffic = new AwsTraffic();
  private final BorrowedParts parts = BorrowedParts.borrow();
  private final LoopbackServer secrets;
  private final FaultProxy queue;
  private final FaultProxy table;
  private final RunningStack stack;
  private volatile boolean secretDenied = true;

  RecordedStack(Path folder, String providerKey, Map<String, String> settings)
      throws IOException, InterruptedException {
    this.queue = FaultProxy.start(parts.sqs(), traffic.recording("sqs"));
    this.table = FaultProxy.start(parts.dynamoDb(), traffic.recording("dynamodb"));
    this.secrets =
        LoopbackServer.start(
            0,
            Thread::startVirtualThread,
            connection -> connection.serve(it -> answer(it, connection, providerKey)));
    var variables = new HashMap<>(RunningStack.patientAudit());
    variables.put("AUDIT_TIMEOUT_MS", "5000");
    variables.put("AWS_ENDPOINT_URL_SQS", queue.uri().toString());
    variables.put("AWS_ENDPOINT_URL_DYNAMODB", table.uri().toString());
    variables.put("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.uri("").toString());
    variables.put("OPENAI_API_KEY_SECRET_ARN", SECRET);
    variables.put("OPENAI_API_KEY", "");
    variables.put(
        "PRICES_FILE", Files.writeString(folder.resolve("prices.txt"), PRICES).toString());
    this.stack =
        RunningStack.withoutContentToo(folder, FreePorts.settings(settings), EDITS, variables);
  }

  private void answer(IncomingRequest request, HttpConnection connection, String providerKey)
      throws IOException {
    byte[] body = request.body().readAllBytes();
    if (!request.method().equals("POST")) {
      connection.respond("404 Not Found", Map.of(), new byte[0]);
      return;
    }
    String operation = request.header("X-Amz-Target").replace("secretsmanager.", "");
    traffic.record(
        "secretsmanager",
        new ProxiedRequest(
            operation,
            request.headers(),
            0,
            0,
            // The ARN, in which Secrets Manager adds six characters to the name.
            new String(body, StandardCharsets.UTF_8).replace(SECRET, SECRET + "-AbCdEf")));
    if (secretDenied) {
      connection.respondJson(
          "400 Bad Request",
          utf8("{\"__type\":\"AccessDeniedException\",\"Message\":\"%s\"}".formatted(providerKey)));
    } else {
      connection.respondJson("200 OK", utf8("{\"SecretString\":\"%s\"}".formatted(providerKey)));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** From now on, the secret can be read. */
  void allowSecret() {
    secretDenied = false;
  }

  AwsTraffic traffic() {
    return traffic;
  }

  RunningStack stack() {
    return stack;
  }

  FaultProxy queue() {
    return queue;
  }

  FaultProxy table() {
    return table;
  }

  @Override
  public void close() {
    stack.close();
    queue.close();
    table.close();
    secrets.close();
    parts.close();
  }
}
