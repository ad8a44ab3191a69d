/**
 * Files of build/web, which `tools/web.ts` makes: embedded into the executable, known by a path at run time. Here, so
 * that the types can be checked before anything is built.
 */
declare module '*/build/web/index.html' {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: what an import of a file is
  export default path;
}
declare module '*/build/web/app.js' {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: what an import of a file is
  export default path;
}
declare module '*/build/web/app.css' {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: what an import of a file is
  export default path;
}
declare module '*/build/web/manifest.json' {
  const files: readonly {
    readonly path: string;
    readonly file: string;
    readonly contentType: string;
    readonly etag: string;
  }[];
  // biome-ignore lint/style/noDefaultExport: what an import of a file is
  export default files;
}
