/** Paths of the API with their parameters and query. Pure. */

/** Values of a query; those that are undefined are left out. */
export type QueryValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/api/v1/interfaces/{name}` with `{ name: 'eth 0' }` is `/api/v1/interfaces/eth%200`. Throws for a missing one. */
export function fillPath(template: string, parameters: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = parameters[key];
    if (value === undefined) throw new Error(`${template} needs ${key}`);
    return encodeURIComponent(value);
  });
}

/** `?a=1&b=x`, in the order of the keys; '' without a value. */
export function encodeQuery(query: QueryValues): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** `<epoch>/<seq>` as a record is named, in the spelling of URLs and headers: `<epoch>.<seq>`. */
export const cursorOf = (id: string): string => id.replace('/', '.');

/** The two parts of `<epoch>.<seq>` or `<epoch>/<seq>`; undefined if it is neither. */
export function parseCursor(text: string): { readonly epoch: string; readonly seq: number } | undefined {
  const match = /^([^./]+)[./](\d+)$/.exec(text);
  const [, epoch, digits] = match ?? [];
  if (epoch === undefined || digits === undefined) return undefined;
  return { epoch, seq: Number(digits) };
}
