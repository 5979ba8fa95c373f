package dev.skein.functions.audit;

import dev.skein.api.testing.CallerFuzz;
import dev.skein.api.testing.FakeContext;
import dev.skein.api.testing.HostileEvents;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.runtime.StreamingHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mutated events of the reader and of the eraser, over a real table. */
@ExtendWith(TestTable.OfEachTest.class)
final class AuditFuzzTest {
  private static final Duration TIME = Duration.ofSeconds(20);
  private static final InstantSource CLOCK = InstantSource.fixed(Samples.NOON);

  /** An erasure reads the records of the erasures before it: a table of hundreds takes a minute. */
  private static final int ERASURES_PER_TABLE = 25;

  private TestTable table;

  AuditFuzzTest(TestTable table) {
    this.table = table;
    store();
  }

  private void store() {
    new Erasures(table).store(Samples.intent("a"), Samples.completed(Samples.intent("b")));
  }

  @Test
  void noEventOfTheReaderEndsInAFaultOrRevealsTextOfAParser() {
    CallerFuzz.runFewer(
        HostileEvents.samples("audit-reader.json", "audit-summary.json"),
        () ->
            new Fuzzed() {
              private final StreamingHandler reader =
                  new AuditReaderFunction(root(), CLOCK, System::nanoTime);

              @Override
              public CallerFuzz.Answer call(byte[] event) throws IOException {
                var response = new CollectedResponse();
                reader.handle(new ByteArrayInputStream(event), response, new FakeContext(TIME));
                return new CallerFuzz.Answer(
                    response.status(), response.headers(), response.text());
              }
            });
  }

  @Test
  void noEventOfTheEraserEndsInAFaultOrRevealsTextOfAParser() {
    CallerFuzz.runFewer(
        HostileEvents.samples("audit-eraser.json"),
        () ->
            new Fuzzed() {
              private AuditEraserFunction eraser = eraser();
              private int calls;

              private AuditEraserFunction eraser() {
                return new AuditEraserFunction(
                    root(), StoreConfig.DEFAULT, CLOCK, System::nanoTime);
              }

              @Override
              public CallerFuzz.Answer call(byte[] event) throws IOException {
                if (++calls % ERASURES_PER_TABLE == 0) {
                  table = table.another();
                  store();
                  eraser = eraser();
                }
                var response = new ByteArrayOutputStream();
                eraser.handleRequest(
                    new ByteArrayInputStream(event), response, new FakeContext(TIME));
                return answer(response.toByteArray());
              }
            });
  }

  private abstract class Fuzzed implements CallerFuzz.Target {
    private final LogLines log = new LogLines();

    /** With a short trail: an open search of a long one takes seconds. */
    Composition root() {
      var config = new TableConfig(table.config().table(), Duration.ofDays(1));
      return new Composition(table.dynamo(), config, log.log());
    }

    @Override
    public List<String> log() {
      return log.text().lines().toList();
    }

    @Override
    public void close() {}
  }

  private static CallerFuzz.Answer answer(byte[] response) {
    try {
      var json = Json.EVENT.parse(ByteBuffer.wrap(response));
      Map<String, String> headers = new HashMap<>();
      json.path("headers")
          .properties()
          .forEach(header -> headers.put(header.getKey(), header.getValue().textValue()));
      return new CallerFuzz.Answer(
          json.path("statusCode").intValue(), headers, json.path("body").asText());
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }
}
