import manifest from '../../package.json' with { type: 'json' };

/** The program's version, from package.json when it was built. */
export const version: string = manifest.version;
