package dev.skein.local.handlers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that is a runtime of its own, started by a wrapper. It answers as the event's body (or
 * the whole event) tells it: a verb and, after a blank, what it is about. Every stream that is not
 * told otherwise has the status 201, a header, and begins with {@code one}.
 */
public final class StreamingFunction {

  private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]*)\"");
  private static final String PRELUDE =
      "{\"statusCode\":201,\"headers\":{\"X-Own\":\"yes\",\"Content-Length\":\"3\"},"
          + "\"cookies\":[\"a=1\",\"b=2\"]}";
  private static final String ZEROS = "\0\0\0\0\0\0\0\0";

  private final String requestId;
  private final OutputStream out;
  private final InputStream in;

  private StreamingFunction(String requestId, Socket socket) throws IOException {
    this.requestId = requestId;
    this.out = socket.getOutputStream();
    this.in = socket.getInputStream();
  }

  /** Serves events until it is killed. */
  public static void main(String[] arguments) throws IOException {
    while (true) {
      String head;
      String event;
      try (Socket socket = connect()) {
        socket
            .getOutputStream()
            .write(bytes("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n"));
        head = head(socket.getInputStream());
        int length = Integer.parseInt(header(head, "Content-Length"));
        event = new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
      }
      Matcher body = BODY.matcher(event);
      String[] script = (body.find() ? body.group(1) : event).split(" ", 2);
      String about = script.length > 1 ? script[1] : "";
      try (Socket socket = connect()) {
        new StreamingFunction(header(head, "Lambda-Runtime-Aws-Request-Id"), socket)
            .run(script[0], about);
      }
      if (script[0].equals("afterwards")) {
        awaitNo(Path.of(about));
      }
    }
  }

  private void run(String verb, String about) throws IOException {
    switch (verb) {
      case "raw" -> {
        post("streaming", "Transfer-Encoding: chunked");
        chunk(new String(Base64.getDecoder().decode(about), StandardCharsets.ISO_8859_1));
        end("");
      }
      case "whole" -> {
        post("buffered", "Content-Length: 18");
        out.write(bytes("{\"statusCode\":200}"));
        head(in);
      }
      case "hold" -> {
        begin();
        awaitNo(Path.of(about));
        chunk("two");
        end("");
      }
      case "fail" -> {
        begin();
        String error = "{\"errorType\":\"Model.Cut\",\"errorMessage\":\"it broke\"}";
        end(
            "Lambda-Runtime-Function-Error-Type: Model.Cut\r\nLambda-Runtime-Function-Error-Body: "
                + Base64.getEncoder().encodeToString(bytes(error))
                + "\r\n");
      }
      case "flood" -> flood(Path.of(about));
      case "late" -> {
        awaitNo(Path.of(about));
        flood(Path.of(about + ".count"));
      }
      case "pid" -> {
        begin();
        chunk(" " + ProcessHandle.current().pid());
        end("");
      }
      case "environment" -> {
        begin();
        for (String name : System.getenv().keySet()) {
          chunk("\n" + name + "=" + System.getenv(name));
        }
        end("");
      }
      default -> {
        begin();
        end("");
      }
    }
  }

  /** Writes without an end, tells in the file how much, and in another when it could no more. */
  private void flood(Path file) throws IOException {
    String piece = "x".repeat(64 * 1024);
    int written = 0;
    try {
      begin();
      while (true) {
        chunk(piece);
        written++;
        Files.writeString(file, Integer.toString(written));
      }
    } catch (IOException e) {
      Files.writeString(file.resolveSibling(file.getFileName() + ".broken"), e.toString());
    }
  }

  private void begin() throws IOException {
    post("streaming", "Transfer-Encoding: chunked");
    chunk(PRELUDE + ZEROS);
    chunk("one");
  }

  private void post(String mode, String framing) throws IOException {
    out.write(
        bytes(
            "POST /2018-06-01/runtime/invocation/"
                + requestId
                + "/response HTTP/1.1\r\nLambda-Runtime-Function-Response-Mode: "
                + mode
                + "\r\nContent-Type: application/vnd.awslambda.http-integration-response\r\n"
                + framing
                + "\r\n\r\n"));
  }

  private void chunk(String text) throws IOException {
    out.write(bytes(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n"));
  }

  private void end(String trailers) throws IOException {
    out.write(bytes("0\r\n" + trailers + "\r\n"));
    head(in);
  }

  private static Socket connect() throws IOException {
    String[] address = System.getenv("AWS_LAMBDA_RUNTIME_API").split(":", -1);
    return new Socket(address[0], Integer.parseInt(address[1]));
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the Runtime API has gone");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static String header(String head, String name) {
    Matcher value = Pattern.compile("(?i)\r\n" + name + ": *([^\r]*)").matcher(head);
    return value.find() ? value.group(1) : "0";
  }

  /** Makes the file and waits until somebody else has removed it. */
  private static void awaitNo(Path file) throws IOException {
    Files.createFile(file);
    while (Files.exists(file)) {
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
