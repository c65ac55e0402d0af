/** What is known of a line to the server. Times as `Date.now()`. */
export type LineState = {
  readonly phase: "connecting" | "open" | "closed";
  /** When this phase began. */
  readonly since: number;
  readonly heardAt: number;
  /** The whole stored document is here: from now on the server is never silent for long. */
  readonly synced: boolean;
};

const EVERY_MS = 500;
/** The server sends something every 2.5 s. With the spread and the pause between looks a dead line shows within 5 s. */
const SILENCE_MS = 4_000;
const SILENCE_SPREAD_MS = 500;
/** One large document is one message, and nothing is seen of it until it is whole. */
const FIRST_SILENCE_MS = 20_000;
const HANDSHAKE_MS = 10_000;
/** A line on which nothing came for so long when the person comes back is not trusted. */
const WAKING_SILENCE_MS = 3_000;
/** Looks further apart than this mean that the page slept, or was busy. */
const SLEPT_MS = 2_000;
/** Lets messages in that came while the page was busy, before it is judged. */
const AFTER_SLEEP_MS = 250;

/**
 * Notices what no event tells: a line that has gone silent, a handshake that nobody answers, a computer that slept.
 * @param onDead the line is to be given up and made anew, at once
 * @param onWake somebody is here again, or the network is: the next attempt need not wait
 * @returns stops watching
 */
export function watchLine(state: () => LineState, onDead: () => void, onWake: () => void): () => void {
  const silence = SILENCE_MS + Math.random() * SILENCE_SPREAD_MS;
  let lastLook = Date.now();
  let pause: ReturnType<typeof setTimeout> | undefined;
  const judge = () => {
    pause = undefined;
    if (isDead(state(), silence)) onDead();
  };
  const timer = setInterval(() => {
    const slept = Date.now() - lastLook > SLEPT_MS;
    lastLook = Date.now();
    if (!slept) judge();
    else pause ??= setTimeout(judge, AFTER_SLEEP_MS);
  }, EVERY_MS);
  const wake = () => {
    const { phase, heardAt } = state();
    const trusted = phase === "open" && Date.now() - heardAt <= WAKING_SILENCE_MS;
    if (!trusted) onWake();
  };
  const stopListening = listenToWaking(wake, onWake);
  return () => {
    clearInterval(timer);
    clearTimeout(pause);
    stopListening();
  };
}

function isDead({ phase, since, heardAt, synced }: LineState, silence: number): boolean {
  if (phase === "closed") return false;
  if (phase === "connecting") return Date.now() - since > HANDSHAKE_MS;
  return Date.now() - Math.max(since, heardAt) > (synced ? silence : FIRST_SILENCE_MS);
}

/** After a change of network an open line is as good as dead, however lately it spoke. */
function listenToWaking(onSeen: () => void, onNetwork: () => void): () => void {
  if (typeof window === "undefined") return () => undefined;
  const seen = () => {
    if (document.visibilityState === "visible") onSeen();
  };
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("resume", seen);
  window.addEventListener("pageshow", seen);
  window.addEventListener("online", onNetwork);
  return () => {
    document.removeEventListener("visibilitychange", seen);
    document.removeEventListener("resume", seen);
    window.removeEventListener("pageshow", seen);
    window.removeEventListener("online", onNetwork);
  };
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How long to wait before the next attempt, ms: doubles up to 5 s, and is spread over its upper half so that a room does
 * not come back in one moment.
 * @param failures attempts in a row that led to nothing
 */
export function pauseBefore(failures: number, random = Math.random): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
  return longest * (0.5 + 0.5 * random());
}
