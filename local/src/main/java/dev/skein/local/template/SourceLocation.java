package dev.skein.local.template;

/**
 * The position of a value in the template.
 *
 * @param file the template's file name, without its folder
 * @param line counted from 1
 * @param path keys joined by dots, with {@code [n]} for list items; empty for the whole file
 */
record SourceLocation(String file, int line, String path) {

  SourceLocation key(String key, int line) {
    return new SourceLocation(file, line, path.isEmpty() ? key : path + "." + key);
  }

  SourceLocation item(int index, int line) {
    return new SourceLocation(file, line, path + "[" + index + "]");
  }

  TemplateException error(String message) {
    String prefix = path.isEmpty() ? "" : path + ": ";
    return new TemplateException(file + ":" + line + ": " + prefix + message);
  }
}
