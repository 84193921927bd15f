/**
 * One Socket.IO connection: requests with an answer, messages from the server, and the news that it is gone.
 *
 * It never reconnects by itself: the session decides when, because only it knows the resume token. WebSocket only, as the server speaks.
 */

import { io, type Socket } from 'socket.io-client';
import { Emitter, type Listener, type Stop } from './emitter';
import { Refused, Unanswered, type Refusal } from './refusal';

export interface Signalling {
  /** Ask and get `data` of the answer. Rejects with `Refused` or `Unanswered`. */
  request<Answer = unknown>(name: string, payload?: object, timeoutMs?: number): Promise<Answer>;
  /** Say something without waiting, for instance while the page goes away. */
  tell(name: string, payload?: object): void;
  on(name: string, listener: Listener<unknown>): Stop;
  /** Called once, when the connection is gone for whatever reason but `close`. */
  onLost(listener: Listener<string>): Stop;
  close(): void;
}

/** Open a connection. Rejects with `Refused` when the server will not have this browser (not logged in), else with `Unanswered`. */
export type Connect = (url: string | null) => Promise<Signalling>;

const CONNECT_MS = 8_000;
const ANSWER_MS = 10_000;

export const connectSocket: Connect = (url) =>
  new Promise((resolve, reject) => {
    const socket = io(url ?? '/', { transports: ['websocket'], reconnection: false, forceNew: true, timeout: CONNECT_MS, withCredentials: true });
    const failed = (error: Error) => {
      socket.close();
      reject(explain(error));
    };
    socket.once('connect_error', failed);
    socket.once('connect', () => {
      socket.off('connect_error', failed);
      resolve(new SocketSignalling(socket));
    });
  });

/** Socket.IO's middleware errors carry what the server attached as `data`. */
function explain(error: Error & { data?: unknown }): Error {
  const refusal = refusalIn(error.data);
  return refusal ? new Refused(refusal) : new Unanswered(error.message);
}

function refusalIn(value: unknown): Refusal | null {
  if (typeof value !== 'object' || value === null) return null;
  const inner = 'refusal' in value ? (value as { refusal: unknown }).refusal : value;
  if (typeof inner !== 'object' || inner === null || !('code' in inner)) return null;
  return inner as Refusal;
}

interface Answer {
  ok: boolean;
  data?: unknown;
  refusal?: Refusal;
}

class SocketSignalling implements Signalling {
  readonly #socket: Socket;
  readonly #lost = new Emitter<{ lost: string }>();
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once('disconnect', (reason) => this.#lose(reason));
  }

  async request<T>(name: string, payload: object = {}, timeoutMs = ANSWER_MS): Promise<T> {
    if (this.#closed || !this.#socket.connected) throw new Unanswered(name);
    const answer = await this.#ask(name, payload, timeoutMs);
    if (answer.ok) return answer.data as T;
    throw new Refused(answer.refusal ?? { code: 'unknown', message: { zh: '', en: '' } });
  }

  async #ask(name: string, payload: object, timeoutMs: number): Promise<Answer> {
    try {
      return (await this.#socket.timeout(timeoutMs).emitWithAck(name, payload)) as Answer;
    } catch {
      throw new Unanswered(name);
    }
  }

  tell(name: string, payload: object = {}): void {
    if (this.#socket.connected) this.#socket.emit(name, payload);
  }

  on(name: string, listener: Listener<unknown>): Stop {
    this.#socket.on(name, listener);
    return () => this.#socket.off(name, listener);
  }

  onLost(listener: Listener<string>): Stop {
    return this.#lost.on('lost', listener);
  }

  close(): void {
    this.#closed = true;
    this.#lost.clear();
    this.#socket.close();
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lost.emit('lost', reason);
    this.#lost.clear();
  }
}
