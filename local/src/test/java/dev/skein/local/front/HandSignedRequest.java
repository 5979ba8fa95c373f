package dev.skein.local.front;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A request with a signature (Signature Version 4) that may have any mistake, which the AWS SDK's
 * signer never makes. What is signed can be changed before {@link #sign}, and what is sent after
 * it.
 */
final class HandSignedRequest {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  String method = "GET";
  URI uri;
  String body = "";
  String secret = "the-secret";
  String date;
  String region = "us-east-1";
  String service = "execute-api";
  String end = "aws4_request";
  List<String> unsigned = List.of();
  final Map<String, String> headers = new TreeMap<>();
  String authorization = "";

  HandSignedRequest(URI uri, Instant time) {
    this.uri = uri;
    headers.put("host", uri.getAuthority());
    headers.put("x-amz-date", TIME.format(time));
    date = TIME.format(time).substring(0, 8);
  }

  /** Each is a way to make a valid signature of something else. */
  static Map<String, Consumer<HandSignedRequest>> mistakes() {
    Map<String, Consumer<HandSignedRequest>> mistakes = new TreeMap<>();
    mistakes.put("another service", it -> it.service = "s3");
    mistakes.put("another Region", it -> it.region = "eu-west-1");
    mistakes.put("another version", it -> it.end = "aws5_request");
    mistakes.put("yesterday's key", it -> it.date = "20261127");
    mistakes.put("host is not signed", it -> it.unsigned = List.of("host"));
    mistakes.put("no date", it -> it.headers.put("x-amz-date", ""));
    mistakes.put("a date that is none", it -> it.headers.put("x-amz-date", "20261128T999999Z"));
    mistakes.put("another secret", it -> it.secret = "the-secrets");
    mistakes.put(
        "an unsigned body", it -> it.headers.put("x-amz-content-sha256", "UNSIGNED-PAYLOAD"));
    return mistakes;
  }

  /** Each changes a request behind its valid signature. */
  static Map<String, Consumer<HandSignedRequest>> changes() {
    Map<String, Consumer<HandSignedRequest>> changes = new TreeMap<>();
    changes.put("the method", it -> it.method = "DELETE");
    changes.put("the path", it -> it.uri = it.uri.resolve("/iam-other"));
    changes.put("the query", it -> it.uri = it.uri.resolve("/iam?a=b"));
    changes.put("the body", it -> it.body = "another");
    changes.put("the time", it -> it.headers.put("x-amz-date", "20261128T120001Z"));
    changes.put("a signed header", it -> it.headers.put("x-custom", "b"));
    changes.put("no signed header", it -> it.headers.remove("x-custom"));
    changes.put(
        "the signature",
        it ->
            it.authorization =
                it.authorization.replaceAll("Signature=.*", "Signature=" + "0".repeat(64)));
    changes.put(
        "the access key", it -> it.authorization = it.authorization.replace("AKID", "AKIX"));
    changes.put("the form", it -> it.authorization = it.authorization.replace("-SHA256", "-SHA1"));
    return changes;
  }

  HandSignedRequest sign() {
    List<String> signed =
        headers.keySet().stream().filter(name -> !unsigned.contains(name)).toList();
    String names = String.join(";", signed);
    String lines =
        signed.stream()
            .map(name -> name + ":" + headers.get(name))
            .collect(Collectors.joining("\n"));
    String canonical =
        String.join("\n", method, uri.getPath(), "", lines, "", names, hex(sha256(body)));
    String scope = String.join("/", date, region, service, end);
    String toSign =
        String.join(
            "\n", "AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, hex(sha256(canonical)));
    byte[] key = ("AWS4" + secret).getBytes(UTF_8);
    for (String part : List.of(date, region, service, end)) {
      key = hmac(key, part);
    }
    authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/%s, SignedHeaders=%s, Signature=%s"
            .formatted(scope, names, hex(hmac(key, toSign)));
    return this;
  }

  HttpRequest request() {
    var request =
        HttpRequest.newBuilder(uri)
            .method(method, BodyPublishers.ofString(body))
            .header("Authorization", authorization);
    headers.forEach(
        (name, value) -> {
          if (!name.equals("host")) {
            request.header(name, value);
          }
        });
    return request.build();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
