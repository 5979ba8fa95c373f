package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The X-Ray daemon, which Lambda runs beside a function that has tracing on. A document is one
 * datagram: it is sent without waiting, and lost if it cannot be sent. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon">Sending
 *     segment documents to the X-Ray daemon</a>
 */
final class XRayDaemon {
  private static final byte[] HEADER =
      "{\"format\":\"json\",\"version\":1}\n".getBytes(StandardCharsets.US_ASCII);

  private static final String UDP = "udp:";

  private final String host;
  private final int port;
  private @Nullable DatagramChannel channel;

  private XRayDaemon(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /**
   * Reads {@code AWS_XRAY_DAEMON_ADDRESS}, which Lambda sets where tracing is on: {@code
   * host:port}, or {@code tcp:host:port udp:host:port}. Empty if it is not set, or in another form:
   * a trace is not worth a function that does not start.
   */
  static Optional<XRayDaemon> from(Settings settings) {
    for (String address : settings.text("AWS_XRAY_DAEMON_ADDRESS").orElse("").split(" ", -1)) {
      String udp = address.startsWith(UDP) ? address.substring(UDP.length()) : address;
      int colon = udp.indexOf(':');
      if (colon > 0 && colon == udp.lastIndexOf(':')) {
        int port = port(udp.substring(colon + 1));
        if (port > 0) {
          return Optional.of(new XRayDaemon(udp.substring(0, colon), port));
        }
      }
    }
    return Optional.empty();
  }

  private static int port(String digits) {
    try {
      int port = Integer.parseInt(digits);
      return port < 65536 ? port : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Sends a document. Never fails, and never waits. */
  synchronized void send(ObjectNode document) {
    var datagram = new ByteArrayOutputStream();
    datagram.writeBytes(HEADER);
    datagram.writeBytes(Json.STRICT.writeUtf8(document));
    try {
      if (channel == null) {
        channel = open();
      }
      channel.write(ByteBuffer.wrap(datagram.toByteArray()));
    } catch (IOException | RuntimeException e) {
      // A daemon that is not there must not cost a request anything, not even a log line.
      close();
    }
  }

  private DatagramChannel open() throws IOException {
    DatagramChannel opened = DatagramChannel.open();
    try {
      opened.configureBlocking(false);
      return opened.connect(new InetSocketAddress(host, port));
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // It is of no use any more.
    }
    channel = null;
  }
}
