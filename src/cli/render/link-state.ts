/** The sign beside the state of a link, so that colour is never alone. Pure. */
import type { Paint } from './paint.ts';

/** `●` the link works, `◐` in part, `✗` it does not, `○` it is off. */
export function stateSign(state: string, paint: Paint): string {
  switch (state) {
    case 'routable':
      return paint.good('●');
    case 'carrier':
    case 'degraded':
    case 'enslaved':
      return paint.good('◐');
    case 'off':
    case 'missing':
      return paint.dim('○');
    case 'no-carrier':
      return paint.bad('✗');
    default:
      return paint.warn('◐');
  }
}
