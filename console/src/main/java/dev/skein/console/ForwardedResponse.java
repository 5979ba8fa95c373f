package dev.skein.console;

import dev.skein.http.HttpConnection;
import dev.skein.http.MessageHead;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Sends a response of the API to the page, each piece as soon as it arrives. */
final class ForwardedResponse {

  /** What the page reads; no cookie and no permission for other origins passes. */
  private static final Set<String> HEADERS =
      Set.of("content-type", "retry-after", "x-request-id", "x-amzn-requestid");

  private static final String PREFIX = "x-skein-";
  private static final int BUFFER = 16 * 1024;
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private ForwardedResponse() {}

  /**
   * Writes the whole response. If the API breaks off, so does this connection: what is cut must not
   * look whole. If the page leaves, the call to the API is ended.
   *
   * @throws IOException if either end has broken off; the connection is then closed
   */
  static void write(HttpConnection connection, HttpResponse<InputStream> response)
      throws IOException {
    try (InputStream body = response.body()) {
      connection.write(head(response));
      byte[] buffer = new byte[BUFFER];
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        if (count > 0) {
          connection.write(chunk(buffer, count));
        }
      }
      connection.write(LAST_CHUNK);
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  private static byte[] head(HttpResponse<?> response) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + response.statusCode() + " \r\n");
    for (Map.Entry<String, List<String>> header : response.headers().map().entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      String value = String.join(", ", header.getValue());
      if ((HEADERS.contains(name) || name.startsWith(PREFIX)) && MessageHead.isValue(value)) {
        head.append(name + ": " + value + "\r\n");
      }
    }
    head.append("Cache-Control: no-store\r\n");
    ConsoleFiles.securityHeaders()
        .forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Transfer-Encoding: chunked\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] chunk(byte[] bytes, int count) {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream(count + 16);
    chunk.writeBytes((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    chunk.write(bytes, 0, count);
    chunk.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    return chunk.toByteArray();
  }
}
