package dev.skein.pricing;

import java.util.ArrayList;
import java.util.List;

/**
 * Who bills the calls to some hosts.
 *
 * @param id the name of its prices in the table, such as {@code openai}
 * @param hosts the hosts of its API, in lower case, each with or without a port; {@code
 *     *.example.com} is every host below {@code example.com}
 * @param reportsCached whether a usage without cached tokens means that there were none
 * @param reportsCacheWrites whether a usage without cache-written tokens means that there were none
 * @param restIsOutput whether the tokens of a total that are in no other count are those of
 *     thinking, which cost what those of the completion cost
 * @param prefix what may precede a model's name, such as {@code models/}; empty if nothing
 */
record Provider(
    String id,
    List<String> hosts,
    boolean reportsCached,
    boolean reportsCacheWrites,
    boolean restIsOutput,
    String prefix) {

  /**
   * Reads the words of a line {@code provider}, after that word.
   *
   * @throws InvalidLineException if they are not of that form
   */
  static Provider read(List<String> words) {
    var hosts = new ArrayList<String>();
    String id = "";
    String reports = "";
    boolean restIsOutput = false;
    String prefix = "";
    for (String word : words) {
      if (word.startsWith("reports=")) {
        reports = word.substring("reports=".length());
      } else if (word.startsWith("prefix=")) {
        prefix = word.substring("prefix=".length());
      } else if (word.equals("rest=output")) {
        restIsOutput = true;
      } else if (word.startsWith("rest=")) {
        throw new InvalidLineException("must say rest=output, if anything");
      } else if (word.indexOf('=') >= 0) {
        throw new InvalidLineException("has the unknown field \"" + word + "\"");
      } else if (id.isEmpty()) {
        id = word;
      } else {
        hosts.add(word);
      }
    }
    boolean both = reports.equals("cached,cache_write");
    if (id.isEmpty()) {
      throw new InvalidLineException("must name a provider, such as \"provider openai\"");
    }
    if (!both && !reports.isEmpty() && !reports.equals("cached")) {
      throw new InvalidLineException("must say reports=cached or reports=cached,cache_write");
    }
    return new Provider(id, List.copyOf(hosts), !reports.isEmpty(), both, restIsOutput, prefix);
  }

  /**
   * Whether it bills the calls to a host.
   *
   * @param host in lower case
   * @param port that of the URL, or else of its scheme
   */
  boolean hasHost(String host, int port) {
    String hostAndPort = host + ':' + port;
    for (String known : hosts) {
      boolean has =
          known.startsWith("*.")
              ? host.endsWith(known.substring(1)) || hostAndPort.endsWith(known.substring(1))
              : known.equals(host) || known.equals(hostAndPort);
      if (has) {
        return true;
      }
    }
    return false;
  }

  /** The model's name as the table has it. */
  String nameInTable(String model) {
    return !prefix.isEmpty() && model.startsWith(prefix) ? model.substring(prefix.length()) : model;
  }
}
