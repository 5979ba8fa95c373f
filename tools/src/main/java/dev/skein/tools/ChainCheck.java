package dev.skein.tools;

import dev.skein.audit.ChainLink;
import dev.skein.tools.Export.Linked;
import dev.skein.tools.Finding.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Checks that the links of one chain continue each other, and that the anchors are among them. */
final class ChainCheck {
  private final int chain;
  private final NavigableMap<Long, List<Linked>> links;
  private final Expiry expiry;
  private final List<Finding> findings = new ArrayList<>();

  private ChainCheck(int chain, NavigableMap<Long, List<Linked>> links, Expiry expiry) {
    this.chain = chain;
    this.links = links;
    this.expiry = expiry;
  }

  /** What is wrong with a chain, in the order of its links. */
  static List<Finding> findings(
      int chain, NavigableMap<Long, List<Linked>> links, List<Anchor> anchors, Expiry expiry) {
    var check = new ChainCheck(chain, links, expiry);
    check.checkLinks();
    anchors.stream().filter(it -> it.chain() == chain).forEach(check::checkAnchor);
    return check.findings;
  }

  private void checkLinks() {
    Linked before = null;
    for (Map.Entry<Long, List<Linked>> position : links.entrySet()) {
      long number = position.getKey();
      for (Linked link : position.getValue()) {
        if (!link.intact()) {
          add(Kind.EDITED, number, "its hash is not that of its content");
        }
      }
      if (position.getValue().size() > 1) {
        add(Kind.FORKED, number, "there are %d of it".formatted(position.getValue().size()));
      }
      Linked link = best(position.getValue(), number + 1);
      if (before == null) {
        checkBeginning(link);
      } else {
        checkContinues(before, link);
      }
      before = link;
    }
  }

  /** Of several links with one number, the one that the next link continues. */
  private Linked best(List<Linked> same, long next) {
    for (Linked after : links.getOrDefault(next, List.of())) {
      for (Linked link : same) {
        if (after.intact() && after.head().previous().equals(link.head().sha256())) {
          return link;
        }
      }
    }
    return same.getFirst();
  }

  private void checkBeginning(Linked first) {
    long number = first.head().link();
    if (number == 1 && !first.head().previous().equals(ChainLink.NO_PREVIOUS) && first.intact()) {
      add(Kind.EDITED, 1, "it is the first link, but continues another one");
    }
    if (number > 1 && !expiry.mayHaveExpired(first.writtenAt(), pause())) {
      missing(1, number - 1, "the chain begins with the link " + number);
    }
  }

  private void checkContinues(Linked before, Linked link) {
    long number = link.head().link();
    long expected = before.head().link() + 1;
    if (number > expected) {
      missing(expected, number - 1, "the link %d follows".formatted(number));
    } else if (link.intact() && !link.head().previous().equals(before.head().sha256())) {
      add(Kind.EDITED, number - 1, "the link %d continues another one".formatted(number));
    }
  }

  private void checkAnchor(Anchor anchor) {
    long number = anchor.link();
    var same = links.get(number);
    if (same != null) {
      if (same.stream().noneMatch(it -> it.head().sha256().equals(anchor.sha256()))) {
        rewritten(number);
      }
    } else if (number > links.lastKey()) {
      missing(links.lastKey() + 1, number, "the anchor %d:%d is later".formatted(chain, number));
    } else {
      var next = links.get(number + 1);
      if (next != null
          && next.stream().noneMatch(it -> it.head().previous().equals(anchor.sha256()))) {
        rewritten(number);
      }
    }
  }

  private void rewritten(long number) {
    add(Kind.REWRITTEN, number, "it is not the anchor: it or a link before it was replaced");
  }

  /** The longest time between two links that are there. */
  private Duration pause() {
    var longest = Duration.ZERO;
    @Nullable Instant before = null;
    for (List<Linked> same : links.values()) {
      Instant time = same.getFirst().writtenAt();
      if (before != null && Duration.between(before, time).compareTo(longest) > 0) {
        longest = Duration.between(before, time);
      }
      before = time;
    }
    return longest;
  }

  private void missing(long from, long to, String reason) {
    String range = from == to ? Long.toString(from) : "%d to %d".formatted(from, to);
    findings.add(new Finding(Kind.DELETED, "link %d:%s".formatted(chain, range), reason));
  }

  private void add(Kind kind, long number, String reason) {
    findings.add(new Finding(kind, Finding.link(chain, number), reason));
  }
}
