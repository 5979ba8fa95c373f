package dev.skein.pricing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The table in this module: {@code providers.txt}, and a file for each provider, so that a function
 * reads only those of the providers that it calls. Thread-safe.
 */
final class BuiltInPrices {
  private static final String FOLDER = "prices/";

  private final List<Provider> providers = readProviders();
  private final ConcurrentHashMap<String, PriceList> lists = new ConcurrentHashMap<>();

  /** The provider that bills the calls to a host. */
  Optional<Provider> provider(String host, int port) {
    for (Provider provider : providers) {
      if (provider.hasHost(host, port)) {
        return Optional.of(provider);
      }
    }
    return Optional.empty();
  }

  /** The provider of an ID. */
  Optional<Provider> named(String id) {
    for (Provider provider : providers) {
      if (provider.id().equals(id)) {
        return Optional.of(provider);
      }
    }
    return Optional.empty();
  }

  /** The prices of a provider; a list without prices if the table does not have it. */
  PriceList list(String provider) {
    PriceList list = lists.get(provider);
    if (list == null) {
      list = readList(provider);
      lists.put(provider, list);
    }
    return list;
  }

  private PriceList readList(String provider) {
    return new PriceList(named(provider).isPresent() ? read(provider + ".txt") : "");
  }

  private static List<Provider> readProviders() {
    var providers = new ArrayList<Provider>();
    String text = read("providers.txt");
    int end;
    for (int start = 0; start < text.length(); start = end + 1) {
      end = text.indexOf('\n', start);
      List<String> words = PriceList.words(text, start, end);
      if (!words.isEmpty() && words.getFirst().equals("provider")) {
        providers.add(Provider.read(words.subList(1, words.size())));
      }
    }
    return List.copyOf(providers);
  }

  private static String read(String name) {
    try (var file =
        Objects.requireNonNull(BuiltInPrices.class.getResourceAsStream(FOLDER + name))) {
      return new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
