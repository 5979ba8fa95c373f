package dev.skein.base;

/** An environment variable that cannot be used. Its message names it and says what it needs. */
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A misfit of one variable.
   *
   * @param variable the variable's name
   * @param problem what is wrong and what is needed; holds no secret
   */
  public InvalidSettingException(String variable, String problem) {
    super(variable + " " + problem);
  }
}
