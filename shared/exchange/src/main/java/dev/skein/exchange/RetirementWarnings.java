package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Log;
import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import dev.skein.pricing.PriceTable;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Warns of configured models that their provider stops serving within 90 days. */
final class RetirementWarnings {
  private static final String RETIRES_EVENT = "model_retires_soon";
  private static final String RETIRES_METRIC = "ModelRetiresSoon";
  private static final int FIRST_NOTICE_DAYS = 90;

  /** From now on it is an error. */
  private static final int LAST_NOTICE_DAYS = 7;

  private RetirementWarnings() {}

  /**
   * Writes one line for each model.
   *
   * @param now whose day counts, in UTC
   */
  static void write(LlmConfig config, PriceTable prices, Instant now, Log log) {
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    List<LlmEndpoint> endpoints = config.endpoints();
    Set<String> requested = new LinkedHashSet<>(config.allowedModels());
    requested.add(config.model());
    URI baseUrl = endpoints.getFirst().baseUrl();
    for (String model : requested) {
      prices.retirement(baseUrl, model).ifPresent(day -> write(baseUrl, model, today, day, log));
    }
    for (LlmEndpoint other : endpoints.subList(1, endpoints.size())) {
      prices
          .retirement(other.baseUrl(), other.model())
          .ifPresent(day -> write(other.baseUrl(), other.model(), today, day, log));
    }
  }

  private static void write(
      URI baseUrl, String model, LocalDate today, LocalDate retiresOn, Log log) {
    long days = ChronoUnit.DAYS.between(today, retiresOn);
    Consumer<ObjectNode> fields =
        line ->
            line.put("model", model)
                .put("base_url_host", baseUrl.getHost())
                .put("retires_on", retiresOn.toString())
                .put("days_left", days);
    if (days <= LAST_NOTICE_DAYS) {
      log.alarm(RETIRES_EVENT, RETIRES_METRIC, fields);
    } else if (days <= FIRST_NOTICE_DAYS) {
      log.warn(RETIRES_EVENT, RETIRES_METRIC, 1, fields);
    }
  }
}
