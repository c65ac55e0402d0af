import { isSignedOut, type LiveStatus } from "#client/live-status.ts";

export type SaveState = "saved" | "saving" | "offline" | "connecting" | "refused" | "read-only";

/** What the toolbar says about one's work, and the sentence behind it. */
export type SaveWords = { readonly state: SaveState; readonly text: string; readonly sentence: string };

/** @param waiting own changes in all layers that the server has not called durable */
export function saveWords(status: LiveStatus | null, waiting: number): SaveWords {
  if (status === null) return viewOnly("This layer is not yours to draw in.");
  if (status.connection === "refused") return refused(status.code, waiting);
  if (status.code === "page-outdated") return outdated(waiting);
  if (status.connection === "offline" || (status.connection === "connecting" && waiting > 0)) return offline(waiting);
  if (!status.synced) {
    return { state: "connecting", text: "Connecting", sentence: "The layer is on its way from the server." };
  }
  if (status.write === false && status.waiting > 0) return notTaken(status);
  if (waiting > 0) {
    const sentence = `${itIs(waiting)} sent to the server, which has not said yet that ${waiting === 1 ? "it is" : "they are"} on its disk.`;
    return { state: "saving", text: `Saving ${changes(waiting)}`, sentence };
  }
  if (status.write === false) return viewOnly(whyNotWritable(status.code, status.detail));
  return { state: "saved", text: "Saved", sentence: "Everything that you drew is on the server's disk." };
}

export function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

function itIs(count: number): string {
  return count === 1 ? "1 change is" : `${count} changes are`;
}

function viewOnly(sentence: string): SaveWords {
  return { state: "read-only", text: "View only", sentence };
}

function offline(waiting: number): SaveWords {
  const rest = "You can go on drawing; the connection is tried again by itself.";
  if (waiting === 0) return { state: "offline", text: "Offline", sentence: `The server does not answer. ${rest}` };
  const sentence = `The server does not answer. ${itIs(waiting)} kept on this computer and sent when it does. ${rest}`;
  return { state: "offline", text: `Offline · ${changes(waiting)} waiting`, sentence };
}

function notTaken({ code, detail, waiting }: LiveStatus): SaveWords {
  if (code === "layer-full") {
    const sentence = `${whyNotWritable(code, detail)} ${itIs(waiting)} kept on this computer and sent when there is room.`;
    return { state: "refused", text: `Layer full · ${changes(waiting)} kept`, sentence };
  }
  const sentence = `${whyNotWritable(code, detail)} ${itIs(waiting)} not on the server and will not be taken as things stand.`;
  return { state: "refused", text: `${changes(waiting)} not taken`, sentence };
}

/** @param waiting own changes, which are sent by the page as it is after a reload */
function outdated(waiting: number): SaveWords {
  const kept = waiting === 0 ? "" : ` · ${changes(waiting)} kept`;
  const keptSentence = waiting === 0 ? "" : ` ${itIs(waiting)} kept on this computer and will be sent after that.`;
  const sentence = `This page is of another version than the server. Reload it to go on.${keptSentence}`;
  return { state: "refused", text: `Reload to go on${kept}`, sentence };
}

function refused(code: string | null, waiting: number): SaveWords {
  const kept = waiting === 0 ? "" : ` · ${changes(waiting)} kept here`;
  const keptSentence = waiting === 0 ? "" : ` ${itIs(waiting)} kept on this computer.`;
  const [text, sentence] = whyRefused(code);
  return { state: "refused", text: `${text}${kept}`, sentence: `${sentence}${keptSentence}` };
}

function whyRefused(code: string | null): readonly [text: string, sentence: string] {
  if (isSignedOut(code)) return ["Signed out", "You are not signed in here any more."];
  switch (code) {
    case "not-allowed":
    case "not-found":
      return ["No longer yours to see", "This layer was removed, or you may not see it any more."];
    case "update-refused":
      return ["Changes refused", "The server refused a change as not yours to make."];
    case "layer-full":
      return ["Layer full", "This layer holds as much as a layer may."];
    case "frame-too-large":
      return ["Change too large", "One of your changes is larger than the server accepts."];
    default:
      return [`Not connected (${code ?? "refused"})`, "The server ended the connection and does not want it as it is."];
  }
}

function whyNotWritable(code: string | null, detail: LiveStatus["detail"]): string {
  switch (code) {
    case "layer-locked":
      return "This read has been submitted and can no longer be changed.";
    case "layer-full":
      return `${howFull(detail)} Something has to be deleted before more can be drawn in it.`;
    default:
      return "Your role does not let you draw in this layer.";
  }
}

function howFull(detail: LiveStatus["detail"]): string {
  const { mostBytes, mostItems } = detail ?? {};
  if (typeof mostBytes === "number") {
    return `This layer holds as much as a layer may: ${(mostBytes / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 })} MB.`;
  }
  if (typeof mostItems === "number") {
    return `This layer holds as much as a layer may: ${mostItems.toLocaleString("en")} entries.`;
  }
  return "This layer holds as much as a layer may.";
}
