package dev.skein.faults;

import java.util.function.IntFunction;

/**
 * One way in which a provider fails.
 *
 * @param family the group that it belongs to
 * @param name unique, with words joined by hyphens
 * @param wire the kind of reply in which it occurs
 * @param target where the base URL leads
 * @param replies the server's reply to each attempt of a call, counted from 1
 */
public record Fault(
    String family, String name, Wire wire, Target target, IntFunction<ScriptedReply> replies) {

  /** A kind of reply. */
  public enum Wire {
    WHOLE,
    STREAM,
    ANY;

    /** Whether it includes streamed replies, or whole ones. */
    public boolean has(boolean streaming) {
      return this == ANY || (this == STREAM) == streaming;
    }
  }

  /** Where a base URL leads. */
  public enum Target {
    /** To the scripted model. */
    MODEL,
    /** To a port on which nobody listens. */
    REFUSED,
    /** To a host that does not exist. */
    UNKNOWN_HOST,
    /** To a host that neither accepts nor refuses connections. */
    BLACK_HOLE,
    /** To a TLS server with a self-signed certificate. */
    SELF_SIGNED,
    /** To a server without TLS, by an https URL. */
    NO_TLS
  }
}
