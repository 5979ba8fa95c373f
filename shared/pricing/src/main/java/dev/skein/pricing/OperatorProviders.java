package dev.skein.pricing;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the lines {@code provider} of an operator's file, and refuses those that cannot count. */
final class OperatorProviders {
  private static final int MAX_PORT = 65_535;

  private final BuiltInPrices builtIn;
  private final List<Provider> providers = new ArrayList<>();

  OperatorProviders(BuiltInPrices builtIn) {
    this.builtIn = builtIn;
  }

  /** Those that were read, in their order. */
  List<Provider> all() {
    return List.copyOf(providers);
  }

  /**
   * Reads the words of a line, after the first one.
   *
   * @throws InvalidLineException if they are not of its form, or contradict an earlier line
   */
  Provider read(List<String> words) {
    Provider provider = withHosts(Provider.read(words));
    PriceListCheck.checkFields(words);
    for (Provider other : providers) {
      if (other.id().equals(provider.id())) {
        throw new InvalidLineException(
            "must not name a provider that was named; put its lines below \"provider "
                + provider.id()
                + "\" above");
      }
    }
    Optional<Provider> known = builtIn.named(provider.id());
    if (known.isEmpty() && provider.hosts().isEmpty()) {
      throw new InvalidLineException(
          "must name the hosts of \"" + provider.id() + "\", which the table does not have");
    }
    for (String host : provider.hosts()) {
      checkHost(host);
      checkIsNew(host);
    }
    Provider complete = withPrefix(provider, known.map(Provider::prefix).orElse(""));
    providers.add(complete);
    return complete;
  }

  /** It must be written as it is compared with the host of a URL. */
  private static void checkHost(String host) {
    String whole = host.startsWith("*.") ? host.substring(2) : host;
    try {
      var url = new URI("http://" + whole);
      String written = url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
      if (url.getHost() != null && whole.equals(written) && url.getPort() <= MAX_PORT) {
        return;
      }
    } catch (URISyntaxException e) {
      // Rejected below.
    }
    throw new InvalidLineException(
        "must name hosts as in api.example.com, 127.0.0.1:8000, [::1] or *.example.com, without"
            + " scheme and path, not \""
            + host
            + "\"");
  }

  /** The first provider that has a host bills its calls, so another one would never be found. */
  private void checkIsNew(String host) {
    int colon = host.endsWith("]") ? -1 : host.lastIndexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    int port = colon < 0 ? -1 : Integer.parseInt(host.substring(colon + 1));
    for (Provider other : providers) {
      if (other.hasHost(name, port)) {
        throw new InvalidLineException(
            "must not name the host \""
                + host
                + "\", which \"provider "
                + other.id()
                + "\" has; remove one of them, or move this provider up");
      }
    }
  }

  /** What a line says of its hosts, it says of the table's, if it names none. */
  private Provider withHosts(Provider provider) {
    Optional<Provider> named = builtIn.named(provider.id());
    boolean says = provider.reportsCached() || provider.restIsOutput();
    if (named.isEmpty() || !provider.hosts().isEmpty() || !says) {
      return provider;
    }
    Provider known = named.get();
    Provider reporting = provider.reportsCached() ? provider : known;
    return new Provider(
        provider.id(),
        known.hosts(),
        reporting.reportsCached(),
        reporting.reportsCacheWrites(),
        provider.restIsOutput() || known.restIsOutput(),
        provider.prefix());
  }

  /** The prices of a provider of the table are found without the table's prefix. */
  private static Provider withPrefix(Provider provider, String known) {
    if (known.isEmpty() || provider.prefix().equals(known)) {
      return provider;
    }
    if (!provider.prefix().isEmpty()) {
      throw new InvalidLineException("must not have another prefix than the table's, " + known);
    }
    return new Provider(
        provider.id(),
        provider.hosts(),
        provider.reportsCached(),
        provider.reportsCacheWrites(),
        provider.restIsOutput(),
        known);
  }
}
