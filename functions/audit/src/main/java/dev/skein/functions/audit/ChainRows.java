package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.base.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The links of all chains as lines of JSON, one chain after the other, each newest last. */
final class ChainRows implements Export.Rows {
  private static final int PIECE = 200;

  private final AuditTable table;
  private final int chains;
  private int chain;
  private String after = "0";
  private int written;

  ChainRows(AuditTable table) {
    this.table = table;
    this.chains = table.shards();
  }

  @Override
  public List<String> next() {
    while (chain < chains) {
      var links = table.itemsAfter("#chain#" + chain, after, PIECE);
      if (!links.isEmpty()) {
        after = Objects.requireNonNull(links.getLast().get(AuditItem.SK)).s();
        written += links.size();
        return links.stream().map(ChainRows::line).toList();
      }
      chain++;
      after = "0";
    }
    return List.of();
  }

  /** How many were handed out so far. */
  int written() {
    return written;
  }

  @Override
  public String incomplete(Problem problem) {
    var line = Json.object();
    line.putObject("incomplete")
        .put("type", problem.type())
        .put("title", problem.title())
        .put("detail", problem.detail())
        .put("links", written);
    return Json.STRICT.write(line) + "\n";
  }

  private static String line(Map<String, AttributeValue> item) {
    ObjectNode link = AuditItem.record(item);
    return Json.STRICT.write(link) + "\n";
  }
}
