package dev.skein.local.template;

import dev.skein.local.template.Deployment.Index;
import dev.skein.local.template.Deployment.Table;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one {@code AWS::DynamoDB::Table}. */
final class TableReader {

  /** Without effect: encryption, backup, protection, observation and cost. */
  private static final Keys PROPERTIES =
      new Keys(
          Resource.TABLE,
          "AttributeDefinitions BillingMode GlobalSecondaryIndexes KeySchema"
              + " TimeToLiveSpecification",
          "ContributorInsightsSpecification DeletionProtectionEnabled OnDemandThroughput"
              + " PointInTimeRecoverySpecification SSESpecification TableClass Tags"
              + " WarmThroughput");

  private static final Keys ATTRIBUTE =
      new Keys("an attribute definition", "AttributeName AttributeType");
  private static final Keys KEY = new Keys("a key", "AttributeName KeyType");
  private static final Keys INDEX =
      new Keys(
          "a global secondary index",
          "IndexName KeySchema Projection",
          "ContributorInsightsSpecification OnDemandThroughput WarmThroughput");
  private static final Keys PROJECTION = new Keys("a Projection", "ProjectionType");
  private static final Keys EXPIRY = new Keys("a TimeToLiveSpecification", "AttributeName Enabled");

  private final Section table;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final Set<String> unused = new HashSet<>();

  private TableReader(Section table) {
    this.table = table;
  }

  static Table read(Resource resource, Intrinsics intrinsics) {
    Section properties = Section.of(resource.properties(), PROPERTIES, intrinsics);
    return new TableReader(properties).read(resource.name());
  }

  private Table read(String name) {
    table.oneOf("BillingMode", "PAY_PER_REQUEST");
    for (Section attribute : table.sections("AttributeDefinitions", ATTRIBUTE)) {
      String type = attribute.oneOf("AttributeType", "S", "N", "B");
      if (attributes.put(attribute.text("AttributeName"), type) != null) {
        throw attribute.error("AttributeName", "is defined twice; remove one of the two");
      }
    }
    unused.addAll(attributes.keySet());
    Deployment.Key key = key(table);
    List<Index> indexes =
        table.sections("GlobalSecondaryIndexes", INDEX).stream().map(this::index).toList();
    if (indexes.stream().map(Index::name).distinct().count() < indexes.size()) {
      throw table.error("GlobalSecondaryIndexes", "two have one name; rename one");
    }
    if (!unused.isEmpty()) {
      throw table.error(
          "AttributeDefinitions", "no key is made of " + unused + "; define key attributes only");
    }
    return new Table(name, attributes, key, indexes, expiry());
  }

  private Deployment.Key key(Section owner) {
    List<Section> schema = owner.sections("KeySchema", KEY);
    List<String> types = schema.stream().map(key -> key.text("KeyType")).toList();
    if (!types.equals(List.of("HASH")) && !types.equals(List.of("HASH", "RANGE"))) {
      throw owner.error("KeySchema", "must be a HASH key, and then at most one RANGE key");
    }
    List<String> names = schema.stream().map(this::attribute).toList();
    return new Deployment.Key(names.getFirst(), names.stream().skip(1).findFirst());
  }

  private String attribute(Section key) {
    String name = key.text("AttributeName");
    if (!attributes.containsKey(name)) {
      throw key.error("AttributeName", name + " is not in AttributeDefinitions; add it there");
    }
    unused.remove(name);
    return name;
  }

  private Index index(Section index) {
    index.section("Projection", PROJECTION).oneOf("ProjectionType", "ALL");
    return new Index(index.text("IndexName"), key(index));
  }

  private Optional<String> expiry() {
    if (table.value("TimeToLiveSpecification").isEmpty()) {
      return Optional.empty();
    }
    Section expiry = table.section("TimeToLiveSpecification", EXPIRY);
    boolean enabled = expiry.oneOf("Enabled", "true", "false").equals("true");
    return enabled ? Optional.of(expiry.text("AttributeName")) : Optional.empty();
  }
}
