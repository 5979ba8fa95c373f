package dev.skein.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The hash chains of a trail: each is unbroken, and every record is in one of them. Digests are not
 * computed again.
 */
record ChainCheck(Trail trail) {
  private static final String BEFORE_FIRST = "0".repeat(64);

  /** Nothing if the trail has no chains. */
  List<String> violations() {
    if (trail.links().isEmpty()) {
      return List.of();
    }
    var violations = new ArrayList<String>();
    Map<Integer, List<JsonNode>> chains =
        trail.links().stream()
            .collect(
                Collectors.groupingBy(
                    it -> it.path("chain").asInt(), TreeMap::new, Collectors.toList()));
    chains.values().forEach(links -> check(links, violations));
    Set<String> linked = linked();
    for (JsonNode record : trail.table()) {
      if (!linked.contains(record.path("phase").asText() + " " + Trail.id(record))) {
        violations.add("no link has " + record);
      }
    }
    return violations;
  }

  private static void check(List<JsonNode> links, List<String> violations) {
    var byNumber = new TreeMap<Integer, JsonNode>();
    links.forEach(link -> byNumber.put(link.path("link").asInt(), link));
    String previous = BEFORE_FIRST;
    int number = 1;
    for (JsonNode link : byNumber.values()) {
      if (link.path("link").asInt() != number++
          || !link.path("previous").asText().equals(previous)) {
        violations.add("broken before " + link);
      }
      previous = link.path("sha256").asText();
    }
  }

  /** The phase and the audit ID of each entry. */
  private Set<String> linked() {
    var linked = new HashSet<String>();
    for (JsonNode link : trail.links()) {
      for (JsonNode entry : link.path("entries")) {
        String text = entry.asText();
        linked.add(text.substring(text.indexOf(' ') + 1));
      }
    }
    return linked;
  }
}
