package dev.skein.local.front;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.local.services.Arns;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An AWS Signature Version 4 in the header {@code Authorization}, for the service {@code
 * execute-api} in the Region of the local stack. Signatures in the query are not read.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">Create
 *     a signed AWS API request</a>
 */
record RequestSignature(String accessKeyId, String scope, List<String> headers, String signature) {

  private static final Pattern FORM =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\\d{8}/"
              + Arns.REGION
              + "/execute-api/aws4_request),"
              + " *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** How much the clocks of caller and server may differ. */
  private static final Duration MAX_SKEW = Duration.ofMinutes(5);

  /** Empty if the header is not such a signature. */
  static Optional<RequestSignature> parse(String authorization) {
    Matcher form = FORM.matcher(authorization);
    return form.matches()
        ? Optional.of(
            new RequestSignature(
                form.group(1), form.group(2), List.of(form.group(3).split(";", -1)), form.group(4)))
        : Optional.empty();
  }

  /** Whether the owner of this access key has signed this request within the last minutes. */
  boolean isValid(Exchange request, byte[] body, IamAccessKeys.Entry key, Instant now) {
    String time = header(request, "x-amz-date");
    if (!isRecent(time, now) || !time.startsWith(scope.substring(0, 8)) || !signs("host")) {
      return false;
    }
    String payload = hex(sha256(body));
    String declared = header(request, "x-amz-content-sha256");
    if (!declared.isEmpty() && !declared.equals(payload)) {
      return false;
    }
    String toSign =
        String.join(
            "\n", "AWS4-HMAC-SHA256", time, scope, hex(sha256(canonical(request, payload))));
    byte[] expected = hex(hmac(signingKey(key.secret()), toSign)).getBytes(UTF_8);
    return MessageDigest.isEqual(expected, signature.getBytes(UTF_8));
  }

  private boolean signs(String header) {
    return headers.contains(header);
  }

  private static boolean isRecent(String time, Instant now) {
    try {
      Instant signed = TIME.parse(time, Instant::from);
      return Duration.between(signed, now).abs().compareTo(MAX_SKEW) <= 0;
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private byte[] canonical(Exchange request, String payload) {
    List<String> lines = new ArrayList<>();
    lines.add(request.method());
    lines.add(encoded(request.path()).replace("%2F", "/"));
    lines.add(query(request.target().query()));
    headers.forEach(name -> lines.add(name + ":" + header(request, name)));
    lines.add("");
    lines.add(String.join(";", headers));
    lines.add(payload);
    return String.join("\n", lines).getBytes(UTF_8);
  }

  private static String query(Map<String, List<String>> parameters) {
    record Pair(String name, String value) {}
    return parameters.entrySet().stream()
        .flatMap(
            parameter ->
                parameter.getValue().stream()
                    .map(value -> new Pair(encoded(parameter.getKey()), encoded(value))))
        .sorted(Comparator.comparing(Pair::name).thenComparing(Pair::value))
        .map(pair -> pair.name() + "=" + pair.value())
        .collect(Collectors.joining("&"));
  }

  private static String header(Exchange request, String name) {
    return request.request().fields().getOrDefault(name, List.of()).stream()
        .map(value -> value.strip().replaceAll(" +", " "))
        .collect(Collectors.joining(","));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  private byte[] signingKey(String secret) {
    byte[] key = ("AWS4" + secret).getBytes(UTF_8);
    for (String part : Arrays.asList(scope.split("/", -1))) {
      key = hmac(key, part);
    }
    return key;
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
