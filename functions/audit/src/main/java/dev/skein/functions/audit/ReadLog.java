package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.base.Log;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Logs who reads the audit trail: one line before anything is read, and one with the number of
 * records after the response. A line costs no call of another service, and the reader could not
 * remove it. Thread-safe.
 */
record ReadLog(Log log) {
  /**
   * A response, and how many records it has, which may be known only when it was sent.
   *
   * @param records read after the response
   */
  record Counted(ApiResponse response, IntSupplier records) {}

  /** A read of the trail. */
  @FunctionalInterface
  interface Read {
    Counted run() throws RefusedException;
  }

  /**
   * The response of a read, which is logged.
   *
   * @throws RefusedException what {@code read} throws
   */
  ApiResponse logged(ApiRequest request, Read read) throws RefusedException {
    write(request, "intent", _ -> {});
    try {
      var counted = read.run();
      return counted.response().firstAfterwards(() -> end(request, counted));
    } catch (RefusedException e) {
      end(request, 0, e.problem().status(), Optional.of(e.problem()));
      throw e;
    }
  }

  private void end(ApiRequest request, Counted counted) {
    end(request, counted.records().getAsInt(), counted.response().status(), Optional.empty());
  }

  private void end(ApiRequest request, int records, int status, Optional<Problem> problem) {
    write(
        request,
        "completed",
        line -> {
          line.put("records", records).put("status", status);
          problem.ifPresent(it -> line.put("error", it.name()));
        });
  }

  private void write(ApiRequest request, String phase, Consumer<ObjectNode> more) {
    log.ofRequest(request.requestId(), request.traceId())
        .info(
            "audit_read",
            line -> {
              line.put("phase", phase);
              line.put("identity", request.identity()).put("endpoint", request.path());
              putParameters(request.query(), line.putObject("parameters"));
              more.accept(line);
            });
  }

  /** All that were accepted. A cursor only says how far the reader has got. */
  private static void putParameters(Map<String, String> query, ObjectNode parameters) {
    var sorted = new TreeMap<>(query);
    sorted.remove("cursor");
    sorted.forEach(parameters::put);
  }
}
