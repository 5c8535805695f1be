interface JSON {
  /** ECMAScript proposal "JSON.parse source text access", in Node.js since 22; TypeScript does not declare it yet. */
  rawJSON(text: string): unknown;
}
