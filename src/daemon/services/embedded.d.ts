/** What the build makes and the executable embeds. */
declare module '*/build/openapi.txt' {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: what an import of a file is
  export default path;
}
