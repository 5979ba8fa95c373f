package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;

/** A number that fits a schema: its bounds and its {@code multipleOf}. */
final class SampleNumber {
  private SampleNumber() {}

  /** 0 if it is allowed, else the allowed number that is next to it. */
  static long integer(JsonNode schema) {
    double least = Math.ceil(bound(schema, "minimum", Double.NEGATIVE_INFINITY));
    double above = Math.floor(bound(schema, "exclusiveMinimum", Double.NEGATIVE_INFINITY)) + 1;
    double most = Math.floor(bound(schema, "maximum", Double.POSITIVE_INFINITY));
    double below = Math.ceil(bound(schema, "exclusiveMaximum", Double.POSITIVE_INFINITY)) - 1;
    return (long) nearest(schema, Math.max(least, above), Math.min(most, below));
  }

  /** As {@link #integer}, but bounds may be fractions. */
  static double number(JsonNode schema) {
    double least = bound(schema, "minimum", Double.NEGATIVE_INFINITY);
    double above = bound(schema, "exclusiveMinimum", Double.NEGATIVE_INFINITY);
    double most = bound(schema, "maximum", Double.POSITIVE_INFINITY);
    double below = bound(schema, "exclusiveMaximum", Double.POSITIVE_INFINITY);
    double low = above >= least ? Math.floor(above) + 1 : least;
    double high = below <= most ? Math.ceil(below) - 1 : most;
    if (low > high) { // no integer between two exclusive bounds
      low = (Math.max(least, above) + Math.min(most, below)) / 2;
      high = low;
    }
    return nearest(schema, low, high);
  }

  private static double nearest(JsonNode schema, double low, double high) {
    double step = schema.path("multipleOf").asDouble();
    double value = Math.max(low, Math.min(0, high));
    if (step <= 0) {
      return value;
    }
    return value == low ? Math.ceil(value / step) * step : Math.floor(value / step) * step;
  }

  private static double bound(JsonNode schema, String name, double otherwise) {
    JsonNode bound = schema.path(name);
    return bound.isNumber() ? bound.doubleValue() : otherwise;
  }
}
