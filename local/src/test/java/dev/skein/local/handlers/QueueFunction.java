package dev.skein.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A consumer that writes every event as a line to {@code EVENTS_FILE}, and answers as the messages
 * say: {@code fail} is reported, {@code unless:FILE} is reported unless the file exists, {@code
 * throw} throws, {@code sleep} does not end, {@code raw:TEXT} is the whole answer.
 */
public final class QueueFunction implements RequestStreamHandler {

  /** A test that sends so much is not about what arrives. */
  private static final int MAX_WRITTEN = 1 << 20;

  private static final Pattern MESSAGE =
      Pattern.compile("\"messageId\":\"([^\"]+)\".*?\"body\":\"([^\"]*)\"");

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    String event = new String(input.readAllBytes(), StandardCharsets.UTF_8);
    Files.writeString(
        Path.of(System.getenv("EVENTS_FILE")),
        (event.length() > MAX_WRITTEN ? "{}" : event) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    List<String> failures = new ArrayList<>();
    Matcher message = MESSAGE.matcher(event);
    while (message.find()) {
      String body = message.group(2);
      if (body.equals("throw")) {
        throw new IllegalStateException("thrown on purpose");
      }
      if (body.startsWith("raw:")) {
        output.write(body.substring(4).getBytes(StandardCharsets.UTF_8));
        return;
      }
      if (body.equals("sleep")) {
        LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(5));
      }
      boolean waits = body.startsWith("unless:") && !Files.exists(Path.of(body.split(":", -1)[1]));
      if (body.startsWith("fail") || waits) {
        failures.add("{\"itemIdentifier\":\"" + message.group(1) + "\"}");
      }
    }
    String answer = "{\"batchItemFailures\":[" + String.join(",", failures) + "]}";
    output.write(answer.getBytes(StandardCharsets.UTF_8));
  }
}
