package dev.skein.pricing;

import dev.skein.base.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an operator's file overrides and adds, in the format of the table: a line for each provider,
 * followed by the lines of its {@link PriceList}. Immutable.
 *
 * @param providers those that the file names, in its order
 * @param lists their prices, by ID
 */
record OperatorPrices(List<Provider> providers, Map<String, PriceList> lists) {
  static final OperatorPrices NONE = new OperatorPrices(List.of(), Map.of());

  private static final PriceList NO_LIST = new PriceList("");
  private static final String PROVIDER = "provider";

  OperatorPrices {
    providers = List.copyOf(providers);
    lists = Map.copyOf(lists);
  }

  /**
   * Reads the whole file.
   *
   * @throws InvalidSettingException if that is not possible
   */
  static OperatorPrices read(String file) {
    try {
      return parse(Files.readString(Path.of(file)));
    } catch (IOException | InvalidPathException e) {
      throw invalid(file, "cannot be read (" + e.getClass().getSimpleName() + ")");
    } catch (InvalidLineException e) {
      throw invalid(file, e.getMessage() + "; see docs/pricing.md");
    }
  }

  /** The provider that the file says bills the calls to a host. */
  Optional<Provider> provider(String host, int port) {
    for (Provider provider : providers) {
      if (provider.hasHost(host, port)) {
        return Optional.of(provider);
      }
    }
    return Optional.empty();
  }

  /** The prices that the file has for a provider. */
  PriceList list(String provider) {
    return lists.getOrDefault(provider, NO_LIST);
  }

  private static InvalidSettingException invalid(String file, String problem) {
    return new InvalidSettingException(
        PriceTable.PRICES_FILE, "names the file " + file + ", which is invalid: " + problem);
  }

  private static OperatorPrices parse(String text) {
    var providers = new ArrayList<Provider>();
    var lists = new HashMap<String, PriceList>();
    List<String> lines = text.lines().map(OperatorPrices::plain).toList();
    int end;
    for (int start = 0; start < lines.size(); start = end) {
      end = start;
      if (isProvider(lines.get(start))) {
        do {
          end++;
        } while (end < lines.size() && !isProvider(lines.get(end)));
        Provider provider = readProvider(lines.get(start), start + 1);
        var list = new PriceList(String.join("\n", lines.subList(start + 1, end)) + '\n');
        list.check(start + 2);
        providers.add(provider);
        if (lists.put(provider.id(), list) != null) {
          throw new InvalidLineException("must not name a provider that was named").at(start + 1);
        }
      } else if (lines.get(start).isEmpty() || lines.get(start).startsWith("#")) {
        end++;
      } else {
        throw new InvalidLineException("must follow a line \"provider\"").at(start + 1);
      }
    }
    return new OperatorPrices(providers, lists);
  }

  private static Provider readProvider(String line, int number) {
    try {
      List<String> words = PriceList.words(line, 0, line.length());
      return Provider.read(words.subList(1, words.size()));
    } catch (InvalidLineException e) {
      throw e.at(number);
    }
  }

  /** A line in the form of the table: in lower case, with one space between words. */
  private static String plain(String line) {
    String spaced = line.replace('\t', ' ').toLowerCase(Locale.ROOT);
    return String.join(" ", PriceList.words(spaced, 0, spaced.length()));
  }

  private static boolean isProvider(String line) {
    return line.equals(PROVIDER) || line.startsWith(PROVIDER + " ");
  }
}
