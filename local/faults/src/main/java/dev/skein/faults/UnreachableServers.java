package dev.skein.faults;

import dev.skein.http.HttpConnection;
import dev.skein.http.LoopbackServer;
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
 * Addresses on this machine at which a client finds no model. Closing this closes what was opened.
 * Not thread-safe.
 */
public final class UnreachableServers implements AutoCloseable {
  private static final String PASSWORD = "changeit";
  private static final int CONNECT_TIMEOUT_MS = 200;

  /** Its label is longer than any: a name that is valid would wait for the resolver's answer. */
  private static final String UNKNOWN_HOST = "x".repeat(64) + ".invalid";

  private final List<AutoCloseable> open = new ArrayList<>();

  /**
   * Opens a server for this target.
   *
   * @param model the server of {@link Fault.Target#MODEL}
   */
  public URI baseUrl(Fault.Target target, ScriptedModel model) {
    try {
      return switch (target) {
        case MODEL -> model.baseUrl();
        case NO_TLS -> url("https", serve(listen(50), UnreachableServers::respondWithoutTls));
        case UNKNOWN_HOST -> URI.create("http://" + UNKNOWN_HOST + "/v1");
        case REFUSED -> url("http", refused());
        case BLACK_HOLE -> url("http", blackHole());
        case SELF_SIGNED -> url("https", serve(selfSigned(), HttpConnection::nextRequest));
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI url(String scheme, int port) {
    return URI.create(scheme + "://127.0.0.1:" + port + "/v1");
  }

  private static ServerSocket listen(int backlog) throws IOException {
    return new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
  }

  private int serve(ServerSocket listener, LoopbackServer.ConnectionHandler handler) {
    return keep(LoopbackServer.start(listener, Thread::startVirtualThread, handler)).port();
  }

  /**
   * A port that is taken, and on which nobody listens: a free one could become another server's.
   */
  private int refused() throws IOException {
    Socket taken = keep(new Socket());
    taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return taken.getLocalPort();
  }

  /** Fills the backlog: the kernel then ignores further connection attempts. */
  private int blackHole() throws IOException {
    var listener = keep(listen(1));
    try {
      for (int i = 0; i < 16; i++) {
        keep(new Socket()).connect(listener.getLocalSocketAddress(), CONNECT_TIMEOUT_MS);
      }
    } catch (SocketTimeoutException full) {
      return listener.getLocalPort();
    }
    throw new IOException("this kernel's backlog does not fill");
  }

  private static void respondWithoutTls(HttpConnection connection) throws IOException {
    // Not before the client has sent a byte: it may not be ready for a response without TLS.
    int next = connection.input().read();
    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    while (next >= 0) {
      // An early close could reach the client as a reset.
      next = connection.input().read();
    }
  }

  private ServerSocket selfSigned() throws IOException {
    Path store = Files.createTempDirectory("skein-faults").resolve("keys.p12");
    keep(() -> Files.deleteIfExists(store.getParent()));
    keep(() -> Files.deleteIfExists(store));
    generateKey(store);
    try (InputStream in = Files.newInputStream(store)) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, PASSWORD.toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context
          .getServerSocketFactory()
          .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Runs keytool, because the JDK has no API that generates a certificate. */
  private static void generateKey(Path store) throws IOException {
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String options = "-genkeypair -alias faults -keyalg EC -dname CN=127.0.0.1 -storetype PKCS12";
    var command = new ArrayList<>(List.of(keytool));
    command.addAll(List.of(options.split(" ")));
    command.addAll(List.of("-storepass", PASSWORD, "-keystore", store.toString()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getInputStream()) {
      String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException("keytool failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
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
        throw new IllegalStateException("cannot close a server", e);
      }
    }
  }
}
