package dev.skein.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why a request was refused or failed: a problem document (RFC 9457). Its texts are Skein's own;
 * nothing of a provider's or a parser's message reaches it.
 *
 * @param name the last part of the document's {@code type}, such as {@code invalid-request}
 * @param title the same for every problem of this name
 * @param detail what is wrong with this request, and what to do
 * @param errors each invalid field of an invalid request
 * @param headers of the response, such as {@code Retry-After}
 * @param upstream what the provider's own error says
 */
public record Problem(
    String name,
    String title,
    int status,
    String detail,
    List<FieldError> errors,
    Map<String, String> headers,
    Upstream upstream) {

  /**
   * The header of an error after a model call, which the provider bills again if the caller's
   * client repeats the request. OpenAI's clients obey it, and otherwise repeat each request twice.
   */
  public static final Map<String, String> NO_RETRY = Map.of("x-should-retry", "false");

  public Problem {
    errors = List.copyOf(errors);
    headers = Map.copyOf(headers);
  }

  public Problem(String name, String title, int status, String detail) {
    this(name, title, status, detail, List.of(), Map.of());
  }

  public Problem(
      String name,
      String title,
      int status,
      String detail,
      List<FieldError> errors,
      Map<String, String> headers) {
    this(name, title, status, detail, errors, headers, Upstream.NONE);
  }

  /**
   * Machine-readable words of the provider's error.
   *
   * @param code its error code
   * @param param the parameter at fault, as the OpenAI API names it
   */
  public record Upstream(Optional<String> code, Optional<String> param) {
    /** There was no such error, or it has no such words. */
    public static final Upstream NONE = new Upstream(Optional.empty(), Optional.empty());
  }

  /**
   * One invalid field of a request.
   *
   * @param pointer a JSON pointer (RFC 6901) into the body; for a query, {@code /} and the
   *     parameter's name; for a header, {@code /headers/} and its name
   */
  public record FieldError(String pointer, String detail) {}

  /** The {@code type}: a URN, not an address to fetch. */
  public String type() {
    return "urn:skein:problem:" + name;
  }

  /** A body that is not JSON, or an event that is not a request. */
  public static Problem malformedRequest(String detail) {
    return new Problem("malformed-request", "Malformed request", 400, detail);
  }

  /** A body, query or header with invalid fields. */
  public static Problem invalidRequest(List<FieldError> errors) {
    String detail =
        errors.size() == 1
            ? "One field is invalid; see errors."
            : "%d fields are invalid; see errors.".formatted(errors.size());
    return new Problem("invalid-request", "Invalid request", 422, detail, errors, Map.of());
  }

  /** A path without a route. */
  public static Problem notFound(String detail) {
    return new Problem("not-found", "Not found", 404, detail);
  }

  static Problem methodNotAllowed(String allow) {
    return new Problem(
        "method-not-allowed",
        "Method not allowed",
        405,
        "This route accepts only " + allow + ".",
        List.of(),
        Map.of("Allow", allow));
  }

  static Problem originNotAllowed() {
    return new Problem(
        "origin-not-allowed",
        "Origin not allowed",
        403,
        "Pages of this origin must not call the service from a browser: the setting"
            + " CORS_ALLOWED_ORIGINS does not list the origin.");
  }

  static Problem tooLarge(int bytes, int limitBytes) {
    return new Problem(
        "too-large",
        "Content too large",
        413,
        "The body has %d bytes, and this route accepts at most %d.".formatted(bytes, limitBytes));
  }

  static Problem unsupportedMediaType(String detail) {
    return new Problem("unsupported-media-type", "Unsupported media type", 415, detail);
  }

  /** A bug or a misconfiguration of this service. */
  public static Problem internal() {
    return new Problem(
        "internal",
        "Internal error",
        500,
        "The service failed. Its log has the cause under the request ID in instance.",
        List.of(),
        NO_RETRY);
  }

  /** The problem document, without its headers. */
  ObjectNode toJson(String requestId, Optional<String> auditId) {
    var document = Json.object();
    document.put("type", type());
    document.put("title", title);
    document.put("status", status);
    document.put("detail", detail);
    upstream.code().ifPresent(value -> document.put("code", value));
    document.put("instance", "urn:skein:request:" + requestId);
    auditId.ifPresent(id -> document.put("audit_id", id));
    if (!errors.isEmpty()) {
      var list = document.putArray("errors");
      errors.forEach(
          error -> list.addObject().put("pointer", error.pointer()).put("detail", error.detail()));
    }
    return document;
  }
}
