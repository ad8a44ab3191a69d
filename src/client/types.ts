/** The API's answers and the stream's messages: types alone, so that the client compiles in a browser. */
export type * from '../core/view/types.ts';
