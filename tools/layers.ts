/**
 * Who may import whom. Each room names what it may use; every other edge is a mistake, and says why.
 * The compiler keeps `core` and `wire` free of run-time names; this keeps the arrows between rooms.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

interface Room {
  /** Other rooms that this one may import values from. */
  readonly values: readonly string[];
  /** Other rooms that this one may import types from. */
  readonly types: readonly string[];
  /** npm packages and run-time modules; `true` for any that docs/dependencies.md lists. */
  readonly packages: readonly string[] | true;
  /** Said with each forbidden edge. */
  readonly because: string;
}

const facade = ['ports', 'core'];

const rooms: Readonly<Record<string, Room>> = {
  core: {
    values: [],
    types: [],
    packages: [],
    because: 'the core decides; what it decides must depend on facts alone, so it imports nothing',
  },
  wire: {
    values: [
      'core/model/ids',
      'core/model/address',
      'core/model/kernel-objects',
      'core/model/interface-name',
      'core/model/domain-name',
      'core/model/parsed-values',
      'core/model/routing-identity',
    ],
    types: ['core'],
    packages: [],
    because: 'codecs turn bytes into values and know neither time nor I/O',
  },
  config: {
    values: ['core'],
    types: facade,
    packages: ['yaml', 'zod', 'zod/mini', 'node:fs', 'node:path'],
    because: 'a configuration is checked before anything runs, so it cannot need what runs',
  },
  ports: {
    values: [],
    types: ['core', 'wire', 'config'],
    packages: [],
    because: 'a port is an interface alone',
  },
  sources: {
    values: ['core', 'wire', 'ports'],
    types: [...facade, 'wire', 'config'],
    packages: true,
    because: 'a source reports facts; it knows neither effects nor another source',
  },
  effects: {
    // One implementation of "may this path be obeyed" serves hooks, configuration and state directory.
    values: ['core', 'wire', 'ports', 'platform/trust'],
    types: [...facade, 'wire', 'config'],
    packages: true,
    because: 'an effect carries out what was planned; it knows neither sources nor another effect',
  },
  store: {
    values: ['core', 'ports'],
    types: facade,
    packages: true,
    because: 'the store keeps what the core gave it',
  },
  observe: {
    values: ['core', 'ports'],
    types: [...facade, 'config'],
    packages: true,
    because: 'observers watch; nothing they do may change a decision',
  },
  migrate: {
    values: ['core', 'config', 'ports'],
    types: facade,
    packages: ['smol-toml', 'yaml'],
    because: 'a migration is planned from what was read; the command reads and writes',
  },
  cli: {
    values: [
      'client',
      'migrate',
      'core',
      'config',
      'effects',
      'observe',
      'platform',
      'wire',
      'sources',
      'ports',
      '../package.json',
      'exit-code',
    ],
    types: [...facade, 'config', 'global-options'],
    packages: true,
    because: 'a command is a thin client; it has no business in the store or the daemon',
  },
  'cli/remote': {
    values: ['cli/remote', 'cli/render', 'client', 'core/model/nearest', 'observe/log/escape', 'exit-code'],
    types: [],
    packages: ['yaml'],
    because: 'a command that asks the daemon knows its API alone; the machine comes in by RemoteWorld',
  },
  platform: {
    values: ['wire', 'core', 'ports'],
    types: ['core', 'ports', 'wire'],
    packages: true,
    because: 'the platform implements ports and decides nothing',
  },
  daemon: {
    values: [
      'core',
      'config',
      'ports',
      'sources',
      'effects',
      'store',
      'observe',
      'platform',
      'api',
      'web/assets',
      'wire/prometheus',
      'exit-code',
      '../package.json',
      '../build/openapi.txt',
    ],
    types: ['global-options'],
    packages: ['node:fs', 'node:path'],
    because: 'the daemon puts the parts together; what they do is in their rooms, and none of them knows it',
  },
  api: {
    values: ['core', 'ports', 'wire/prometheus'],
    types: [...facade, 'config', 'observe/status'],
    // The schemas are for the build and for tests; the daemon does not load them.
    packages: ['zod'],
    because: 'the API reads snapshot, views and records, and calls control; it knows nobody who works',
  },
  client: {
    values: [],
    types: ['core/view'],
    packages: ['eventsource-parser'],
    because: 'the client runs in a browser too, so it knows neither the daemon nor the run time',
  },
  web: {
    values: ['client', '../build/web'],
    types: ['client'],
    packages: ['preact', 'preact/hooks', '@preact/signals', 'node:fs'],
    because: 'the dashboard runs in a browser and knows the daemon by its API alone',
  },
  testing: {
    // Log lines are found by the names of their message ids.
    values: ['core', 'wire', 'ports', 'observe/log'],
    types: ['core', 'ports', 'wire', 'config', 'migrate', 'client'],
    packages: true,
    because: 'fakes stand for ports, not for each other',
  },
};

export interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly reason: string;
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\s+from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

export function importsOf(source: string): Import[] {
  const found: Import[] = [];
  for (const match of source.matchAll(importPattern)) {
    found.push({ specifier: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined });
  }
  return found;
}

/** Every forbidden import below `root`, which holds the rooms as its folders. Tests beside the code are free. */
export function checkLayers(root: string): Violation[] {
  const violations: Violation[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || /\.test\.tsx?$/.test(entry.name)) continue;
    const file = relative(root, join(entry.parentPath, entry.name));
    const source = readFileSync(join(root, file), 'utf8');
    for (const found of importsOf(source)) {
      const reason = judge(file, found);
      if (reason !== undefined) violations.push({ file, imports: found.specifier, reason });
    }
    if (namesBun(source) && !mayNameBun(file)) {
      violations.push({
        file,
        imports: 'Bun',
        reason: 'only the platform, the store and the API server may name the runtime',
      });
    }
    if (readsClock(source) && !mayReadClock(file)) {
      violations.push({
        file,
        imports: 'the clock or chance',
        reason: 'time and chance come in through ports/clock.ts, so that tests decide about both',
      });
    }
  }
  return violations;
}

function judge(file: string, found: Import): string | undefined {
  const [name = '', folder = ''] = file.split('/');
  if (!file.includes('/')) return undefined;
  const room = rooms[`${name}/${folder}`] ?? rooms[name];
  if (room === undefined) return `'${name}' is not a room of the house`;
  if (!found.specifier.startsWith('.')) {
    if (room.packages === true || room.packages.includes(found.specifier)) return undefined;
    return room.because;
  }
  const target = normalize(join(dirname(file), found.specifier)).replace(/\.tsx?$/, '');
  const targetRoom = target.split('/')[0] ?? '';
  const isSameRoom = targetRoom === name && room === rooms[name];
  if (isSameRoom) return sibling(file, target) ? room.because : undefined;
  const allowed = found.typeOnly ? [...room.types, ...room.values] : room.values;
  return allowed.some((path) => target === path || target.startsWith(`${path}/`)) ? undefined : room.because;
}

/** Sources and effects are lanes of their own: rtnetlink/ knows nothing of networkd/. */
function sibling(file: string, target: string): boolean {
  const [room, lane] = file.split('/');
  if (room !== 'sources' && room !== 'effects') return false;
  const targetLane = target.split('/');
  return (
    file.split('/').length > 2 &&
    targetLane.length > 2 &&
    targetLane[1] !== lane &&
    targetLane[1] !== 'shared'
  );
}

const namesBun = (source: string): boolean =>
  /\bBun\.[a-z]/.test(source) || /from ['"]bun(:[a-z]+)?['"]/.test(source);
const readsClock = (source: string): boolean =>
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b/.test(source);
const mayReadClock = (file: string): boolean => /^(platform|testing|web\/page|cli|daemon)\//.test(file);
const mayNameBun = (file: string): boolean => /^(platform|store|testing)\/|^api\/server/.test(file);
