package dev.skein.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Places on this machine to which a base URL may lead when it does not lead to a model. Closing it
 * ends what was opened. Not thread-safe.
 */
public final class UnreachableServers implements AutoCloseable {
  private static final String PASSWORD = "changeit";
  private static final int PATIENCE_MS = 200;

  private final List<AutoCloseable> open = new ArrayList<>();

  /**
   * Opens a target.
   *
   * @param model the server that {@link Fault.Target#MODEL} leads to
   */
  public URI baseUrl(Fault.Target target, ScriptedModel model) {
    try {
      return switch (target) {
        case MODEL -> model.baseUrl();
        case NO_TLS -> http("https", plain());
        case UNKNOWN_HOST -> URI.create("http://model.invalid/v1");
        case REFUSED -> http("http", refused());
        case BLACK_HOLE -> http("http", blackHole());
        case SELF_SIGNED -> http("https", selfSigned());
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI http(String scheme, int port) {
    return URI.create(scheme + "://127.0.0.1:" + port + "/v1");
  }

  private static int refused() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A full backlog: the kernel drops what else would connect. */
  private int blackHole() throws IOException {
    var listener = keep(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    var address = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    try {
      for (int i = 0; i < 16; i++) {
        keep(new Socket()).connect(address, PATIENCE_MS);
      }
    } catch (SocketTimeoutException full) {
      return listener.getLocalPort();
    }
    throw new IOException("this kernel's backlog does not fill");
  }

  private int plain() throws IOException {
    var listener = keep(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread.ofVirtual().start(() -> answerPlainly(listener));
    return listener.getLocalPort();
  }

  /** Reads on until the client goes: a close before that could reach it as a reset. */
  private static void answerPlainly(ServerSocket listener) {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        byte[] answer = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        // Not before the client has spoken: it may not be ready to hear that this is no TLS.
        int spoken = socket.getInputStream().read();
        socket.getOutputStream().write(answer);
        while (spoken >= 0) {
          // What it says in the language of TLS is of no interest.
          spoken = socket.getInputStream().read();
        }
      } catch (IOException e) {
        // The client has gone, which is the point; or it is closed.
      }
    }
  }

  private int selfSigned() throws IOException {
    Path store = Files.createTempDirectory("skein-faults").resolve("keys.p12");
    keep(() -> Files.deleteIfExists(store.getParent()));
    keep(() -> Files.deleteIfExists(store));
    generate(store);
    try (InputStream in = Files.newInputStream(store)) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, PASSWORD.toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      var listener =
          keep(
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().start(() -> shakeHands(listener));
      return listener.getLocalPort();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** By the JDK's own tool: it has no API for it. */
  private static void generate(Path store) throws IOException {
    var tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var process =
        new ProcessBuilder(
                tool,
                "-genkeypair",
                "-alias",
                "faults",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    try (var output = process.getInputStream()) {
      String told = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException("keytool makes no key: " + told);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void shakeHands(ServerSocket listener) {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        var _ = socket.getInputStream().read();
      } catch (IOException e) {
        // The client does not trust it, which is the point; or it is closed.
      }
    }
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.add(resource);
    return resource;
  }

  @Override
  public void close() {
    for (var resource : open.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("a target does not close", e);
      }
    }
  }
}
