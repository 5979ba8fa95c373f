package dev.skein.exchange;

import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditRecord.CostBounds;
import dev.skein.pricing.CostRange;
import dev.skein.pricing.NanoUsd;
import java.util.Optional;

/**
 * What the model calls of one request cost.
 *
 * @param usd the cost of the calls whose reply was used: answers, refusals, and replies that ran
 *     out of tokens; zero if certainly nothing was billed; empty if it is unknown
 * @param hasDiscarded whether an attempt may have been billed whose reply was discarded
 * @param discarded the cost of these attempts; empty if it is unknown, or there were none
 */
record RequestCost(Optional<NanoUsd> usd, boolean hasDiscarded, Optional<CostRange> discarded) {

  AuditRecord.Cost forRecord() {
    return new AuditRecord.Cost(
        usd.map(NanoUsd::toString),
        hasDiscarded,
        discarded.map(it -> new CostBounds(it.low().toString(), it.high().toString())));
  }
}
