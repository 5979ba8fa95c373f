package dev.skein.local.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A function that does what the event's body (or the whole event, when it has none) tells it: a
 * verb and, after a blank, what it is about.
 */
public final class ScriptedFunction implements RequestStreamHandler {

  private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]*)\"");

  public ScriptedFunction() {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> System.out.println("the function says goodbye")));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    String event = new String(input.readAllBytes(), StandardCharsets.UTF_8);
    Matcher body = BODY.matcher(event);
    String[] script = (body.find() ? body.group(1) : event).split(" ", 2);
    String about = script.length > 1 ? script[1] : "";
    String answer =
        switch (script[0]) {
          case "pid" -> text(Long.toString(ProcessHandle.current().pid()));
          case "environment" -> text(environment());
          case "context" -> text(context(context));
          case "print" -> print(about);
          case "hold" -> hold(about);
          case "spin" -> spin();
          case "exit" -> exit();
          case "throw" -> throw new IllegalStateException("thrown on purpose");
          case "raw" -> new String(Base64.getDecoder().decode(about), StandardCharsets.UTF_8);
          case "large" -> text("x".repeat(6 * 1024 * 1024));
          default -> text(event);
        };
    output.write(answer.getBytes(StandardCharsets.UTF_8));
  }

  /** A proxy response, base64 so that nothing needs escaping. */
  private static String text(String text) {
    String base64 = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return "{\"statusCode\":200,\"body\":\"" + base64 + "\",\"isBase64Encoded\":true}";
  }

  private static String environment() {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      lines.append(variable.getKey()).append('=').append(variable.getValue()).append('\n');
    }
    return lines.toString();
  }

  private static String context(Context context) {
    return String.join(
        " ",
        context.getFunctionName(),
        context.getInvokedFunctionArn(),
        context.getAwsRequestId(),
        Integer.toString(context.getRemainingTimeInMillis()));
  }

  private static String print(String line) {
    System.out.println(new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8));
    return text("printed");
  }

  /** Says that it is there by making {@code file}, and answers when the file is gone. */
  private static String hold(String file) throws IOException {
    Path path = Path.of(file);
    Files.createFile(path);
    while (Files.exists(path)) {
      pause();
    }
    return text(Long.toString(ProcessHandle.current().pid()));
  }

  private static String spin() {
    while (true) {
      pause();
    }
  }

  private static String exit() {
    Runtime.getRuntime().halt(3);
    return "";
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
