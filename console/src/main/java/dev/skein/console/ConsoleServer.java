package dev.skein.console;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;

/**
 * The console of a deployed stack, on 127.0.0.1 only: serves the console's files, and forwards what
 * its page asks for. Thread-safe.
 */
public final class ConsoleServer implements AutoCloseable {

  private static final int MAX_BODY_BYTES = 6 * 1024 * 1024;
  private static final String NO_QUERY =
      "The query has a character that must be percent-encoded, or a % without two hex digits.";

  private final ConsoleFiles files = new ConsoleFiles();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String token = AccessCheck.newToken();
  private final AccessCheck access = new AccessCheck(token);
  private final Api api;
  private final Consumer<String> notes;
  private final LoopbackServer server;

  private ConsoleServer(Api api, int port, Consumer<String> notes) throws IOException {
    this.api = api;
    this.notes = notes;
    this.server = LoopbackServer.start(port, threads, this::serve);
  }

  /**
   * Listens when it returns.
   *
   * @param arguments {@code --url=} the URL of the API with its stage, and {@code --port=}
   * @param environment the operator's variables: {@code SKEIN_API_KEY}, {@code AWS_REGION}
   * @param credentials the operator's
   * @param notes receives what the operator should know, as sentences
   * @throws IllegalArgumentException if a setting is invalid; the message is for the operator
   * @throws IOException if it cannot listen on the port; the message is for the operator
   */
  public static ConsoleServer start(
      String[] arguments,
      Map<String, String> environment,
      IdentityProvider<? extends AwsCredentialsIdentity> credentials,
      Consumer<String> notes)
      throws IOException {
    ConsoleSettings settings = ConsoleSettings.from(arguments, environment);
    try {
      return new ConsoleServer(new Api(settings, credentials), settings.port(), notes);
    } catch (BindException e) {
      throw new IOException(
          ("Port %d of 127.0.0.1 cannot be used: %s. Choose another one with -Dconsole.port=PORT; 0"
                  + " is any free one.")
              .formatted(settings.port(), e.getMessage()),
          e);
    }
  }

  /** The URL to open. Its fragment has the token, which a browser does not send to any server. */
  public URI page() {
    return server.uri("/#token=" + token);
  }

  private void serve(HttpConnection connection) throws IOException, InterruptedException {
    try {
      connection.serve(request -> handle(connection, request));
    } catch (ProtocolException e) {
      ConsoleFiles.Response response =
          Problem.badRequest("The request is not of the form of HTTP/1.1.").response();
      connection.respond(response.status() + " ", response.headers(), response.body());
    }
  }

  private void handle(HttpConnection connection, IncomingRequest request)
      throws IOException, InterruptedException {
    Optional<ConsoleFiles.Response> file =
        files.respond(request, request.path().split("\\?", 2)[0]);
    if (file.isPresent()) {
      respond(connection, request, file.get());
      return;
    }
    Optional<String> refusal = access.refusal(request);
    if (refusal.isPresent()) {
      respond(connection, request, Problem.forbidden(refusal.get()).response());
      return;
    }
    Optional<ForwardedRoute> route = ForwardedRoute.of(request);
    if (route.isEmpty()) {
      respond(connection, request, Problem.notFound().response());
      return;
    }
    byte[] body = request.body().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      respond(connection, request, Problem.tooLarge().response());
      connection.close();
      return;
    }
    forward(connection, request, route.get(), body);
  }

  private void forward(
      HttpConnection connection, IncomingRequest request, ForwardedRoute route, byte[] body)
      throws IOException, InterruptedException {
    Optional<URI> url = api.url(request);
    if (url.isEmpty()) {
      respond(connection, request, Problem.badRequest(NO_QUERY).response());
      return;
    }
    HttpResponse<InputStream> response;
    try {
      response = api.send(request, url.get(), route, body);
    } catch (SdkException e) {
      // The message lists where credentials were looked for, which concerns the operator alone.
      notes.accept("No AWS credentials: " + e.getMessage());
      respond(
          connection,
          request,
          Problem.badGateway(
                  "There are no AWS credentials. Log in, for example with aws sso login, and try"
                      + " again; the terminal has the details.")
              .response());
      return;
    } catch (IOException e) {
      notes.accept("The API cannot be reached: " + e);
      respond(
          connection,
          request,
          Problem.badGateway("The API cannot be reached; the terminal has the details.")
              .response());
      return;
    }
    ForwardedResponse.write(connection, response);
  }

  private static void respond(
      HttpConnection connection, IncomingRequest request, ConsoleFiles.Response response)
      throws IOException {
    boolean head = request.method().equals("HEAD") || response.status() == 304;
    connection.respond(
        Integer.toString(response.status()) + " ",
        response.headers(),
        head ? new byte[0] : response.body());
  }

  @Override
  public void close() {
    server.close();
    api.close();
    threads.shutdownNow();
  }
}
