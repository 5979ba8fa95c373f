package dev.skein.local.house;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A model that repeats what a real one said when a page was written: one streamed reply per
 * request, in the given order, without usage, as llama.cpp's server sends it.
 */
final class RecordedModel implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Queue<List<String>> replies = new ConcurrentLinkedQueue<>();
  private final HttpServer server;

  RecordedModel() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** The next request gets the reply that produced this output of a page. */
  void reply(JsonNode output) throws IOException {
    var chunks = new ArrayList<String>();
    if (output.isArray()) {
      JsonNode done = output.get(output.size() - 1).get(1);
      for (JsonNode event : output) {
        if (event.get(0).asText().equals("delta")) {
          chunks.add(chunk(done.get("model"), event.at("/1/text"), null));
        }
      }
      chunks.add(chunk(done.get("model"), JSON.readTree("\"\""), done.get("finish_reason")));
    } else {
      chunks.add(chunk(output.get("model"), output.get("response"), output.get("finish_reason")));
    }
    replies.add(chunks);
  }

  private static String chunk(JsonNode model, JsonNode text, @Nullable JsonNode finishReason) {
    var chunk = JSON.createObjectNode();
    chunk.put("object", "chat.completion.chunk").set("model", model);
    var choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.putObject("delta").set("content", text);
    choice.set("finish_reason", finishReason);
    return chunk.toString();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      List<String> chunks = replies.remove();
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      for (String chunk : chunks) {
        exchange
            .getResponseBody()
            .write(("data: " + chunk + "\n\n").getBytes(StandardCharsets.UTF_8));
      }
      exchange.getResponseBody().write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
