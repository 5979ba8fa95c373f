package dev.skein.faults;

import java.util.function.IntFunction;

/**
 * One way in which a provider fails.
 *
 * @param family the kind that it belongs to
 * @param name its own, with words joined by hyphens
 * @param wire in which kind of reply it can be met
 * @param target where the base URL leads
 * @param replies what the server does with each attempt of a call, counted from 1
 */
public record Fault(
    String family, String name, Wire wire, Target target, IntFunction<ScriptedReply> replies) {

  /** A kind of reply. */
  public enum Wire {
    WHOLE,
    STREAM,
    ANY;

    /** Whether this one can be met when a stream is asked for, or is not. */
    public boolean has(boolean streaming) {
      return this == ANY || (this == STREAM) == streaming;
    }
  }

  /** Where a base URL leads. */
  public enum Target {
    /** To the server that answers as it is told. */
    MODEL,
    /** To a port on which nobody listens. */
    REFUSED,
    /** To a host that does not exist. */
    UNKNOWN_HOST,
    /** To a host that takes no connection and refuses none. */
    BLACK_HOLE,
    /** To a TLS server whose certificate nobody vouches for. */
    SELF_SIGNED,
    /** To a server that speaks no TLS, by an https URL. */
    NO_TLS
  }
}
