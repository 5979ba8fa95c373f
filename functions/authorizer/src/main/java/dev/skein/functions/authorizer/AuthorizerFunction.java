package dev.skein.functions.authorizer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.skein.runtime.ReportedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The Lambda authorizer of type {@code TOKEN}: takes the API key from {@code Authorization: Bearer
 * KEY}, as OpenAI's clients send it, and returns it to API Gateway as the {@code
 * usageIdentifierKey}. It checks only the form; API Gateway then looks the key up in the usage
 * plan, and throttles and counts its requests. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html">Output
 *     from an API Gateway Lambda authorizer</a>
 */
public final class AuthorizerFunction implements RequestStreamHandler {
  private static final String SCHEME = "Bearer";

  /** API Gateway's own limits. */
  private static final int MIN_KEY = 20;

  private static final int MAX_KEY = 128;

  private static final String REHEARSED =
      """
      {"type":"TOKEN","authorizationToken":"Bearer 01234567890123456789",\
      "methodArn":"arn:aws:execute-api:us-east-1:123456789012:rehearsed/api/GET/v1/models"}\
      """;

  /** The function in Lambda: loads the classes that the first event needs. */
  public AuthorizerFunction() {
    var _ = response(REHEARSED);
  }

  /**
   * Handles one event.
   *
   * @throws ReportedException if the header has no API key. API Gateway returns 401 to the caller
   *     because of the message, and 500 for any other
   */
  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
    String json = new String(event.readAllBytes(), StandardCharsets.UTF_8);
    response.write(response(json).getBytes(StandardCharsets.US_ASCII));
  }

  private static String response(String json) {
    TokenEvent event = TokenEvent.read(json);
    String key = key(event.token());
    String stage = stage(event.methodArn());
    if (key.isEmpty() || stage.isEmpty()) {
      throw new ReportedException("Unauthorized");
    }
    // API Gateway caches the policy for the header, and applies it to every other route too: it
    // must allow them all. The principal is in API Gateway's logs, so it is not the key.
    return "{\"principalId\":\"api-key\",\"policyDocument\":{\"Version\":\"2012-10-17\","
        + "\"Statement\":[{\"Action\":\"execute-api:Invoke\",\"Effect\":\"Allow\",\"Resource\":\""
        + stage
        + "/*\"}]},\"usageIdentifierKey\":\""
        + key.replace("\\", "\\\\").replace("\"", "\\\"")
        + "\"}";
  }

  /** The key in {@code Bearer KEY}, whose scheme is in any case (RFC 9110); empty if none. */
  private static String key(String header) {
    int start = SCHEME.length();
    if (!header.regionMatches(true, 0, SCHEME, 0, start)) {
      return "";
    }
    while (start < header.length() && header.charAt(start) == ' ') {
      start++;
    }
    String key = header.substring(start);
    return start > SCHEME.length()
            && key.length() >= MIN_KEY
            && key.length() <= MAX_KEY
            && isVisible(key)
        ? key
        : "";
  }

  /**
   * {@code arn:aws:execute-api:REGION:ACCOUNT:API/STAGE} of a method's ARN; empty if it is none.
   */
  private static String stage(String methodArn) {
    int method = methodArn.indexOf('/', methodArn.indexOf('/') + 1);
    String stage = method < 0 ? "" : methodArn.substring(0, method);
    boolean plain = isVisible(stage) && stage.indexOf('"') < 0 && stage.indexOf('\\') < 0;
    return stage.startsWith("arn:") && plain ? stage : "";
  }

  private static boolean isVisible(String text) {
    for (int at = 0; at < text.length(); at++) {
      if (text.charAt(at) <= ' ' || text.charAt(at) > '~') {
        return false;
      }
    }
    return true;
  }
}
