package dev.skein.exchange;

import static dev.skein.aws.testing.AwsJsonServer.acceptedThenClosed;
import static dev.skein.aws.testing.AwsJsonServer.error;
import static dev.skein.aws.testing.AwsJsonServer.half;
import static dev.skein.aws.testing.AwsJsonServer.reset;
import static dev.skein.aws.testing.AwsJsonServer.silence;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditTrail;
import dev.skein.aws.testing.AwsJsonServer;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmResult;
import dev.skein.pricing.PriceTable;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A hundred requests while the queue is out of order from the first to the last. */
@Timeout(120)
class QueueOutageTest {
  private static final int REQUESTS = 100;
  private static final String REPLY = "the canary of a reply";

  private final AwsJsonServer server = AwsJsonServer.start("sqs");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  enum Fault {
    REFUSED,
    RESET,
    SILENT,
    HALF_A_REPLY,
    INTERNAL_ERROR,
    UNAVAILABLE,
    THROTTLING,
    DENIED
  }

  private static AwsJsonServer.Answer answer(Fault fault) {
    return switch (fault) {
      case REFUSED, RESET -> reset();
      case SILENT -> silence();
      case HALF_A_REPLY -> half();
      case INTERNAL_ERROR -> error("500 Internal Server Error", "InternalError");
      case UNAVAILABLE -> error("503 Service Unavailable", "ServiceUnavailable");
      case THROTTLING -> error("400 Bad Request", "ThrottlingException");
      case DENIED -> error("403 Forbidden", "AccessDeniedException");
    };
  }

  @AfterEach
  void close() {
    http.shutdownNow();
    threads.shutdownNow();
    server.close();
  }

  private AuditedExchange exchange(String mode, Fault fault) {
    var answers = Collections.nCopies(6 * REQUESTS, answer(fault));
    server.answers(answers.toArray(AwsJsonServer.Answer[]::new));
    return exchange(mode, fault == Fault.REFUSED ? URI.create("http://127.0.0.1:1") : server.url());
  }

  private AuditedExchange exchange(String mode, URI queue) {
    var settings =
        new Settings(
            new HashMap<>(
                Map.of(
                    "AUDIT_MODE",
                    mode.toLowerCase(Locale.ROOT),
                    "AUDIT_QUEUE_URL",
                    "https://sqs.eu-west-1.amazonaws.com/210987654321/q",
                    "AUDIT_TIMEOUT_MS",
                    "300",
                    "AWS_REGION",
                    AwsJsonServer.REGION,
                    "AWS_ENDPOINT_URL_SQS",
                    queue.toString())));
    var config = AuditConfig.from(settings);
    var sqs =
        SqsQueue.open(
            SqsConfig.from(settings, config).orElseThrow(),
            AwsJsonServer.credentials(),
            http,
            threads);
    var log = new Log(InstantSource.system(), lines::add);
    return new AuditedExchange(
        new AuditTrail(config, Optional.of(sqs), log),
        ExchangeConfig.from(settings, config.timeout()),
        new ModelCosts(PriceTable.from(settings), log),
        new AuditedExchange.World(
            () -> UUID.randomUUID().toString(),
            () -> "0".repeat(32),
            InstantSource.system(),
            System::nanoTime),
        log);
  }

  private List<ApiResponse> ask(AuditedExchange exchange) {
    var replies =
        IntStream.range(0, REQUESTS)
            .mapToObj(n -> CompletableFuture.supplyAsync(() -> ask(exchange, n), threads))
            .toList();
    return replies.stream().map(CompletableFuture::join).toList();
  }

  private static ApiResponse ask(AuditedExchange exchange, int number) {
    var request =
        new ApiRequest(
            "POST", "/test", Map.of(), Map.of(), "", "req-" + number, "k", ErrorFormat.PROBLEM);
    var response =
        exchange.run(
            request,
            Deadline.in(Duration.ofMinutes(1), System::nanoTime),
            new AuditedExchange.Subject("/test", "ann", "m-1", "Hi"),
            Optional.empty(),
            started ->
                started.reply(
                    List.of(
                        new LlmResult(
                            new Completed(REPLY, "stop", "m-1", Optional.empty()), List.of())),
                    _ -> new Rendered.Document(Json.object().put("response", REPLY))));
    response.afterwards().run();
    return response;
  }

  private static String text(ApiResponse response) {
    return ((ApiResponse.Text) response.body()).text();
  }

  /** Each record as its id and phase; none twice. */
  private Set<String> logged() {
    var records = new TreeSet<String>();
    for (String line : lines) {
      JsonNode json = parse(line);
      if (json.path("event").asText().equals("audit_alternate")) {
        assertThat(json.path("AuditAlternateSink").intValue()).isEqualTo(1);
        JsonNode record = json.path("record");
        assertThat(
                records.add(record.path("audit_id").asText() + " " + record.path("phase").asText()))
            .isTrue();
      }
    }
    return records;
  }

  private static JsonNode parse(String line) {
    try {
      return Json.STRICT.parse(line);
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyCallIsAnsweredAndEveryRecordIsOneLogLine(Fault fault) {
    var replies = ask(exchange("default", fault));

    assertThat(replies).hasSize(REQUESTS).allMatch(reply -> reply.status() == 200);
    assertThat(replies).allMatch(reply -> text(reply).contains(REPLY));
    var expected = new TreeSet<String>();
    for (ApiResponse reply : replies) {
      String id = parse(text(reply)).path("audit_id").asText();
      expected.addAll(List.of(id + " intent", id + " completed"));
    }
    assertThat(logged()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void theStrictModeReleasesNoByteOfAReply(Fault fault) {
    var replies = ask(exchange("strict", fault));

    assertThat(replies).hasSize(REQUESTS).allMatch(reply -> reply.status() == 503);
    assertThat(replies)
        .allMatch(reply -> text(reply).contains(":audit-unavailable"))
        .noneMatch(reply -> text(reply).contains(REPLY));
    // The model was not called, so there is nothing to complete.
    assertThat(logged()).hasSize(REQUESTS).allMatch(record -> record.endsWith(" intent"));
  }

  /** The queue has such a record, and so has the log: the consumer makes one of both. */
  @Test
  void aMessageThatWasTakenWithoutAnAcknowledgementIsLoggedToo() {
    var taken = Collections.nCopies(6 * REQUESTS, silence());
    server.answers(taken.toArray(AwsJsonServer.Answer[]::new));

    var replies = ask(exchange("default", server.url()));

    assertThat(replies).allMatch(reply -> reply.status() == 200);
    assertThat(logged()).hasSize(2 * REQUESTS);
    assertThat(server.received().size()).isGreaterThanOrEqualTo(2 * REQUESTS);
  }

  @ParameterizedTest
  @CsvSource({"default", "strict"})
  void oneFailureInAMessageIsRetriedAndNotLogged(String mode) {
    var exchange = exchange(mode, server.url());
    server.answers(
        reset(), acceptedThenClosed(), error("503 Service Unavailable", "ServiceUnavailable"));

    for (int n = 0; n < 3; n++) {
      assertThat(ask(exchange, n).status()).isEqualTo(200);
    }

    assertThat(logged()).isEmpty();
  }
}
