package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink;
import dev.skein.audit.ChainLink.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What must hold of the chains of a table, whatever happened while they were written. */
final class ChainCheck {
  private ChainCheck() {}

  /** Checks that no chain has a fork, a gap or a wrong hash; returns all entries. */
  static Set<String> entriesOf(Collection<Map<String, AttributeValue>> links) {
    var chains = new TreeMap<Integer, List<ChainLink>>();
    for (var item : links) {
      var link = ChainLink.fromJson(AuditItem.record(item)).orElseThrow();
      chains.computeIfAbsent(link.chain(), _ -> new ArrayList<>()).add(link);
    }
    var entries = new HashSet<String>();
    for (var chain : chains.values()) {
      chain.sort(Comparator.comparingLong(ChainLink::link));
      String previous = ChainLink.NO_PREVIOUS;
      long number = 1;
      for (ChainLink link : chain) {
        assertThat(link.link()).isEqualTo(number++);
        assertThat(link.previous()).isEqualTo(previous);
        assertThat(link.isIntact()).isTrue();
        assertThat(link.entries())
            .hasSizeBetween(1, AuditChain.MAX_ENTRIES)
            .doesNotHaveDuplicates();
        entries.addAll(link.entries());
        previous = link.sha256();
      }
    }
    return entries;
  }

  /** Checks that each record is in a chain as it is stored. */
  static void assertLinked(
      Collection<ObjectNode> records, Collection<Map<String, AttributeValue>> links) {
    var entries = entriesOf(links);
    for (ObjectNode record : records) {
      assertThat(entries.contains(Entry.of(record).toText())).as(record.toString()).isTrue();
    }
  }
}
