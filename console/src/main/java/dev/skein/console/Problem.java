package dev.skein.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The console's own errors, as problem documents (RFC 9457), with the names of {@code
 * docs/errors.md}. They contain nothing of a request.
 *
 * @param detail a sentence for a person
 */
record Problem(int status, String name, String title, String detail) {

  private static final ObjectMapper JSON = new ObjectMapper();

  static Problem badRequest(String detail) {
    return new Problem(400, "bad-request", "Bad request", detail);
  }

  static Problem forbidden(String detail) {
    return new Problem(403, "forbidden", "Forbidden", detail);
  }

  static Problem notFound() {
    return new Problem(
        404, "not-found", "Not found", "The console forwards no such route to the API.");
  }

  static Problem tooLarge() {
    return new Problem(413, "too-large", "Too large", "The request is larger than 6 MB.");
  }

  static Problem badGateway(String detail) {
    return new Problem(502, "bad-gateway", "Bad gateway", detail);
  }

  ConsoleFiles.Response response() {
    ObjectNode document = JSON.createObjectNode();
    document.put("type", "urn:skein:problem:" + name);
    document.put("title", title);
    document.put("status", status);
    document.put("detail", detail);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/problem+json");
    headers.put("Cache-Control", "no-store");
    headers.putAll(ConsoleFiles.securityHeaders());
    return new ConsoleFiles.Response(
        status, headers, document.toString().getBytes(StandardCharsets.UTF_8));
  }
}
