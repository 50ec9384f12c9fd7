/** The server cannot start; `message` names the setting that helps. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
