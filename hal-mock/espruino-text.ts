/**
 * Searching in text as the interpreter does it (jswrap_string.c): where the text ends, its end need only agree with the
 * beginning of what is sought. So "1100".indexOf("01") is 3, and includes(), replace() and replaceAll() of a text rest on
 * the same; lastIndexOf(), startsWith(), endsWith() and split() do not (run).
 */

/** -1 when it is not found; nothing is ever found at the end of the text itself. */
export function indexOf(text: string, part: string, from = 0): number {
  if (part.length > text.length) return -1
  const lastStart = text.length - part.length + 1
  for (let at = Math.max(0, Math.min(from, lastStart)); at < text.length; at++) {
    if (part.startsWith(text.slice(at, at + part.length))) return at
  }
  return -1
}

/** The first one replaced, or all; $ means nothing here. */
export function replace(text: string, part: string, by: string, isEach: boolean): string {
  let result = text
  for (let at = indexOf(result, part); at >= 0; at = isEach ? indexOf(result, part, at + by.length) : -1) {
    result = result.slice(0, at) + by + result.slice(at + part.length)
  }
  return result
}
