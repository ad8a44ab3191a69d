/** Markdown, as far as the project's pages use it, as man(7) macros. */

/** Text as roff takes it: nothing in it is a request or an escape. */
export const literal = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

/** A line of Markdown: `code` in bold, targets of links left out. */
export const inline = (text: string): string =>
  literal(text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\\|', '|')).replaceAll(
    /`([^`]+)`/g,
    '\\fB$1\\fR',
  );

/** Lines that keep their breaks. */
export const preformatted = (lines: readonly string[]): readonly string[] => [
  '.PP',
  '.nf',
  ...lines.map((line) => literal(`    ${line}`)),
  '.fi',
];

/** A term and what it means. */
export const entry = (term: string, meaning: string): readonly string[] => [
  '.TP',
  inline(term),
  inline(meaning),
];

/** The head of a page. */
export const heading = (page: string, section: number, version: string, what: string): readonly string[] => [
  `.TH ${page} ${section} "" "netevd ${version}"`,
  '.SH NAME',
  `${literal(page)} \\- ${what}`,
];

const cells = (line: string): readonly string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** A row of a table: the first cell is the term; those between first and last are named by their columns. */
function row(line: string, columns: readonly string[]): readonly string[] {
  const [name = '', ...rest] = cells(line);
  const last = rest.pop() ?? '';
  const between = rest.map((cell, at) => `${columns[at + 1]}: ${cell}`).join('; ');
  return ['.TP', inline(name), ...(between === '' ? [] : [inline(between), '.br']), inline(last)];
}

/** Turns blocks into macros, line by line. */
class Converter {
  readonly lines: string[] = [];
  #fenced: string[] | undefined;
  #indented: string[] = [];
  #columns: readonly string[] | undefined;

  take(line: string): void {
    if (line.startsWith('```')) {
      if (this.#fenced !== undefined) this.lines.push(...preformatted(this.#fenced));
      this.#fenced = this.#fenced === undefined ? [] : undefined;
    } else if (this.#fenced !== undefined) this.#fenced.push(line);
    else if (/^ {4}/.test(line)) this.#indented.push(line.slice(4));
    else {
      this.endIndented();
      this.#takeBlock(line);
    }
  }

  endIndented(): void {
    if (this.#indented.length > 0) this.lines.push(...preformatted(this.#indented));
    this.#indented = [];
  }

  #takeBlock(line: string): void {
    if (line.startsWith('|')) {
      if (this.#columns === undefined) this.#columns = cells(line);
      else if (!/^\|[-|]+\|$/.test(line)) this.lines.push(...row(line, this.#columns));
      return;
    }
    this.#columns = undefined;
    if (line === '') this.lines.push('.PP');
    else if (line.startsWith('## ')) this.lines.push(`.SH "${literal(line.slice(3).toUpperCase())}"`);
    else if (line.startsWith('### ')) this.lines.push(`.SS ${literal(line.slice(4))}`);
    else if (/^[-*] /.test(line)) this.lines.push('.TP', '\\(bu', inline(line.slice(2)));
    else if (!/^(# |<!--)/.test(line)) this.lines.push(inline(line.trimStart()));
  }
}

/** The macros of a page. */
export function manFromMarkdown(text: string): readonly string[] {
  const converter = new Converter();
  for (const line of text.split('\n')) converter.take(line);
  converter.endIndented();
  const isBreak = (line: string | undefined): boolean => line === undefined || /^\.(PP|SH|SS|TP)/.test(line);
  return converter.lines.filter((line, at) => line !== '.PP' || !isBreak(converter.lines[at + 1]));
}
