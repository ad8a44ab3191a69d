/** The API's answers and the stream's messages: only types, so the client compiles in a browser. */
export type * from '../core/view/types.ts';
