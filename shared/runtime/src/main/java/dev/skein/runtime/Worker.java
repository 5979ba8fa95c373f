package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Handles one event after the other, on the thread that runs it. */
final class Worker {
  private static final String TRACE_PROPERTY = "com.amazonaws.xray.traceHeader";

  private final Entry entry;
  private final RuntimeSettings settings;
  private final RuntimeClient api;
  private final Shutdown shutdown;
  private final RuntimeLog log;

  Worker(
      Entry entry, RuntimeSettings settings, RuntimeClient api, Shutdown shutdown, RuntimeLog log) {
    this.entry = entry;
    this.settings = settings;
    this.api = api;
    this.shutdown = shutdown;
    this.log = log;
    shutdown.add(api);
  }

  /**
   * Works until the environment is shut down, or cannot go on.
   *
   * @return whether the process has to end as failed
   */
  boolean run() {
    while (true) {
      Event event;
      try {
        event = api.next();
      } catch (IOException e) {
        if (shutdown.isStopping()) {
          return false;
        }
        log.ending("no event could be got: " + e.getMessage());
        return true;
      }
      if (!shutdown.begin(api)) {
        return false;
      }
      Throwable fatal = handle(event);
      shutdown.end(api);
      if (fatal != null) {
        log.ending("a handler ended with " + fatal.getClass().getName());
        return true;
      }
    }
  }

  /** Whether the JVM itself is damaged. A stack that overflowed is empty again. */
  static boolean isFatal(Throwable fault) {
    return fault instanceof VirtualMachineError && !(fault instanceof StackOverflowError);
  }

  private @Nullable Throwable handle(Event event) {
    trace(event);
    Throwable fatal;
    if (entry.streaming() != null) {
      fatal = stream(entry.streaming(), event);
    } else if (entry.whole() != null) {
      fatal = whole(entry.whole(), event);
    } else {
      throw new IllegalStateException("there is no handler");
    }
    // What a handler left behind must not end the wait for the next event.
    Thread.interrupted();
    return fatal;
  }

  private @Nullable Throwable stream(StreamingHandler handler, Event event) {
    Reply reply =
        settings.buffered()
            ? new BufferedReply(event.requestId(), api, log)
            : new StreamedReply(event.requestId(), api, log);
    Throwable thrown = null;
    try {
      handler.handle(new ByteArrayInputStream(event.body()), reply, context(event));
    } catch (Throwable e) { // an Error is an answer too
      thrown = e;
      tell(event, e);
    }
    reply.end(thrown == null ? null : Failure.of(thrown));
    Throwable fatal = reply.runAfterwards();
    return thrown != null && isFatal(thrown) ? thrown : fatal;
  }

  private @Nullable Throwable whole(RequestStreamHandler handler, Event event) {
    var output = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event.body()), output, context(event));
    } catch (Throwable e) { // an Error is an answer too
      tell(event, e);
      api.fail(event.requestId(), Failure.of(e));
      return isFatal(e) ? e : null;
    }
    api.respond(event.requestId(), output.toByteArray());
    return null;
  }

  private void tell(Event event, Throwable thrown) {
    // That a caller has gone is no fault of the handler, and logged where it was seen.
    if (!(thrown instanceof BrokenResponseException)) {
      log.fault("handler_failed", event.requestId(), thrown);
    }
  }

  private InvocationContext context(Event event) {
    return new InvocationContext(event, settings.function(), log);
  }

  /** The AWS SDK reads the trace from a property, which is of no use to several at once. */
  private void trace(Event event) {
    if (settings.workers() > 1) {
      return;
    }
    if (event.traceId() != null) {
      System.setProperty(TRACE_PROPERTY, event.traceId());
    } else {
      System.clearProperty(TRACE_PROPERTY);
    }
  }
}
