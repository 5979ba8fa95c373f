package dev.skein.aws.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 as its documentation defines it, from the verifier's side. Written
 * separately from what it checks.
 */
public final class SignatureV4 {
  private static final HexFormat HEX = HexFormat.of();

  private SignatureV4() {}

  /**
   * The {@code Authorization} that a request must have.
   *
   * @param headers by lower-case name
   * @param signed the names of the signed headers, in order
   * @param scope {@code date/region/service/aws4_request}
   */
  public static String authorization(
      String method,
      String path,
      Map<String, String> headers,
      List<String> signed,
      byte[] body,
      String scope,
      String accessKeyId,
      String secretKey) {
    String canonicalHeaders =
        signed.stream()
            .map(name -> name + ":" + headers.getOrDefault(name, "").strip() + "\n")
            .collect(Collectors.joining());
    String names = String.join(";", signed);
    String canonical =
        String.join("\n", method, path, "", canonicalHeaders, names, HEX.formatHex(sha256(body)));
    String toSign =
        String.join(
            "\n",
            "AWS4-HMAC-SHA256",
            headers.getOrDefault("x-amz-date", ""),
            scope,
            HEX.formatHex(sha256(canonical.getBytes(StandardCharsets.UTF_8))));
    byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
    for (String part : scope.split("/", -1)) {
      key = hmac(key, part);
    }
    return "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
        .formatted(accessKeyId, scope, names, HEX.formatHex(hmac(key, toSign)));
  }

  /** The value of {@code key=} in an {@code Authorization}. */
  static String part(String authorization, String key) {
    return Arrays.stream(authorization.replace("AWS4-HMAC-SHA256 ", "").split(", ", -1))
        .filter(part -> part.startsWith(key + "="))
        .map(part -> part.substring(key.length() + 1))
        .findFirst()
        .orElse("");
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
