package dev.skein.pricing;

import dev.skein.base.InvalidSettingException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  OperatorPrices {
    providers = List.copyOf(providers);
    lists = Map.copyOf(lists);
  }

  /**
   * Reads the whole file.
   *
   * @throws InvalidSettingException if that is not possible
   */
  static OperatorPrices read(String file, BuiltInPrices builtIn) {
    // A relative path begins in the folder of the function, which the message then names.
    Path path = Path.of(file).toAbsolutePath();
    String text = text(path);
    try {
      return parse(text, builtIn);
    } catch (InvalidLineException e) {
      throw invalid(path, "is invalid: " + e.getMessage());
    }
  }

  private static String text(Path path) {
    try {
      String text = Files.readString(path);
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (NoSuchFileException e) {
      throw invalid(path, "does not exist");
    } catch (CharacterCodingException e) {
      throw invalid(path, "is not text in UTF-8");
    } catch (IOException e) {
      throw invalid(
          path,
          Files.isDirectory(path)
              ? "is a directory"
              : "cannot be read (" + e.getClass().getSimpleName() + ")");
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

  private static InvalidSettingException invalid(Path path, String problem) {
    return new InvalidSettingException(
        PriceTable.PRICES_FILE,
        "names the file " + path + ", which " + problem + "; see docs/pricing.md");
  }

  private static OperatorPrices parse(String text, BuiltInPrices builtIn) {
    var providers = new OperatorProviders(builtIn);
    var lists = new HashMap<String, PriceList>();
    List<String> lines = text.lines().map(OperatorPrices::plain).toList();
    int end;
    for (int start = 0; start < lines.size(); start = end) {
      end = start;
      if (isProvider(lines.get(start))) {
        do {
          end++;
        } while (end < lines.size() && !isProvider(lines.get(end)));
        Provider provider = readProvider(providers, lines.get(start), start + 1);
        String list = list(lines.subList(start + 1, end), provider.prefix());
        PriceListCheck.check(list, start + 2);
        lists.put(provider.id(), new PriceList(list));
      } else if (lines.get(start).isEmpty() || lines.get(start).startsWith("#")) {
        end++;
      } else {
        throw new InvalidLineException("must follow a line \"provider\"").at(start + 1);
      }
    }
    return new OperatorPrices(providers.all(), lists);
  }

  private static Provider readProvider(OperatorProviders providers, String line, int number) {
    try {
      List<String> words = PriceList.words(line, 0, line.length());
      return providers.read(words.subList(1, words.size()));
    } catch (InvalidLineException e) {
      throw e.at(number);
    }
  }

  /** The lines as text, and their models by the names that are looked up: without the prefix. */
  private static String list(List<String> lines, String prefix) {
    var list = new StringBuilder();
    for (String line : lines) {
      boolean names = line.startsWith("model ") || line.startsWith("retires ");
      list.append(names ? line.replace(" " + prefix, " ") : line).append('\n');
    }
    return list.toString();
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
