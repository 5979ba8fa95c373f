package dev.skein.local.template;

/**
 * The template cannot be run locally. The message is for its author: {@code template.yaml:LINE:
 * Resources.Name.Properties.Key: the problem; the fix}.
 */
public final class TemplateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TemplateException(String message) {
    super(message);
  }
}
