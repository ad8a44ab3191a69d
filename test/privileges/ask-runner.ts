/** Sends what it reads on stdin to the runner's socket, and prints what comes back until the connection is closed. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [path = ''] = process.argv.slice(2);
const socket = connect({ path });
socket.on('connect', () => socket.write(readFileSync(0)));
socket.on('data', (chunk) => process.stdout.write(chunk));
socket.on('error', ({ message }) => process.stdout.write(`${message}\n`));
socket.on('close', () => process.exit(0));
